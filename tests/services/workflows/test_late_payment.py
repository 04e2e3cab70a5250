"""A late payer chooses: another time, credit, or the money back; once, in time, and nobody else for them (complaint 5)."""

from typing import Any

import pytest

from app.models import Attempt, Booking, Refund, Role, Service, User
from app.services.backoffice import repair
from tests.support.late import late_payment
from tests.support.world import Caller, World

MODES = [("pay_then_book", "stripe", "EUR"), ("hold_then_pay", "razorpay", "INR")]


def _choose(client: Caller, made: dict[str, Any], choice: str, start: str | None = None) -> Any:
    body = {"choice": choice} | ({"start": start} if start else {})
    return client.post(f"/checkouts/{made['checkout']['id']}/offer", body)


def _balance(client: Caller) -> list[int]:
    return [each["amount"] for each in client.get("/wallet").json["balances"]]


def _late(world: World, client: Caller, mode: str = "pay_then_book", **changes: Any) -> dict[str, Any]:
    return late_payment(world, client, world.service(world.practitioner(), mode, **changes))


@pytest.mark.parametrize(("mode", "gateway", "currency"), MODES)
def test_a_late_payer_is_offered_near_times_until_tomorrow(
    world: World, mode: str, gateway: str, currency: str
) -> None:
    client, service = world.person(), world.service(world.practitioner(), mode, currency)
    start = world.slots(service)[3]["start"]
    made = late_payment(world, client, service, gateway, start=start)
    offer = world.checkout(client, made["checkout"]["id"])["offer"]
    near = [slot["start"] for slot in offer["near"]]
    assert len(near) == 3
    assert start not in near
    assert near == sorted(near)
    assert near[0] < start < near[-1], "the nearest lie on both sides"
    refund = world.all(Refund)[0]
    assert (refund.status, refund.tries) == ("asked", 0)
    world.sweep()
    assert [e["kind"] for e in world.money_taken()] == ["capture"] * 2


@pytest.mark.parametrize(("mode", "gateway", "currency"), MODES)
def test_another_time_is_paid_with_the_late_money(world: World, mode: str, gateway: str, currency: str) -> None:
    client, service = world.person(), world.service(world.practitioner(), mode, currency)
    made = late_payment(world, client, service, gateway)
    near = world.checkout(client, made["checkout"]["id"])["offer"]["near"][0]["start"]
    answer = _choose(client, made, "slot", near)
    assert answer.status_code == 200, answer.text
    booking = answer.json["booking"]
    assert (booking["status"], booking["money"], booking["start"]) == ("confirmed", "paid", near)
    assert answer.json["checkout"]["offer"] is None
    assert _balance(client) == []
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert "refund" not in [e["kind"] for e in world.money_taken()], "the money stayed"


