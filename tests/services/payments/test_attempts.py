"""Paying when the gateway misbehaves: silence is never failure, and nothing is charged twice (S3b, S4, S9 of faults)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from app.models import Attempt, Booking, Refund, Review
from app.services.payments import attempts
from sandbox.core.signing import checkout_signature
from tests.support.gateways import BY_CODE, GATEWAYS, KEYED
from tests.support.world import Caller, World

BEGINNINGS = [(code, currency, BY_CODE[code].begins) for code, currency in GATEWAYS]
FAULTS = ["500", "html", "empty", "reset", "malformed"]


def _made(world: World, currency: str) -> tuple[Caller, dict[str, Any]]:
    client, service = world.person(), world.service(world.practitioner(), currency=currency)
    return client, world.book(client, service)


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("gateway", "currency", "route"), BEGINNINGS)
def test_an_unclear_answer_to_start_is_checking_never_failed(
    world: World, gateway: str, currency: str, route: str, fault: str, when: str
) -> None:
    """S3b-F06, S3b-F07, S3b-F08, S3b-F10: unresolved, a truthful answer, never a redirect, never a 500."""
    client, made = _made(world, currency)
    world.fail_one_call(gateway, route=route, fault=fault, when=when)
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": gateway})
    assert (answer.status_code, answer.json["next"]) == (202, {"kind": "checking"}), answer.text
    [attempt] = world.all(Attempt)
    assert attempt.status == "created"
    assert world.booking(client, made["booking"]["id"])["money"] == "processing"


@pytest.mark.in_turn
@pytest.mark.parametrize("fault", ["500", "reset"])
@pytest.mark.parametrize(("gateway", "currency", "route"), [each for each in BEGINNINGS if each[0] in KEYED])
def test_the_same_key_finds_the_same_payment_after_a_lost_answer(
    world: World, gateway: str, currency: str, route: str, fault: str
) -> None:
    """S3b-F07: Stripe by key, Razorpay by receipt; one payment exists at the gateway and is paid once."""
    client, made = _made(world, currency)
    world.fail_one_call(gateway, route=route, fault=fault, when="after")
    lost = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": gateway})
    assert lost.json["next"]["kind"] == "checking"
    world.act(world.begin(client, made["checkout"]["id"], gateway))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert len(world.all(Attempt)) == 1
    assert len(world.sandbox.sandbox.store.all({"stripe": "session", "razorpay": "order"}[gateway])) == 1


def test_a_lost_answer_to_a_push_is_never_sent_again_while_a_prompt_may_be_alive(world: World) -> None:
    """S3b-F07: M-Pesa has no idempotency key; the callback at the signed address still confirms."""
    client, made = _made(world, "KES")
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    world.faults(gateway="mpesa", route="push", fault="reset", when="after", times=1)
    assert client.post(path, {"gateway": "mpesa"}).json["next"]["kind"] == "checking"
    again = client.post(path, {"gateway": "mpesa"})
    assert again.json["next"]["kind"] == "checking"
    assert client.post(path, {"gateway": "stripe"}).json["code"] == "attempt_unresolved"
    [prompt] = world.sandbox.sandbox.store.all("prompt")
    begun = {"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}}
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_after_the_prompt_has_surely_run_out_another_try_is_possible_and_a_late_first_payment_goes_back(
    world: World,
) -> None:
    """Complaint 11, complaint 18: only then a new prompt; two receipts, the second is refunded or a person is told."""
    client, made = _made(world, "KES")
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    world.faults(gateway="mpesa", route="push", fault="reset", when="after", times=1)
    client.post(path, {"gateway": "mpesa"})
    [prompt] = world.sandbox.sandbox.store.all("prompt")
    first = {"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}}
    world.faults(gateway="mpesa", callbacks="drop", times=1)
    world.move(minutes=3)
    world.until(lambda: world.sandbox.sandbox.courier.log() != [])
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    world.act(first, anyway=True)
    assert [(r.reason, r.amount) for r in world.all(Refund)] == [("second_charge", 150_000)]
    assert len(world.all(Booking)) == 1


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_with_every_callback_lost_and_the_browser_dead_it_still_confirms(
    world: World, gateway: str, currency: str
) -> None:
    """Acceptance criterion 2, criterion 9, criterion 11, S6-F11, S4-F20: the look-up finds the money within two minutes."""
    client, made = _made(world, currency)
    world.drop_callbacks()
    world.act(world.begin(client, made["checkout"]["id"], gateway))
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"
    world.move(seconds=25)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


@pytest.mark.parametrize(
    ("act", "failure"),
    [
        ("cancel", "cancelled_by_payer"),
        ("insufficient", "insufficient_funds"),
        ("wrong_pin", "authentication_failed"),
        ("timeout", "no_answer"),
    ],
)
def test_what_ends_on_the_phone_is_said_and_can_be_tried_again(world: World, act: str, failure: str) -> None:
    """Acceptance criterion 12, complaint 12, S2-33: a plain sentence per code, and a new prompt at once."""
    client, made = _made(world, "KES")
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"), act)
    checkout = world.checkout(client, made["checkout"]["id"])
    assert checkout["attempts"][-1]["failure"] == failure
    assert "Nothing was charged" in checkout["attempts"][-1]["message"]
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_a_second_prompt_is_never_sent_while_one_is_alive(world: World) -> None:
    """Complaint 12: resend is blocked while one prompt is live; another way to pay waits too."""
    client, made = _made(world, "KES")
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    first = world.begin(client, made["checkout"]["id"], "mpesa")
    again = world.begin(client, made["checkout"]["id"], "mpesa")
    assert again["next"]["provider_ref"] == first["next"]["provider_ref"]
    for body in ({"gateway": "stripe"}, {"gateway": "mpesa", "phone": "0722000999"}):
        answer = client.post(path, body)
        assert (answer.status_code, answer.json["code"]) == (409, "attempt_unresolved")
    assert len(world.sandbox.sandbox.store.all("prompt")) == 1


def test_changing_the_way_to_pay_closes_the_page_left_open(world: World) -> None:
    """X3: the card page is expired before the phone is asked, so only one of them can be paid."""
    client, made = _made(world, "KES")
    card = world.begin(client, made["checkout"]["id"], "stripe")
    phone = world.begin(client, made["checkout"]["id"], "mpesa")
    session = world.sandbox.sandbox.store.get("session", card["next"]["provider_ref"])
    assert session is not None
    assert session["status"] == "expired"
    world.act(phone)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_changing_the_way_to_pay_after_having_paid_confirms_instead(world: World) -> None:
    """Complaint 18: with the callback lost, the second way asks the first gateway before it begins."""
    client, made = _made(world, "KES")
    world.drop_callbacks()
    world.act(world.begin(client, made["checkout"]["id"], "stripe"))
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "mpesa"})
    assert (answer.status_code, answer.json["code"]) == (409, "checkout_closed")
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert world.sandbox.sandbox.store.all("prompt") == []


def test_a_declined_card_leaves_the_page_payable(world: World) -> None:
    """Wire fact 6: a decline ends nothing; the same session is paid afterwards."""
    client, made = _made(world, "EUR")
    begun = world.begin(client, made["checkout"]["id"], "stripe")
    world.act(begun, "decline")
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"
    assert world.checkout(client, made["checkout"]["id"])["attempts"][0]["failure"] == "declined"
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


@pytest.mark.parametrize(("gateway", "currency"), [("stripe", "EUR"), ("razorpay", "INR")])
def test_another_amount_never_confirms_and_is_shown_to_staff(world: World, gateway: str, currency: str) -> None:
    """S6-F18, the amount rule: kept, flagged, nothing confirmed, no second payment invited."""
    client, made = _made(world, currency)
    world.act(world.begin(client, made["checkout"]["id"], gateway), amount=5_000)
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("awaiting_payment", "needs_review")
    assert [(r.reason, r.amount) for r in world.all(Review)] == [("amount", 5_000)]
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": gateway})
    assert (answer.status_code, answer.json["code"]) == (409, "under_review")


def test_a_payment_after_expiry_takes_the_place_again_if_it_is_free(world: World) -> None:
    """S4-F14 (late): late, but the place is free and the booking only expired."""
    client, made = _made(world, "INR")
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=20)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_a_payment_after_expiry_goes_back_if_the_place_is_taken(world: World) -> None:
    """S4-F14, complaint 5: refund row in the same commit, both told, capacity kept; it goes when the offer has run out."""
    client, made = _made(world, "INR")
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=20)
    world.sweep()
    world.book(world.person(), made["booking"]["service_id"], made["booking"]["start"])
    world.act(begun)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["money"] == "refund_pending"
    assert [e["kind"] for e in world.money_taken()] == ["capture"]
    world.move(hours=25)
    world.sweep()
    world.settle()
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("expired", "refunded")
    assert sum(e["amount"] for e in world.money_taken() if e["kind"] == "refund") == 90_000


def test_a_payment_after_cancelling_is_returned_and_never_revives_the_booking(world: World) -> None:
    """S4-F15, S11-F15, X3."""
    client, made = _made(world, "INR")
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    world.act(begun)
    world.sweep()
    world.settle()
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("cancelled", "refunded")


def test_expiry_asks_the_gateway_before_it_ends_anything(world: World) -> None:
    """Complaints 2 and 4: paid with the callback lost, then the deadline passes: confirmed, not expired."""
    client, made = _made(world, "EUR")
    world.drop_callbacks()
    world.act(world.begin(client, made["checkout"]["id"], "stripe"))
    world.move(minutes=16)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_expiry_leaves_a_payment_of_unknown_outcome_alone(world: World) -> None:
    """S9-F06: the gateway is away; the place is free by the clock, the booking waits for the truth."""
    client, made = _made(world, "EUR")
    world.drop_callbacks()
    begun = world.begin(client, made["checkout"]["id"], "stripe")
    world.faults(gateway="stripe", route="any", fault="500", times=99)
    world.move(minutes=16)
    world.sweep()
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("awaiting_payment", "processing")
    assert world.live_places() == 0
    world.sandbox.sandbox.faults.clear()
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_an_unpaid_page_is_closed_at_the_gateway_when_the_hold_ends(world: World) -> None:
    """A hold shorter than the gateway's minimum is ended by hand."""
    client, made = _made(world, "EUR")
    begun = world.begin(client, made["checkout"]["id"], "stripe")
    world.move(minutes=16)
    world.sweep()
    session = world.sandbox.sandbox.store.get("session", begun["next"]["provider_ref"])
    assert session is not None
    assert session["status"] == "expired"
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"


