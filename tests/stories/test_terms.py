"""Cancelling under the terms of the booking: what comes back, what is kept, what is owed."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.lib import clock
from app.models import Attempt, Booking, Change, Checkout, Refund, Service
from app.services import bookings
from tests.support.credit import held
from tests.support.proofs import Pages
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

TERMS: dict[str, Any] = {
    "price_amount": 6_001,
    "free_cancel_hours": 24,
    "later_tiers": ((2, 50),),
    "no_show_percent": 25,
}


def _until(world: World, booking: dict[str, Any], **before: float) -> None:
    """It is so long before the session."""
    start = datetime.fromisoformat(booking["start"])
    world.move(seconds=(start - timedelta(**before) - clock.now()).total_seconds())


def _booked(
    world: World, mode: str = "hold_then_pay", gateway: str = "stripe", **terms: Any
) -> tuple[Caller, Caller, dict[str, Any]]:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, mode, **(TERMS | terms))
    start = world.slots(service, days=5)[-1]["start"]
    if mode == "pay_after":
        return client, owner, world.book(client, service, start)["booking"]
    return client, owner, world.booked(client, service, gateway, start=start)


def _cancelled(who: Caller, booking: dict[str, Any]) -> dict[str, Any]:
    answer = who.post(f"/bookings/{booking['id']}/cancel", {"reason": "A cold."})
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


@pytest.mark.parametrize(("hours", "back", "late"), [(30, 6_001, False), (12, 3_001, True), (1, None, True)])
def test_what_the_preview_says_is_what_comes_back(world: World, hours: int, back: int | None, late: bool) -> None:
    """S2-8, S2-22, S2-30, complaint 20: the preview and the refund are one function; late is noted."""
    client, _, booking = _booked(world)
    _until(world, booking, hours=hours)
    preview = world.booking(client, booking["id"])["if_cancelled"]
    means = [{"means": "gateway", "amount": {"amount": back, "currency": "EUR"}}] if back else []
    assert preview == {
        "back": {"amount": back or 0, "currency": "EUR"},
        "owed": None,
        "released": None,
        "not_due_any_more": None,
        "means": means,
    }
    after = _cancelled(client, booking)
    assert ([row.amount for row in world.all(Refund)], after["late"]) == ([back] if back else [], late)
    world.sweep()
    world.settle()
    assert world.booking(client, booking["id"])["money"] == {6_001: "refunded", 3_001: "partly_refunded"}.get(
        back or 0, "paid"
    )


def test_a_currency_without_cents_comes_back_in_whole_units(world: World) -> None:
    """S2-22: half of 1,005 yen is 503, in the books and at the gateway; the fee of 101 goes back to 50."""
    client, _, booking = _booked(world, currency="JPY", price_amount=1_005)
    assert (held(world, "practitioner"), held(world, "platform")) == (904, 101)
    _until(world, booking, hours=12)
    _cancelled(client, booking)
    world.sweep()
    world.settle()
    assert [(entry["kind"], entry["amount"]) for entry in world.money_taken()] == [("capture", 1_005), ("refund", 503)]
    assert (held(world, "practitioner"), held(world, "platform")) == (452, 50)


def test_the_practitioner_cancels_and_all_of_it_comes_back_however_late(world: World) -> None:
    """S2-22: only the client is bound by the terms."""
    client, owner, booking = _booked(world)
    _until(world, booking, minutes=5)
    assert _cancelled(owner, booking)["late"] is False
    assert [row.amount for row in world.all(Refund)] == [6_001]
    assert "booking_cancelled" in world.notices(client)


def test_terms_edited_later_do_not_touch_a_booking(world: World) -> None:
    """Policy as data, frozen on the booking."""
    client, _, booking = _booked(world)
    with world.rows() as session:
        service = session.query(Service).one()
        service.free_cancel_hours, service.later_tiers = 0, []
        session.commit()
    _until(world, booking, hours=12)
    assert world.booking(client, booking["id"])["if_cancelled"]["back"] == {"amount": 3_001, "currency": "EUR"}


def test_who_does_not_come_gets_back_what_the_terms_say(world: World) -> None:
    """S2-13, S2-14, X16: the fee is taken from what is held; the rest goes back."""
    _, owner, booking = _booked(world)
    _until(world, booking, minutes=-30)
    after = owner.post(f"/bookings/{booking['id']}/no-show", {"reason": "Nobody came."}).json
    assert (after["status"], [row.amount for row in world.all(Refund)]) == ("no_show", [1_501])
    [refund] = world.all(Refund)
    assert refund.reason == "no_show"


def test_what_a_no_show_costs_is_what_was_agreed_whatever_the_service_says_by_then(world: World) -> None:
    """S2-13: policy as data, frozen on the booking."""
    _, owner, booking = _booked(world)
    with world.rows() as session:
        session.query(Service).one().no_show_percent = 0
        session.commit()
    _until(world, booking, minutes=-30)
    owner.post(f"/bookings/{booking['id']}/no-show", {"reason": "Nobody came."})
    assert [row.amount for row in world.all(Refund)] == [1_501]


# ------------------------------------------------------------------------------------------------ while a difference is open

_DEARER: dict[str, Any] = {"price_amount": 6_000, "later_tiers": ((2, 50),)}


def _made_longer(world: World, **terms: Any) -> tuple[Caller, Caller, dict[str, Any]]:
    """A session of 60.00 that is paid, and that both made longer: 90.00, and 30.00 of it not paid yet."""
    client, owner, booking = _booked(world, **(_DEARER | terms))
    start = datetime.fromisoformat(booking["start"]) + timedelta(hours=4)
    path = f"/bookings/{booking['id']}/reschedule"
    assert owner.post(path, {"start": start.isoformat(), "minutes": 90}).status_code == 200
    after = client.post(f"{path}/accept").json
    assert (after["price"]["amount"], _bills(world)) == (
        9_000,
        {"booking": ("paid", 6_000), "difference": ("open", 3_000)},
    )
    return client, owner, after


def _bills(world: World) -> dict[str, tuple[str, int]]:
    return {bill.kind.value: (bill.status.value, bill.amount) for bill in world.all(Checkout)}


def _kept(world: World) -> int:
    return held(world, "practitioner") + held(world, "platform")


# What comes back in percent, what goes back of the 60.00, and what is then still to be paid.
_ENDED = [(50, 1_500, 0), (100, 6_000, 0), (31, 0, 210), (20, 0, 1_200), (0, 0, 3_000)]


@pytest.mark.parametrize(("percent", "back", "owed"), _ENDED)
def test_a_no_show_keeps_the_terms_part_of_what_was_agreed(world: World, percent: int, back: int, owed: int) -> None:
    """Finding 4: 90.00 agreed, 60.00 paid, 50 percent: 45.00 is kept to the unit, and nothing more is asked for."""
    client, owner, booking = _made_longer(world, no_show_percent=percent)
    _until(world, booking, minutes=-30)
    said = _said_of_absence(world, booking)
    assert owner.post(f"/bookings/{booking['id']}/no-show", {"reason": ""}).status_code == 200
    assert (sum(refund.amount for refund in world.all(Refund)), _still_owed(world)) == (back, owed)
    assert said == (back, owed), "what was said before is what was done"
    _pay_what_is_owed(world, client, booking)
    assert _kept(world) == 9_000 - 9_000 * percent // 100


def _said_of_absence(world: World, booking: dict[str, Any]) -> tuple[int, int]:
    with world.rows():
        found = bookings.if_no_show(bookings.fresh(UUID(booking["id"])))
        return (found.back.amount if found.back else 0, found.owed.amount if found.owed else 0)


def _still_owed(world: World) -> int:
    return sum(bill.amount for bill in world.all(Checkout) if bill.status == "open")


def _pay_what_is_owed(world: World, client: Caller, booking: dict[str, Any]) -> None:
    bill = world.booking(client, booking["id"])["checkout_id"]
    if bill is not None:
        world.act(world.begin(client, bill))
    assert _still_owed(world) == 0


@pytest.mark.parametrize(("percent", "back", "owed"), [row for row in _ENDED if 0 < row[0] < 100])
def test_cancelling_late_keeps_the_terms_part_of_what_was_agreed(
    world: World, percent: int, back: int, owed: int
) -> None:
    """Finding 4, its other half: the difference that was not paid ends with the session, and only the terms' rest is owed."""
    client, _, booking = _made_longer(world, later_tiers=((2, percent),))
    _until(world, booking, hours=12)
    said = world.booking(client, booking["id"])["if_cancelled"]
    _cancelled(client, booking)
    assert (sum(refund.amount for refund in world.all(Refund)), _still_owed(world)) == (back, owed)
    assert (said["back"]["amount"], (said["owed"] or {"amount": 0})["amount"]) == (back, owed)
    assert said["not_due_any_more"]["amount"] == 3_000
    assert _bills(world)["difference"][0] == "cancelled"
    _pay_what_is_owed(world, client, booking)
    assert _kept(world) == 9_000 - 9_000 * percent // 100