@pytest.mark.parametrize(("mode", "gateway", "currency"), MODES)
def test_who_comes_is_handed_over_to_the_other_time(world: World, mode: str, gateway: str, currency: str) -> None:
    """Finding 8: two named children, their places and what was written, all of it."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, mode, currency, kind="family")
    start = world.start(service)
    made = world.book(client, service, start, attendees=["Amina", "Baraka"], notes="By the door.")
    begun = world.begin(client, made["checkout"]["id"], gateway)
    if made["booking"]:
        world.move(minutes=20)
        world.sweep()
    world.booked(world.person(), service, gateway, start=start) if made["booking"] else _paid_first(
        world, service, start
    )
    world.act(begun)
    near = world.checkout(client, made["checkout"]["id"])["offer"]["near"][0]["start"]
    taken = _choose(client, made, "slot", near).json["booking"]
    assert [one["name"] for one in taken["attendees"]] == ["Amina", "Baraka"]
    assert taken["notes"] == "By the door."


def _paid_first(world: World, service: int, start: str) -> None:
    rival = world.person()
    world.act(world.begin(rival, world.book(rival, service, start)["checkout"]["id"]))


def test_the_money_is_kept_as_credit(world: World) -> None:
    """X8: the late payer chooses."""
    client = world.person()
    made = _late(world, client)
    assert _choose(client, made, "credit").json["booking"] is None
    assert _balance(client) == [6_000]
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert [e["kind"] for e in world.money_taken()] == ["capture"] * 2


def test_the_money_goes_back_now(world: World) -> None:
    client = world.person()
    made = _late(world, client)
    assert _choose(client, made, "refund").status_code == 200
    world.sweep()
    world.settle()
    assert [(e["kind"], e["amount"]) for e in world.money_taken()][-1] == ("refund", 6_000)
    assert [r.status for r in world.all(Refund)] == ["done"]
    assert _balance(client) == []


def test_who_chooses_nothing_gets_the_money_back_by_itself(world: World) -> None:
    client = world.person()
    _late(world, client)
    world.move(hours=23)
    world.sweep()
    assert [r.status for r in world.all(Refund)] == ["asked"]
    world.move(hours=2)
    world.sweep()
    world.settle()
    assert [r.status for r in world.all(Refund)] == ["done"]


@pytest.mark.in_turn
@pytest.mark.parametrize("first", ["credit", "refund", "slot"])
@pytest.mark.parametrize("second", ["credit", "refund", "slot"])
def test_a_second_choice_changes_nothing(world: World, first: str, second: str) -> None:
    client = world.person()
    made = _late(world, client)
    near = world.checkout(client, made["checkout"]["id"])["offer"]["near"]
    starts = {"slot": [slot["start"] for slot in near]}
    assert _choose(client, made, first, starts.get(first, [None])[0]).status_code == 200
    before = (_balance(client), len(world.all(Booking)), [r.means for r in world.all(Refund)])
    answer = _choose(client, made, second, starts.get(second, [None, None])[1])
    assert (answer.status_code, answer.json["code"]) == (409, "offer_closed")
    assert (_balance(client), len(world.all(Booking)), [r.means for r in world.all(Refund)]) == before


@pytest.mark.in_turn
@pytest.mark.parametrize("swept", [False, True], ids=["not swept yet", "sent"])
@pytest.mark.parametrize("choice", ["credit", "refund", "slot"])
def test_after_the_deadline_nothing_is_chosen_any_more(world: World, choice: str, swept: bool) -> None:
    """By the clock, not by a worker."""
    client = world.person()
    made = _late(world, client)
    start = world.checkout(client, made["checkout"]["id"])["offer"]["near"][-1]["start"]
    world.move(hours=24, seconds=5)
    if swept:
        world.sweep()
        world.settle()
    assert world.checkout(client, made["checkout"]["id"])["offer"] is None
    answer = _choose(client, made, choice, start if choice == "slot" else None)
    assert (answer.status_code, answer.json["code"]) == (409, "offer_closed")
    assert _balance(client) == []


def test_a_time_that_was_taken_meanwhile_leaves_the_offer_open(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    made = late_payment(world, client, service)
    near = [slot["start"] for slot in world.checkout(client, made["checkout"]["id"])["offer"]["near"]]
    rival = world.book(world.person(), service, near[0])
    assert rival["checkout"]["status"] == "open"
    other = world.person()
    theirs = world.book(other, service, near[0])
    world.act(world.begin(other, theirs["checkout"]["id"]))
    answer = _choose(client, made, "slot", near[0])
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    assert _balance(client) == []
    assert _choose(client, made, "slot", near[1]).json["booking"]["status"] == "confirmed"


def test_nobody_chooses_for_somebody_else_not_even_staff(world: World) -> None:
    """Invariant 7."""
    client = world.person()
    made = _late(world, client)
    start = world.checkout(client, made["checkout"]["id"])["offer"]["near"][0]["start"]
    for caller in (world.person(), world.practitioner(), world.person(Role.STAFF)):
        for choice in ("credit", "refund", "slot"):
            answer = _choose(caller, made, choice, start if choice == "slot" else None)
            assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert world.checkout(client, made["checkout"]["id"])["offer"] is not None


def _late_and_repriced(world: World, price: int) -> tuple[Caller, dict[str, Any], list[dict[str, Any]]]:
    """Who paid too late, and what is offered to them; the service costs something else meanwhile."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    made = late_payment(world, client, service)
    near = world.checkout(client, made["checkout"]["id"])["offer"]["near"]
    with world.rows() as session:
        session.get_one(Service, service).price_amount = price
        session.commit()
    return client, made, near


