"""Rules of the money that no single story tells: each is one way to lose or double it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.lifecycle import Actor
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import GatewayEvent, Pending
from app.models import Attempt, InboxEntry, Refund, Review, Role, User
from app.services.backoffice import repair
from app.services.core import signed_urls
from app.services.core.transaction import Who, lock, transaction
from app.services.ledger import refunds, reviews
from app.services.payments import attempts, inbox
from app.services.prepaid import wallet
from app.services.workflows import decisions, expiry
from tests.support.world import World


def test_a_locked_row_is_read_afresh_even_when_it_is_loaded_already(world: World) -> None:
    """One lock helper with populate_existing: a stale attribute decides nothing."""
    world.booked(world.person(), world.service(world.practitioner()))
    with world.app.app_context(), transaction() as session:
        loaded = session.query(Attempt).one()
        assert loaded.look_ups == 0
        session.execute(text("UPDATE attempts SET look_ups = 7"))
        locked = lock(Attempt, loaded.id)
        assert locked is loaded
        assert locked.look_ups == 7


def test_an_address_signed_for_one_gateway_is_none_of_another(world: World) -> None:
    """Complaint 13: a signed path proves one gateway's news only."""
    with world.app.app_context():
        address = signed_urls.callback_address(world.app, "mpesa", "KKREFERENCE1")
        token = address.rpartition("/")[2]
        assert signed_urls.read_address(world.app, "mpesa", token) == "KKREFERENCE1"
        assert signed_urls.read_address(world.app, "stripe", token) is None
        assert signed_urls.read_address(world.app, "mpesa", token[:-2] + "xx") is None


def _callback(checkout_id: str, receipt: str, amount: int, merchant: str) -> dict[str, Any]:
    values = {"Amount": amount, "MpesaReceiptNumber": receipt, "PhoneNumber": 254712345678}
    items = [{"Name": name, "Value": value} for name, value in values.items()]
    return {
        "Body": {
            "stkCallback": {
                "MerchantRequestID": merchant,
                "CheckoutRequestID": checkout_id,
                "ResultCode": 0,
                "ResultDesc": "ok",
                "CallbackMetadata": {"Item": items},
            }
        }
    }


def _tell(world: World, attempt: Attempt, body: dict[str, Any]) -> int:
    with world.app.app_context():
        address = signed_urls.callback_address(world.app, "mpesa", attempt.reference)
    path = address.removeprefix(world.app.config["PUBLIC_URL"])
    return world.app.test_client().post(path, json=body).status_code


def test_one_receipt_never_pays_twice(world: World) -> None:
    """Acceptance criterion 13, complaint 8: a receipt shown again for another payment confirms nothing and is looked at."""
    client, service = world.person(), world.service(world.practitioner(), "hold_then_pay", "KES")
    first = world.book(client, service)
    world.act(world.begin(client, first["checkout"]["id"], "mpesa"))
    receipt = world.all(Attempt)[0].charge_ref
    second = world.book(client, service, world.start(service, 3))
    world.begin(client, second["checkout"]["id"], "mpesa")
    attempt = max(world.all(Attempt), key=lambda each: each.created_at)
    body = _callback(attempt.provider_ref, receipt, 1_500, attempt.details["merchant_request_id"])
    assert _tell(world, attempt, body) == 200
    assert world.booking(client, second["booking"]["id"])["status"] == "awaiting_payment"
    assert world.booking(client, second["booking"]["id"])["money"] == "needs_review"
    assert [review.reason for review in world.all(Review)] == ["reference"]


@pytest.mark.parametrize("source", ["start", "callback"])
def test_a_payment_id_that_another_try_has_is_looked_at_and_never_an_error(world: World, source: str) -> None:
    """S3-F18, S6-F18: one id of the gateway's for two of our tries; nobody may pay on, and neither try is confirmed."""
    client, service = world.person(), world.service(world.practitioner(), "hold_then_pay", "EUR")
    first, second = world.book(client, service), world.book(client, service, world.start(service, 3))
    world.begin(client, first["checkout"]["id"])
    world.faults(gateway="stripe", route="create", fault="reset", when="after", times=9)
    client.post(f"/checkouts/{second['checkout']['id']}/attempts", {"gateway": "stripe"})
    world.sandbox.sandbox.faults.clear()
    with world.rows() as session:
        older, newer = session.query(Attempt).order_by(Attempt.created_at).all()
        assert newer.provider_ref is None
        older.provider_ref = world.sandbox.sandbox.store.all("session")[0]["id"]
        session.commit()
        event = GatewayEvent("once", "look_up", Pending(), reference=newer.reference, provider_ref=older.provider_ref)
    if source == "start":
        answer = client.post(f"/checkouts/{second['checkout']['id']}/attempts", {"gateway": "stripe"})
        assert answer.status_code == 202, answer.text
    else:
        with world.app.app_context(), transaction():
            assert inbox.take("stripe", event, source="callback") == "review"
    assert [review.reason for review in world.all(Review)] == ["reference"]
    assert world.booking(client, second["booking"]["id"])["money"] == "needs_review"


