"""The mail about a cancellation: who cancelled, and what becomes of the money, for either side."""

from typing import Any

from app.models import Role
from tests.support.world import Caller, World


def _mail(world: World, who: Caller) -> str:
    world.sweep()
    [mail] = [m for m in world.mails(world.email(who)) if m["subject"].startswith("Cancelled:")]
    return " ".join(mail["text"].split())


def _cast(world: World, mode: str = "hold_then_pay", **more: Any) -> tuple[Caller, Caller, int]:
    owner, client = world.practitioner(), world.person()
    return client, owner, world.service(owner, mode, **more)


def test_who_cancelled_and_what_goes_back_is_said_to_both(world: World) -> None:
    client, owner, service = _cast(world)
    booking = world.booked(client, service)
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill."}).status_code == 200
    mine, theirs = _mail(world, client), _mail(world, owner)
    assert "Dr. Amina Otieno has cancelled this booking." in mine
    assert "You have cancelled this booking." in theirs
    assert "You get € 60 back." in mine
    assert "€ 60 is refunded to Wanjiku Kamau." in theirs


def test_where_nothing_was_taken_the_mail_says_so(world: World) -> None:
    client, owner, service = _cast(world, "approve_then_pay")
    booking = world.book(client, service)["booking"]
    assert client.post(f"/bookings/{booking['id']}/cancel").status_code == 200
    assert "You have cancelled this booking." in _mail(world, client)
    theirs = _mail(world, owner)
    assert "Wanjiku Kamau has cancelled this booking." in theirs
    assert "Nothing was charged for it." in theirs


def test_where_the_terms_keep_all_of_it_the_mail_says_so(world: World) -> None:
    client, owner, service = _cast(world)
    booking = world.booked(client, service)
    assert client.post(f"/bookings/{booking['id']}/cancel").status_code == 200
    assert "Under the cancellation terms, you do not get a refund." in _mail(world, client)
    assert "Under the cancellation terms, none of the payment is refunded." in _mail(world, owner)


def test_a_cancellation_by_staff_names_nobody_of_the_two(world: World) -> None:
    client, owner, service = _cast(world)
    booking = world.booked(client, service)
    done = world.person(Role.STAFF).post(f"/bookings/{booking['id']}/cancel", {"reason": "Asked for by phone"})
    assert done.status_code == 200, done.text
    for who in (client, owner):
        assert "Our staff have cancelled this booking." in _mail(world, who)