def test_a_page_left_open_after_a_decline_is_closed_by_the_sweep(world: World) -> None:
    """Invariant 2 before it is needed: what cannot be used any more is not left payable."""
    practitioner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(practitioner, "approve_then_pay", "EUR"))
    practitioner.post(f"/bookings/{made['booking']['id']}/approve")
    checkout = world.booking(client, made["booking"]["id"])["checkout_id"]
    begun = world.begin(client, checkout, "stripe")
    practitioner.post(f"/bookings/{made['booking']['id']}/decline", {"reason": "Away."})
    session = world.sandbox.sandbox.store.get("session", begun["next"]["provider_ref"])
    assert session is not None
    assert session["status"] == "expired"


def test_cancelling_a_paid_booking_in_time_gives_everything_back(world: World) -> None:
    """S2-22: free until the frozen limit; the refund row is in the commit of the cancel."""
    client, service = world.person(), world.service(world.practitioner(), currency="EUR")
    start = world.slots(service)[-1]["start"]
    booking = world.booked(client, service, start=start)
    assert client.post(f"/bookings/{booking['id']}/cancel").json["money"] == "refund_pending"
    world.sweep()
    world.settle()
    assert world.booking(client, booking["id"])["money"] == "refunded"


def test_a_practitioner_who_cancels_late_gives_everything_back(world: World) -> None:
    practitioner, client = world.practitioner(), world.person()
    service = world.service(practitioner, currency="EUR")
    booking = world.booked(client, service)
    world.move(hours=23)
    practitioner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill."})
    world.sweep()
    world.settle()
    assert world.booking(client, booking["id"])["money"] == "refunded"