def test_a_price_that_has_risen_is_said_and_the_offer_stays(world: World) -> None:
    client, made, near = _late_and_repriced(world, 7_000)
    answer = _choose(client, made, "slot", near[0]["start"])
    assert (answer.status_code, answer.json["code"]) == (409, "price_has_risen")
    assert _balance(client) == []
    assert world.checkout(client, made["checkout"]["id"])["offer"] is not None


def test_a_price_that_has_fallen_leaves_the_rest_as_credit(world: World) -> None:
    client, made, near = _late_and_repriced(world, 5_000)
    assert _choose(client, made, "slot", near[0]["start"]).json["booking"]["money"] == "paid"
    assert _balance(client) == [1_000]


def test_a_time_that_needs_a_yes_first_is_asked_for_and_the_money_is_credit_until_then(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay", "INR")
    start = world.slots(service)[-1]["start"]
    made = world.book(client, service, start)
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    bill = world.booking(client, made["booking"]["id"])["checkout_id"]
    begun = world.begin(client, bill, "razorpay")
    world.move(hours=26)
    world.sweep()
    world.book(world.person(), service, start)
    world.act(begun)
    offer = world.checkout(client, bill)["offer"]
    booking = _choose(client, {"checkout": {"id": bill}}, "slot", offer["near"][0]["start"]).json["booking"]
    assert booking["status"] == "pending_approval"
    assert _balance(client) == [90_000]


@pytest.mark.in_turn
@pytest.mark.parametrize("body", [{}, {"choice": "all"}, {"choice": "slot"}, {"choice": "slot", "start": "soon"}])
def test_a_choice_that_cannot_be_meant_is_refused(world: World, body: dict[str, Any]) -> None:
    client = world.person()
    made = _late(world, client)
    assert client.post(f"/checkouts/{made['checkout']['id']}/offer", body).status_code == 422
    assert world.checkout(client, made["checkout"]["id"])["offer"] is not None


def test_a_second_charge_and_money_after_a_cancel_are_not_offered_but_sent(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), currency="INR")
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    world.act(begun)
    assert world.checkout(client, made["checkout"]["id"])["offer"] is None
    world.sweep()
    world.settle()
    assert [r.status for r in world.all(Refund)] == ["done"]


def test_an_mpesa_payer_whose_reversal_fails_waits_for_staff_who_may_give_credit(world: World) -> None:
    """Complaint 20, PAY-1, PAY-10: never called done and is not; and nobody's refund becomes credit without a person."""
    staff = world.person(Role.STAFF)
    client, service = world.person(), world.service(world.practitioner(), currency="KES", free_cancel_hours=0)
    booking = world.booked(client, service, "mpesa")
    world.faults(gateway="mpesa", route="refund", fault="refund_failed", times=9)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    world.settle()
    assert (_balance(client), [r.status for r in world.all(Refund)]) == ([], ["failed"])
    assert "refund_failed" in world.notices(staff)
    with world.rows() as session:
        repair.credit_refund(session.query(Refund).one().id, session.get_one(User, staff.user_id))
    assert _balance(client) == [150_000]
    [back] = world.booking(client, booking["id"])["refunds"]
    assert (back["status"], back["means"]) == ("done", "wallet")
    world.sweep()
    assert any("is in your wallet" in mail["subject"] for mail in world.mails(world.email(client)))
    assert [a.status for a in world.all(Attempt)] == ["paid"]