def test_who_cancels_in_time_or_gives_the_session_takes_the_difference_back_too(world: World) -> None:
    for side in (0, 1):
        two = _made_longer(world)
        _until(world, two[2], hours=30)
        _cancelled(two[side], two[2])
    assert ([refund.amount for refund in world.all(Refund)], _still_owed(world)) == ([6_000, 6_000], 0)


def test_the_pages_say_what_becomes_of_the_difference(world: World) -> None:
    """Before anything is pressed: what comes back counts from the 90.00, and the open 30.00 is asked for no more."""
    client, owner, booking = _made_longer(world, no_show_percent=50)
    _until(world, booking, hours=12)
    page = Visitor(world, client).main(f"/bookings/{booking['id']}/cancel")
    assert ("€ 15 will be refunded" in page, "€ 30 was still to be paid and is no longer due" in page) == (True, True)
    _until(world, booking, minutes=-30)
    room = Visitor(world, owner).main(f"/bookings/{booking['id']}/room")
    assert ("€ 15 will be refunded" in room, "€ 30 was still to be paid and is no longer due" in room) == (True, True)


def test_a_difference_paid_at_the_very_end_counts_as_paid(world: World) -> None:
    """The gateway is asked before the session is ended: what it has is kept and given back by the terms, not twice."""
    client, owner, booking = _made_longer(world, no_show_percent=50)
    _until(world, booking, minutes=-30)
    world.drop_callbacks()
    world.act(world.begin(client, booking["checkout_id"]))
    assert owner.post(f"/bookings/{booking['id']}/no-show", {"reason": ""}).status_code == 200
    assert _bills(world)["difference"] == ("paid", 3_000)
    assert sum(refund.amount for refund in world.all(Refund)) == 4_500
    assert _kept(world) == 4_500