def test_a_refund_whose_answer_is_lost_is_asked_for_with_the_same_key_once(world: World) -> None:
    """S10-F07: unknown, then looked up; one refund at the gateway."""
    client, service = world.person(), world.service(world.practitioner(), currency="EUR")
    booking = world.booked(client, service, start=world.slots(service)[-1]["start"])
    client.post(f"/bookings/{booking['id']}/cancel")
    world.fail_one_call("stripe", route="refund", fault="reset", when="after")
    world.drop_callbacks()
    world.sweep()
    assert world.booking(client, booking["id"])["money"] == "refund_pending"
    world.move(minutes=2)
    world.sweep()
    assert world.booking(client, booking["id"])["money"] == "refunded"
    assert len([e for e in world.money_taken() if e["kind"] == "refund"]) == 1


@pytest.mark.in_turn
@pytest.mark.parametrize("fault", ["500", "html", "empty", "reset", "malformed"])
@pytest.mark.parametrize(
    ("gateway", "currency", "route"),
    [("stripe", "EUR", "retrieve"), ("razorpay", "INR", "payments"), ("mpesa", "KES", "query")],
)
def test_an_unclear_look_up_changes_nothing(world: World, gateway: str, currency: str, route: str, fault: str) -> None:
    """S5-F06, S9-F10: no clear answer, no state."""
    client, made = _made(world, currency)
    world.begin(client, made["checkout"]["id"], gateway)
    world.faults(gateway=gateway, route=route, fault=fault, times=3)
    world.move(seconds=25)
    world.sweep()
    [attempt] = world.all(Attempt)
    assert attempt.status == "processing"
    assert attempt.next_look_up_at is not None


