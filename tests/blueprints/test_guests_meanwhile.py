"""What happens while a guest proves their address: the service changes, the time goes, and who they are is found out."""

import re
from urllib.parse import urlencode

import pytest

from app.domain.lifecycle import Actor
from app.domain.quotas import QUOTAS, Rule
from app.extensions import db
from app.models import Booking, Checkout, GuestHold, Role, SignUp, User
from app.services import practice
from app.services.accounts import rights
from app.services.core.transaction import Who
from app.services.scheduling import instant
from tests.blueprints.test_guest_bookings import Guest
from tests.support.practices import edit, withdraw
from tests.support.visitor import Visitor, token_in, words
from tests.support.world import World

_CHANGED = "have changed since you opened this page"
_DEARER = {"price_amount": 90_000}
_STRICTER = {"free_cancel_hours": 72}


def _shown(page: str) -> dict[str, str]:
    """What the form says of the terms it shows."""
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found, page
    return {"shown": found[1]}


# ------------------------------------------------------------------------------------------------ the terms change


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book", "approve_then_pay", "pay_after"])
@pytest.mark.parametrize("change", [_DEARER, _STRICTER], ids=["price", "policy"])
def test_who_proves_their_address_after_the_terms_changed_reads_the_new_ones_first(
    world: World, mode: str, change: dict[str, int]
) -> None:
    """With "pay after" a booking stood at once, at a price that nobody had seen."""
    owner = world.practitioner()
    guest = Guest(world, world.service(owner, mode))
    guest.ask(notes="About my exam")
    edit(world, owner, guest.service, **change)
    answer = guest.prove()
    assert (world.all(Booking), world.all(Checkout)) == ([], [])
    assert (answer.status_code, "About my exam" in answer.text, _CHANGED in words(answer)) == (409, True, True)
    assert (guest.free, guest.browser.is_in()) == (1, True)
    again = guest.browser.post(guest.path, guest.page, start=guest.start, places="1", **_shown(answer.text))
    assert again.status_code == 303
    assert len([*world.all(Booking), *world.all(Checkout)]) > 0


def test_a_guest_whose_page_is_older_than_the_price_keeps_nothing_and_gets_no_code(world: World) -> None:
    owner = world.practitioner()
    guest = Guest(world, world.service(owner))
    seen = _shown(guest.browser.get(guest.page).text)
    edit(world, owner, guest.service, **_DEARER)
    answer = guest.ask(**seen)
    assert (answer.status_code, _CHANGED in words(answer)) == (409, True)
    assert (world.all(SignUp), world.all(GuestHold)) == ([], [])


@pytest.mark.parametrize("mode", ["hold_then_pay", "approve_then_pay", "pay_after"])
def test_a_member_whose_page_is_older_than_the_price_reads_the_new_one_first(world: World, mode: str) -> None:
    owner = world.practitioner()
    service = world.service(owner, mode)
    member = Visitor(world, world.person())
    start = world.start(service)
    path = f"/services/{service}/book"
    seen = _shown(member.get(f"{path}?{urlencode({'start': start})}").text)
    edit(world, owner, service, **_DEARER)
    answer = member.post(path, start=start, places="1", **seen)
    assert (answer.status_code, _CHANGED in words(answer)) == (409, True)
    assert world.all(Booking) == []
    assert member.post(path, start=start, places="1", **_shown(answer.text)).status_code == 303
    assert len(world.all(Booking)) == 1


