"""What is drafted is what was shown: it is booked with the money just so, whatever becomes of the service meanwhile."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from app.lib import clock
from app.models import Booking, Checkout, Role
from tests.support import practices
from tests.support.credit import bought, fee_of, offered, pay_with
from tests.support.late import late_payment
from tests.support.world import Caller, World

SHOWN: dict[str, Any] = {
    "price_amount": 6_005,
    "free_cancel_hours": 48,
    "later_tiers": ((6, 50),),
    "meeting_kind": "in_person",
}
OTHER: dict[str, Any] = {
    "title": "Something else",
    "mode_code": "pay_after",
    "minutes": 30,
    "step_minutes": 60,
    "price_amount": 9_000,
    "free_cancel_hours": 720,
    "later_tiers": (),
    "meeting_kind": "in_person",
    "meeting_where": "Another street",
}


def _drafted(world: World) -> tuple[Caller, Caller, int, dict[str, Any]]:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book", **SHOWN, meeting_where="Kenyatta Avenue 1")
    return owner, client, service, world.book(client, service)


def _length(booking: Booking) -> float:
    return (booking.ends_at - booking.starts_at).total_seconds() / 60


def test_nobody_else_gives_up_a_draft_or_the_payment_for_it(world: World) -> None:
    """Staff neither: what is not booked yet is its client's alone, and so is the page at the gateway."""
    _, client, _, made = _drafted(world)
    begun = world.begin(client, made["checkout"]["id"])
    for who in (world.person(Role.STAFF), world.practitioner(), world.person()):
        assert who.post(f"/checkouts/{made['checkout']['id']}/cancel").status_code == 404
    [session] = world.sandbox.sandbox.store.all("session")
    assert (session["id"], session["status"]) == (begun["next"]["provider_ref"], "open")


@pytest.mark.parametrize("places", [1, 3])
def test_one_instant_written_with_two_offsets_is_one_wish(world: World, places: int) -> None:
    """Finding 15: one bill, whether it is asked for in UTC or by the clock in Nairobi."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", places=places)
    start = world.start(service)
    theirs = datetime.fromisoformat(start).astimezone(timezone(timedelta(hours=3))).isoformat()
    assert theirs != start
    bills = {world.book(client, service, each)["checkout"]["id"] for each in (start, theirs, start)}
    assert len(bills) == len(world.all(Checkout)) == 1


def test_places_that_were_shown_are_booked_although_the_service_has_fewer_by_now(world: World) -> None:
    """The kind of finding 3: the money books just what was shown."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book", places=4)
    made = world.book(client, service, places=4)
    practices.edit(world, owner, service, places=2)
    world.act(world.begin(client, made["checkout"]["id"]))
    assert [(row.status.value, row.places) for row in world.all(Booking)] == [("confirmed", 4)]


def test_a_service_edited_while_the_client_pays_is_booked_as_it_was_shown(world: World) -> None:
    owner, client, service, made = _drafted(world)
    begun = world.begin(client, made["checkout"]["id"])
    practices.edit(world, owner, service, **OTHER)
    with fee_of(world, 50):
        world.act(begun)
    [booking] = world.all(Booking)
    assert (booking.status, booking.mode_code, booking.title) == ("confirmed", "pay_then_book", "Single session")
    assert (_length(booking), booking.price_amount, booking.fee_amount) == (60, 6_005, 601)
    assert (booking.policy["free_cancel_hours"], booking.policy["later_tiers"]) == (48, [[6, 50]])
    assert (booking.meeting_kind, booking.meeting_where) == ("in_person", "Kenyatta Avenue 1")


def test_what_was_paid_first_is_not_billed_again_afterwards(world: World) -> None:
    owner, client, service, made = _drafted(world)
    begun = world.begin(client, made["checkout"]["id"])
    practices.edit(world, owner, service, **OTHER)
    world.act(begun)
    [booking] = client.get("/bookings").json
    world.move(seconds=(datetime.fromisoformat(booking["start"]) - clock.now()).total_seconds() + 60)
    assert owner.post(f"/bookings/{booking['id']}/start").status_code == 200
    assert owner.post(f"/bookings/{booking['id']}/complete").status_code == 200
    assert [bill.kind for bill in world.all(Checkout)] == ["draft_booking"]


def test_a_session_that_was_shortened_since_is_still_as_long_as_was_shown(world: World) -> None:
    """The whole hour must be free, although the service takes half of it by now."""
    owner, client, service, made = _drafted(world)
    start = datetime.fromisoformat(world.all(Checkout)[0].draft["start"])
    practices.edit(world, owner, service, minutes=30, step_minutes=30)
    half = (start + timedelta(minutes=30)).isoformat()
    world.booked(world.person(), world.service(owner, minutes=30, step_minutes=30), start=half)
    refused = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert (refused.status_code, refused.json["code"]) == (409, "slot_taken")


@pytest.mark.parametrize("edited", [False, True])
def test_a_draft_from_before_anything_was_kept_with_it_still_lands(world: World, edited: bool) -> None:
    """It is booked as it always was: as the service is when the money comes, at the price of the bill."""
    owner, client, service, made = _drafted(world)
    with world.rows() as session:
        checkout = session.query(Checkout).one()
        checkout.draft = {key: value for key, value in checkout.draft.items() if key != "agreed"}
        session.commit()
    begun = world.begin(client, made["checkout"]["id"])
    if edited:
        practices.edit(world, owner, service, price_amount=9_000, title="Something else")
    world.act(begun)
    [booking] = world.all(Booking)
    assert (booking.status, booking.price_amount) == ("confirmed", 6_005)
    assert booking.title == ("Something else" if edited else "Single session")


def test_a_session_of_a_package_is_priced_by_the_package(world: World) -> None:
    """The fee of what was agreed stays in proportion."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book")
    bought(world, client, offered(owner, service, 3, 16_034))
    made = world.book(client, service)
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    [booking] = world.all(Booking)
    assert (booking.price_amount, booking.fee_amount) == (5_345, 535)


def test_who_pays_second_is_offered_near_times_of_the_service_as_it_is(world: World) -> None:
    """The offer to a late payer is untouched by what the draft keeps."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    made = late_payment(world, client, service)
    assert world.checkout(client, made["checkout"]["id"])["status"] == "cancelled"
    assert world.notices(client)[-1] == "payment_offer"