def test_a_query_that_contradicts_the_callback_never_undoes_it_and_calls_a_person(
    world: World, at_once_by_callback: None
) -> None:
    """Daraja's query has been seen to say failed for what was paid: flagged, not undone."""
    client, made = _made(world, "KES")
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
    world.faults(gateway="mpesa", route="query", fault="contradict", times=1)
    world.move(seconds=30)
    world.sweep()
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("confirmed", "needs_review")
    assert [r.reason for r in world.all(Review)] == ["contradiction"]


def test_an_answer_from_before_the_payment_that_comes_after_it_is_only_late(
    world: World, at_once_by_callback: None
) -> None:
    """S4-F19, S6-F13: the query said "failed" while the money came; nobody is called, and the query is asked again."""
    client, made = _made(world, "KES")
    begun = world.begin(client, made["checkout"]["id"], "mpesa")
    world.drop_callbacks()
    world.act(begun, "timeout")
    world.sandbox.sandbox.faults.clear()
    world.faults(gateway="mpesa", route="query", fault="slow", when="after", seconds=8)
    [attempt] = world.all(Attempt)
    with ThreadPoolExecutor(1) as aside:
        asked = aside.submit(_ask, world, attempt.id)
        world.until_it_thinks()
        world.act(begun, anyway=True)
        assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
        world.let_go()
        asked.result()
    assert world.all(Review) == []
    assert world.all(Attempt)[0].cross_checked is False
    world.move(seconds=30)
    world.sweep()
    assert (world.all(Attempt)[0].cross_checked, world.all(Review)) == (True, [])


def _ask(world: World, attempt_id: UUID) -> None:
    with world.app.app_context():
        attempts.ask_now(attempt_id)


def test_a_signed_return_after_a_failed_try_asks_the_gateway(world: World) -> None:
    """S1-5, S1-15: the window was used again after a failure, and no callback comes: the visit makes us ask; the answer counts."""
    client, made = _made(world, "INR")
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.act(begun, "fail")
    world.drop_callbacks()
    world.act(begun)
    order = begun["next"]["provider_ref"]
    payment = next(p for p in world.sandbox.sandbox.store.all("payment") if p["status"] == "captured")
    signature = checkout_signature(world.sandbox.sandbox.credentials, order, payment["id"])
    form = {"razorpay_order_id": order, "razorpay_payment_id": payment["id"], "razorpay_signature": "0" * 64}
    path = f"/checkouts/{made['checkout']['id']}/return"
    assert world.app.test_client().post(path, data=form).status_code == 303
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"
    assert world.app.test_client().post(path, data=form | {"razorpay_signature": signature}).status_code == 303
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
