"""People choose what reaches them, on their profile, without script."""

import pytest

from app.models import Channel, Role, User
from app.services.backoffice import previews
from app.services.notifications import preferences
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _user(world: World, caller: Caller) -> User:
    with world.rows() as session:
        found: User = session.get_one(User, caller.user_id, populate_existing=True)
        return found


def test_a_client_switches_a_group_off_and_another_on_and_finds_it_so_again(world: World) -> None:
    """S2-24: notification switches."""
    client = world.person()
    pages = Pages(world, client)
    answer = pages.post("/profile/messages", {"reminders.mail": "on", "bookings.sms": "on", "titles": "on"})
    assert answer.status_code == 303
    user = _user(world, client)
    assert user.switches == {
        "titles": True,
        "bookings.mail": False,
        "bookings.sms": True,
        "reminders.mail": True,
        "reminders.sms": False,
        "money.sms": False,
    }
    page = pages.get("/profile").text
    assert "Your message choices are saved." in page
    assert 'name="bookings.sms" checked' in page
    assert 'name="bookings.mail" checked' not in page
    assert 'id="money-mail" checked disabled' in page


def test_what_is_switched_off_is_still_in_the_app(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    Pages(world, client).post("/profile/messages", {})
    made = world.book(client, world.service(owner, "approve_then_pay"))
    world.sweep()
    assert world.notices(client) == ["request_sent"]
    assert world.mails(world.email(client)) == []
    assert "was sent" in Pages(world, client).get("/notices").text
    assert world.mails(world.email(owner)), "others are not concerned"
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    world.sweep()
    [mail] = world.mails(world.email(client))
    assert mail["subject"].startswith("Approved: please pay"), "about money there is always a mail"
    assert world.texts() == []


@pytest.mark.parametrize(
    "kind", ["booking_confirmed", "booking_cancelled", "refund_done", "password_changed", "audit_breach"]
)
def test_what_people_must_know_cannot_be_switched_off(world: World, kind: str) -> None:
    client = world.person()
    Pages(world, client).post("/profile/messages", {})
    user = _user(world, client)
    assert preferences.wants(user, kind, Channel.MAIL)
    assert not preferences.wants(user, kind, Channel.SMS)


def test_a_choice_of_groups_that_do_not_exist_is_not_kept(world: World) -> None:
    client = world.person()
    Pages(world, client).post("/profile/messages", {"nonsense.mail": "on", "practice.sms": "on", "money.mail": ""})
    assert set(_user(world, client).switches) == {
        "titles", "bookings.mail", "bookings.sms", "reminders.mail", "reminders.sms", "money.sms",
    }  # fmt: skip


def test_the_choice_needs_a_person_and_a_token_and_twice_is_as_once(world: World) -> None:
    client, other = world.person(), world.person()
    assert world.app.test_client().post("/profile/messages").status_code in (302, 400)
    pages = Pages(world, client)
    assert pages.http.post("/profile/messages").status_code == 400
    for _ in range(2):
        assert pages.post("/profile/messages", {"bookings.sms": "on"}).status_code == 303
    assert _user(world, client).switches["bookings.sms"] is True
    assert _user(world, other).switches == {}


def test_a_damaged_choice_counts_as_none(world: World) -> None:
    client = world.person()
    with world.rows() as session:
        session.get_one(User, client.user_id).switches = {"reminders.sms": "no", "titles": "yes", "x": [1]}
        session.commit()
    user = _user(world, client)
    assert preferences.is_on(user, "reminders", Channel.SMS)
    assert not preferences.names_sessions(user)
    assert Pages(world, client).get("/profile").status_code == 200


def test_a_practitioner_finds_the_groups_of_a_practice(world: World) -> None:
    page = Pages(world, world.practitioner()).get("/profile").text
    assert "My practice" in page
    assert 'name="practice.mail" checked' in page
    assert 'id="money-mail"' not in page


def test_staff_read_every_message_in_every_language_as_it_would_be_sent(world: World) -> None:
    """Section 1 of the issue: a message template has a preview page."""
    staff = Pages(world, world.person(Role.STAFF))
    assert "/staff/messages" in staff.get("/staff").text
    page = staff.get("/staff/messages").text
    with world.app.test_request_context():
        kinds = [each.kind for each in previews.all_of("en")]
    assert all(f'id="{kind}"' in page for kind in kinds)
    assert "Approved: please pay by" in page
    assert "1 part" in page
    arabic = staff.get("/staff/messages?language=ar").text
    assert "Approved: please pay by" not in arabic or "ar" not in arabic
    assert 'lang="ar" dir="auto"' in arabic
    assert staff.get("/staff/messages?language=xx").status_code == 200
    for caller in (world.person(), world.practitioner()):
        assert Pages(world, caller).get("/staff/messages").status_code in (403, 404)


def test_looking_at_the_messages_stores_and_sends_nothing(world: World) -> None:
    """Invariant 7."""
    staff = Pages(world, world.person(Role.STAFF))
    staff.get("/staff/messages")
    world.sweep()
    assert world.mails() == world.texts() == []
    with world.rows() as session:
        assert session.query(User).count() == 1