@pytest.mark.parametrize("wrong", ["amount", "merchant", "checkout"])
def test_a_well_formed_success_that_does_not_fit_confirms_nothing(world: World, wrong: str) -> None:
    """Acceptance criterion 13, complaint 13, S6-F18: kept, shown to staff, and no money in the books for it."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "hold_then_pay", "KES"))
    world.begin(client, made["checkout"]["id"], "mpesa")
    attempt = world.all(Attempt)[0]
    merchant = "another" if wrong == "merchant" else attempt.details["merchant_request_id"]
    checkout = "ws_CO_another" if wrong == "checkout" else attempt.provider_ref
    assert _tell(world, attempt, _callback(checkout, "RECEIPT1", 1 if wrong == "amount" else 1_500, merchant)) == 200
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("awaiting_payment", "needs_review")


def test_two_payments_for_one_checkout_and_the_second_comes_back_at_once(world: World) -> None:
    """Acceptance criterion 18, complaint 18, second charge rule: nothing is kept twice, and the client is told once."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "hold_then_pay", "KES", hold_minutes=30))
    first = world.begin(client, made["checkout"]["id"], "mpesa")
    world.move(minutes=4)  # the prompt has run out, and nobody could say what became of it
    world.faults(gateway="mpesa", route="query", fault="500", times=5)
    second = world.begin(client, made["checkout"]["id"], "mpesa")
    assert second["attempt"]["id"] != first["attempt"]["id"]
    world.sandbox.sandbox.faults.clear()
    world.act(second)
    world.act(first, anyway=True)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    world.sweep()
    world.settle()
    refund = world.all(Refund)[0]
    assert (refund.reason, refund.status, refund.means) == ("second_charge", "done", "gateway")
    assert sum(e["amount"] for e in world.money_taken() if e["kind"] == "refund") == 150_000
    assert world.notices(client).count("payment_returned") == 1


@pytest.fixture
def without_reversals(app: Flask) -> Iterator[None]:
    """An installation whose M-Pesa account may not reverse by a call, like most."""
    gateways = app.extensions["gateways"]
    before, kind = gateways["mpesa"], type(gateways["mpesa"])
    environ = {
        k: v for k, v in app.config["ENVIRON"].items() if k not in ("MPESA_INITIATOR", "MPESA_SECURITY_CREDENTIAL")
    }
    gateways["mpesa"] = kind(kind.Settings.from_environment(environ))
    yield
    gateways["mpesa"] = before


def test_what_mpesa_cannot_send_back_is_credit_at_once_and_can_be_paid_out_by_hand(
    world: World, without_reversals: None
) -> None:
    """S10-F06 for M-Pesa, X15: said plainly, in the same commit; staff settle the payout with how they sent it."""
    client, staff = world.person(), _staff(world)
    service = world.service(world.practitioner(), "hold_then_pay", "KES", free_cancel_hours=0)
    booking = world.booked(client, service, "mpesa")
    assert client.post(f"/bookings/{booking['id']}/cancel").status_code == 200
    assert world.booking(client, booking["id"])["money"] == "refunded"
    with world.rows() as session:
        user, helper = (session.get_one(User, who.user_id) for who in (client, staff))
        assert wallet.balances(user) == [Money(150_000, "KES")]
        payout = wallet.ask_payout(user, Money(150_000, "KES"), "M-Pesa 0712 345 678")
        assert wallet.balances(user) == []
        assert repair.settle_payout(payout.id, "sent by hand, receipt QWE123", helper).status == "done"
    assert [e["kind"] for e in world.money_taken()] == ["capture"]
    assert "payout_done" in world.notices(client)


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "razorpay"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("fault", ["500", "timeout", "reset", "html"])
def test_a_refund_whose_answer_is_lost_is_made_once(world: World, gateway: str, when: str, fault: str) -> None:
    """S10-F06, S10-F07, S10-F08, S10-F10: row first, the same key for ever."""
    currency = {"stripe": "EUR", "razorpay": "INR"}[gateway]
    client = world.person()
    service = world.service(world.practitioner(), "hold_then_pay", currency, free_cancel_hours=0)
    booking = world.booked(client, service, gateway)
    world.faults(gateway=gateway, route="refund", fault=fault, when=when, seconds=1, times=2)
    client.post(f"/bookings/{booking['id']}/cancel")
    for _ in range(4):
        world.sweep()
        world.settle()
        world.move(minutes=6)
    assert [refund.status for refund in world.all(Refund)] == ["done"]
    price = {"stripe": 6_000, "razorpay": 90_000}[gateway]
    assert [(e["kind"], e["amount"]) for e in world.money_taken()] == [("capture", price), ("refund", price)]