def test_a_difference_paid_after_the_session_was_ended_goes_back(world: World) -> None:
    """Where the gateway knew nothing yet: an order of Razorpay's cannot be closed."""
    client, owner, booking = _made_longer(world, no_show_percent=50, currency="INR", gateway="razorpay")
    _until(world, booking, minutes=-30)
    begun = world.begin(client, booking["checkout_id"], "razorpay")
    assert owner.post(f"/bookings/{booking['id']}/no-show", {"reason": ""}).status_code == 200
    world.act(begun)
    world.sweep()
    world.settle()
    assert sorted(refund.amount for refund in world.all(Refund)) == [1_500, 3_000]
    assert _kept(world) == 4_500


@pytest.mark.parametrize(("hours", "owed"), [(30, None), (12, 3_000), (1, 6_001)])
def test_where_nothing_was_paid_the_rest_is_owed_and_blocks_the_next_booking(
    world: World, hours: int, owed: int | None
) -> None:
    """X16: a due balance where no money is held, paid like any other, and settled once."""
    client, owner, booking = _booked(world, "pay_after")
    _until(world, booking, hours=hours)
    shown = world.booking(client, booking["id"])["if_cancelled"]
    assert (shown["back"], shown["means"]) == (None, [])
    assert shown["owed"] == ({"amount": owed, "currency": "EUR"} if owed else None)
    after = _cancelled(client, booking)
    bills = world.all(Checkout)
    assert [(bill.kind, bill.amount, bill.status) for bill in bills] == ([("fee", owed, "open")] if owed else [])
    if not owed:
        return
    assert world.notices(client)[-1] == "fee_due"
    again = client.post("/bookings", {"service_id": booking["service_id"], "start": _later(world, booking)})
    assert (again.status_code, again.json["code"]) == (409, "balance_due")
    world.act(world.begin(client, after["checkout_id"]))
    assert (world.booking(client, booking["id"])["money"], world.all(Checkout)[0].status) == ("paid", "paid")
    for person in (client, owner):
        assert world.notices(person).count("due_paid") == 1


def _later(world: World, booking: dict[str, Any]) -> str:
    return str(world.slots(booking["service_id"], days=5)[-1]["start"])