def test_a_session_at_once_is_not_asked_for_at_a_price_that_was_not_beside_the_button(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    with world.app.app_context():
        instant.switch_on(db.session.get_one(User, owner.user_id), 60)
    member = Visitor(world, world.person())
    seen = _shown(member.get(f"/services/{service}").text)
    edit(world, owner, service, **_DEARER)
    member.post(f"/services/{service}/now", **seen)
    assert _CHANGED in member.get(f"/services/{service}").text
    assert world.all(Booking) == []
    member.post(f"/services/{service}/now", **_shown(member.get(f"/services/{service}").text))
    assert len(world.all(Booking)) == 1


def test_what_the_house_takes_of_the_price_is_no_change_of_terms(world: World) -> None:
    """It is no sum that a client pays."""
    guest = Guest(world, world.service(world.practitioner()))
    guest.ask()
    before = world.app.config["PLATFORM_FEE_PERCENT"]
    world.app.config["PLATFORM_FEE_PERCENT"] = before + 1
    try:
        assert guest.prove().headers["Location"].startswith("/checkouts/")
    finally:
        world.app.config["PLATFORM_FEE_PERCENT"] = before


# ------------------------------------------------------------------------------------------------ it goes


@pytest.mark.parametrize("how", ["no longer sold", "withdrawn"])
def test_the_address_can_be_proved_though_what_was_asked_for_is_gone(world: World, how: str) -> None:
    """The page with the code was not found, so that there was no way to the account either."""
    owner = world.practitioner()
    guest = Guest(world, world.service(owner))
    guest.ask()
    page = guest.browser.get("/register/code")
    if how == "withdrawn":
        withdraw(world, owner)
    else:
        edit(world, owner, guest.service, active=False)
    wrong = guest.browser.http.post("/register/code", data={"csrf_token": token_in(page.text), "code": "12"})
    assert wrong.status_code == 422
    answer = guest.prove()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/practitioners")
    assert "can no longer be booked" in guest.browser.get("/practitioners").text
    assert guest.browser.is_in()
    assert (world.all(Booking), world.all(GuestHold)) == ([], [])


def test_another_address_can_be_given_though_what_was_asked_for_is_gone(world: World) -> None:
    owner = world.practitioner()
    guest = Guest(world, world.service(owner))
    guest.ask()
    page = guest.browser.get("/register/code")
    withdraw(world, owner)
    sent = {"csrf_token": token_in(page.text)}
    assert guest.browser.http.post(f"{guest.path}/other-address", data=sent).status_code == 303
    assert world.all(GuestHold) == []
    assert guest.browser.get("/register/code").headers["Location"] == "/register"


def test_who_comes_after_the_time_was_kept_and_taken_by_another_is_in_and_reads_so(world: World) -> None:
    guest = Guest(world, world.service(world.practitioner()))
    guest.ask(notes="About my exam")
    world.move(minutes=14)
    guest.browser.post("/register/code/again", "/register/code")
    world.move(minutes=2)
    world.book(world.person(), guest.service, guest.start)
    answer = guest.prove()
    assert (answer.status_code, guest.browser.is_in()) == (409, True)
    assert len(world.all(Booking)) == 1


# ------------------------------------------------------------------------------------------------ who they are


def test_a_client_who_is_blocked_learns_it_only_with_the_code(world: World) -> None:
    owner = world.practitioner()
    client = world.person()
    guest = Guest(world, world.service(owner), email=world.email(client))
    world.booked(client, guest.service, start=world.slots(guest.service)[-1]["start"])
    with world.app.app_context():
        practice.block(db.session.get_one(User, owner.user_id), client.user_id)
    assert guest.ask().status_code == 303
    assert guest.prove().status_code == 409
    assert (len(world.all(Booking)), guest.free) == (1, 1)


@pytest.mark.parametrize("role", ["the practitioner", "staff"])
def test_who_is_no_client_is_in_and_books_nothing(world: World, role: str) -> None:
    owner = world.practitioner()
    who = owner if role == "the practitioner" else world.person(Role.STAFF)
    guest = Guest(world, world.service(owner), email=world.email(who))
    guest.ask()
    assert guest.prove().status_code == 403
    assert (world.all(Booking), world.all(GuestHold)) == ([], [])


def test_at_the_address_of_somebody_suspended_nobody_gets_in_and_the_answer_is_as_ever(world: World) -> None:
    client = world.person()
    guest = Guest(world, world.service(world.practitioner()), email=world.email(client))
    staff = world.person(Role.STAFF)
    with world.app.app_context():
        rights.suspend(client.user_id, Who(Actor.STAFF, staff.user_id), "Because of what was written.")
    assert guest.ask().status_code == 303
    guest.prove()
    assert (guest.browser.is_in(), world.all(Booking)) == (False, [])


def test_what_a_guest_wrote_is_gone_after_a_day(world: World) -> None:
    guest = Guest(world, world.service(world.practitioner()))
    guest.ask(notes="What only the two of us read")
    world.move(hours=24, minutes=1)
    world.sweep()
    assert (world.all(SignUp), world.all(GuestHold)) == ([], [])


# ------------------------------------------------------------------------------------------------ a stranger


@pytest.mark.usefixtures("quotas")
def test_a_stranger_who_asks_all_day_keeps_a_diary_closed_for_an_hour_and_no_longer(world: World) -> None:
    """Five times, asked for again each quarter of an hour from addresses that nobody proves, closed a small diary for ever."""
    service = world.service(world.practitioner(), hold_minutes=15)
    starts = [slot["start"] for slot in world.slots(service)][:5]
    closed = 0
    for turn in range(8):
        for nth, start in enumerate(starts):
            Guest(world, service, start, f"guest{turn}-{nth}@people.test").ask(request_key=f"{turn} {nth}")
        closed += not any(world.is_free(service, start) for start in starts)
        world.move(minutes=16)
    assert closed == 4
    assert QUOTAS[Rule.GUEST_PLACES_IN_A_DIARY].most == 20


@pytest.mark.usefixtures("quotas")
def test_who_books_what_was_kept_for_them_takes_nothing_from_the_next(world: World) -> None:
    service = world.service(world.practitioner())
    most = QUOTAS[Rule.GUEST_PLACES_IN_A_DIARY].most
    for nth in range(most - 1):
        Guest(world, service, world.start(service), f"none{nth}@people.test").ask(request_key=f"none {nth}")
        world.move(minutes=16)
    for nth in range(2):
        guest = Guest(world, service, world.slots(service)[nth]["start"], f"guest{nth}@people.test")
        guest.ask(request_key=f"key {nth}")
        assert len(world.all(GuestHold)) > 0
        assert "is held for you until" in words(guest.browser.get("/register/code"))
        assert guest.prove().headers["Location"].startswith("/checkouts/")