def test_a_refund_the_gateway_was_asked_for_can_no_longer_become_credit(world: World) -> None:
    """It may have been sent: credit for it too would be money twice."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    world.drop_callbacks()
    world.faults(gateway="stripe", route="refund", fault="reset", when="after", times=2)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    refund = world.all(Refund)[0]
    assert refund.status == "asked"
    with world.app.app_context(), transaction():
        locked = lock(Refund, refund.id)
        assert locked is not None
        assert not refunds.try_credit(locked, Who(Actor.STAFF))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reversal_whose_queue_timed_out_is_never_credited_for_it(world: World, when: str) -> None:
    """Gateways: a queue timeout is not a failure. It may have gone back, so staff are told, and nothing is given twice."""
    client, staff = world.person(), _staff(world)
    service = world.service(world.practitioner(), "hold_then_pay", "KES", free_cancel_hours=0)
    booking = world.booked(client, service, "mpesa")
    world.faults(gateway="mpesa", route="refund", fault="queue_timeout", when=when)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    world.settle()
    refund = world.all(Refund)[0]
    assert (refund.status, refund.means) == ("sent", "gateway")
    for _ in range(10):
        world.move(hours=9)
        world.sweep()
    assert world.all(Refund)[0].status == "sent"
    assert world.notices(staff).count("refund_silent") == 1


def test_expiry_itself_asks_the_gateway_although_no_look_up_is_due(world: World) -> None:
    """Acceptance criterion 4, S9-F11: paid seconds before the deadline, the callback lost; expiry alone must not end it."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.drop_callbacks()
    begun = world.begin(client, made["checkout"]["id"])
    world.move(minutes=14, seconds=50)
    world.sweep()  # nothing is paid yet; the next look-up is put off by a minute
    world.act(begun)
    world.move(seconds=15)
    with world.app.app_context():
        assert attempts.due() == []
        expiry.end_booking(UUID(made["booking"]["id"]))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_a_decline_overtaken_by_the_payment_is_a_cancellation_with_everything_back(world: World) -> None:
    """S2-F24, S3a-F24: what the practitioner's page showed could be declined; the money came in before the press."""
    practitioner, client = world.practitioner(), world.person()
    booking = world.booked(client, world.service(practitioner))
    with world.rows() as session:
        user = session.get_one(User, practitioner.user_id)
        ended = decisions.decline(UUID(booking["id"]), user, "No time that day.", seen="awaiting_payment")
        assert ended.status == "cancelled"
    world.sweep()
    world.settle()
    assert world.booking(client, booking["id"])["money"] == "refunded"
    assert "booking_cancelled" in world.notices(client)


def test_declining_what_is_confirmed_stays_refused_to_whoever_saw_that(world: World) -> None:
    """S0-14 for the other side: cancel is the word for it."""
    practitioner = world.practitioner()
    booking = world.booked(world.person(), world.service(practitioner))
    answer = practitioner.post(f"/bookings/{booking['id']}/decline", {"reason": "No time."})
    assert (answer.status_code, answer.json["code"]) == (409, "not_allowed")


def test_a_refund_that_succeeded_and_came_back_is_owed_again_and_staff_know(world: World) -> None:
    """Acceptance criterion 20, complaint 20: a failed refund is never shown as done."""
    client, staff = world.person(), _staff(world)
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    world.settle()
    assert world.all(Refund)[0].status == "done"
    from sandbox.stripe import refunds as theirs

    theirs.finish(world.sandbox.sandbox, world.all(Refund)[0].provider_ref, success=False)
    world.settle()
    assert world.all(Refund)[0].status == "failed"
    assert world.booking(client, booking["id"])["money"] == "refund_pending"
    assert "refund_failed" in world.notices(staff)
    assert "refund_delayed" in world.notices(client)


def _staff(world: World) -> Any:
    return world.person(Role.STAFF)


def test_news_before_its_payment_is_kept_and_matched_later(world: World) -> None:
    """Acceptance criterion 6, complaint 6, S6-F16: never 200 and forgotten."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    begun = world.begin(client, made["checkout"]["id"])
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        reference, ref = attempt.reference, attempt.provider_ref
        attempt.reference, attempt.provider_ref = "KKNOTYET0000", "cs_not_yet"
        session.commit()
    world.act(begun)
    assert {entry.state for entry in world.all(InboxEntry)} == {"unmatched"}
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        attempt.reference, attempt.provider_ref = reference, ref
        session.commit()
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_a_wrong_amount_that_was_really_taken_waits_in_the_books_for_a_person(world: World) -> None:
    """Amount rule, S7-F18: never confirmed, never lost."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    begun = world.begin(client, made["checkout"]["id"])
    world.act(begun, amount=5_900)
    assert world.booking(client, made["booking"]["id"])["money"] == "needs_review"
    with world.rows():
        attempt = db.session.query(Attempt).one()
        assert reviews.is_in_doubt(attempt)
        assert refunds.left_of(attempt).amount == 5_900


@pytest.mark.parametrize("table", ["attempts", "checkouts", "bookings", "refunds"])
def test_a_status_can_never_be_null_or_unknown(world: World, table: str) -> None:
    """S0-1, S0-22, S0-23, S0-35, invariant 4: the database refuses, on both engines."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), free_cancel_hours=0))
    client.post(f"/bookings/{booking['id']}/cancel")
    for value in ("NULL", "'unknown'"):
        with world.rows() as session, pytest.raises(Exception, match=r"(?i)null|check"):
            session.execute(text(f"UPDATE {table} SET status = {value}"))