def test_a_practitioner_who_cancels_a_session_paid_for_afterwards_asks_for_nothing(world: World) -> None:
    _, owner, booking = _booked(world, "pay_after")
    _until(world, booking, minutes=5)
    _cancelled(owner, booking)
    assert world.all(Checkout) == []


def test_who_did_not_come_to_a_session_paid_for_afterwards_owes_the_rest(world: World) -> None:
    """X16: 25 percent are forgiven by the terms, the rest is a debt."""
    _, owner, booking = _booked(world, "pay_after")
    _until(world, booking, minutes=-30)
    owner.post(f"/bookings/{booking['id']}/no-show", {"reason": "Nobody came."})
    assert [(bill.kind, bill.amount) for bill in world.all(Checkout)] == [("fee", 4_500)]


def test_a_debt_can_be_forgiven_by_whom_it_is_owed_to_and_by_nobody_else(world: World) -> None:
    """The practitioner decides; money that still comes goes back: an order of Razorpay's cannot be closed."""
    client, owner, booking = _booked(world, "pay_after", currency="INR")
    _until(world, booking, hours=1)
    after = _cancelled(client, booking)
    begun = world.begin(client, after["checkout_id"], "razorpay")
    path = f"/bookings/{booking['id']}/waive"
    assert [who.post(path, {"reason": ""}).status_code for who in (client, world.person())] == [404, 404]
    assert [attempt.is_live for attempt in world.all(Attempt)] == [True], "who may not forgive ends no payment either"
    assert owner.post(path, {"reason": "Get well."}).status_code == 200
    assert owner.post(path, {"reason": "Get well."}).json["code"] == "nothing_owed"
    assert "debt_waived" in world.notices(client)
    world.act(begun)
    world.sweep()
    world.settle()
    assert world.booking(client, booking["id"])["money"] == "refunded"


def test_the_page_says_what_cancelling_costs_before_it_is_pressed(world: World) -> None:
    """S2-22: in words and to the cent, with the button named by its effect; a page that is old by now says so."""
    client, _, booking = _booked(world)
    pages = Pages(world, client)
    assert ", 50% until" in pages.get(f"/bookings/{booking['id']}").text
    _until(world, booking, hours=12)
    page = pages.get(f"/bookings/{booking['id']}/cancel").text
    assert "Cancel and get €30.01 back" in page
    _until(world, booking, hours=1)
    old = pages.post(f"/bookings/{booking['id']}/cancel", {"reason": "", "shown": "30.01 EUR"})
    assert (old.status_code, world.all(Booking)[0].status) == (409, "confirmed")


def test_the_service_page_takes_steps_and_says_what_is_wrong_with_them(world: World) -> None:
    owner = world.practitioner()
    pages = Pages(world, owner)
    form = {
        "title": "Talk", "kind": "individual", "minutes": "60", "places": "1", "price": "60", "currency": "EUR",
        "mode_code": "hold_then_pay", "free_cancel_hours": "24", "active": "y",
        "tier1_percent": "50", "tier1_hours": "48",
    }  # fmt: skip
    wrong = pages.post("/practice/services/new", form)
    assert (wrong.status_code, "Each step must be later" in wrong.text, 'value="48"' in wrong.text) == (422, True, True)
    later = form | {"tier1_percent": "", "tier1_hours": "", "tier2_percent": "50", "tier2_hours": "48"}
    moved_up = pages.post("/practice/services/new", later)
    assert re.search(r'name="tier1_hours"[^>]*value="48"', moved_up.text), "the message stands where its step does"
    assert pages.post("/practice/services/new", form | {"tier1_hours": "2"}).status_code == 303
    assert world.all(Service)[0].later_tiers == [[2, 50]]
    assert "50% is refunded until 2 hours before." in pages.get(_profile(world, owner)).text


def _profile(world: World, owner: Caller) -> str:
    from app.models import Practitioner

    [practitioner] = [p for p in world.all(Practitioner) if p.user_id == owner.user_id]
    return f"/practitioners/{practitioner.slug}"


def test_every_act_is_in_the_trail(world: World) -> None:
    client, owner, booking = _booked(world, "pay_after")
    _until(world, booking, hours=1)
    _cancelled(client, booking)
    owner.post(f"/bookings/{booking['id']}/waive", {"reason": "Get well."})
    rows = [(c.subject, c.to_status, c.actor) for c in world.all(Change) if c.subject == "checkout"]
    assert rows == [("checkout", "open", "client"), ("checkout", "cancelled", "practitioner")]
