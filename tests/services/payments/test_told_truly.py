"""People are told the truth while a payment is in doubt, and nobody may pay twice for want of it."""

import re
from typing import Any

import pytest

from app.extensions import db
from app.models import Booking, Review, Role, User
from app.services.backoffice import reconciliation, repair
from sandbox.control.acts import ACTS
from tests.services.payments.test_claims import _pays
from tests.services.payments.test_event_time import _begun as begun_before
from tests.services.payments.test_slow_methods import _paid_slowly, _pass, _start, slow  # noqa: F401
from tests.services.payments.test_wrong_amounts import Wrong
from tests.support.callbacks import kept_back, post
from tests.support.deals import Deal, deal, join
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

DOWN: dict[str, Any] = {"gateway": "mpesa", "route": "query", "fault": "500", "times": 9999}


def page(world: World, who: Caller, path: str) -> str:
    """The page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", Visitor(world, who).main(path)))


def query_said_no_then_true_callback(world: World) -> Deal:
    """The query says no, then the true callback comes, and nobody can be asked."""
    one = deal(world, "mpesa")
    world.faults(gateway="mpesa", route="query", fault="contradict", times=1)
    [row] = kept_back(world, one.shown())
    world.move(seconds=25)
    world.sweep()
    world.faults(**DOWN)
    assert post(world, row) == 200
    world.work()
    return one


def test_nothing_else_may_be_charged_while_a_claim_on_a_failed_try_is_checked(world: World) -> None:
    one = query_said_no_then_true_callback(world)
    assert one.client.post(one.path, {"gateway": "stripe"}).status_code == 409


def test_the_page_does_not_say_nothing_was_charged_when_it_is_told_paid(world: World) -> None:
    one = query_said_no_then_true_callback(world)
    assert "Nothing was charged" not in page(world, one.client, f"/checkouts/{one.checkout_id}")


def test_who_paid_is_not_nudged_nor_told_that_it_expired_while_a_claim_is_checked(world: World) -> None:
    one = query_said_no_then_true_callback(world)
    for _ in range(12):
        world.move(minutes=5)
        world.sweep()
    assert not {"payment_nudge", "booking_expired"} & set(world.notices(one.client))


def test_nobody_is_asked_for_a_pin_while_the_first_prompt_is_told_paid(world: World) -> None:
    one = deal(world, "mpesa")
    [row] = kept_back(world, one.shown())
    world.faults(gateway="mpesa", route="query", fault="pending_200", times=99)
    world.move(minutes=3)
    assert one.client.post(one.path, one.body).status_code == 201  # the first has run out: abandoned, a second rings
    assert post(world, row) == 200
    world.work()
    assert "Enter your PIN" not in page(world, one.client, f"/checkouts/{one.checkout_id}")


def test_a_closed_bill_of_unknown_outcome_does_not_say_nothing_was_charged(world: World) -> None:
    one = deal(world, "mpesa")
    world.drop_callbacks()
    world.faults(**DOWN)
    world.act(one.begun)
    for _ in range(6):
        world.move(minutes=5)
        world.sweep()
    assert world.money_taken()
    assert "Nothing was charged" not in page(world, one.client, f"/checkouts/{one.checkout_id}")


def test_a_gone_time_of_unknown_outcome_does_not_say_nothing_was_charged(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner, "pay_then_book", "KES")
    one = join(world, owner, service, "mpesa")
    rival = join(world, owner, service, "stripe", start=one.start)
    world.faults(gateway="mpesa", callbacks="drop", times=None)
    world.faults(**DOWN)
    world.act(one.begun)
    world.act(rival.begun)
    for _ in range(3):
        world.move(minutes=2)
        world.sweep()
    assert "Nothing was charged" not in page(world, one.client, f"/checkouts/{one.checkout_id}")


@pytest.mark.parametrize("decision", ["credit", "accept"])
def test_the_true_callback_after_a_decision_on_a_lie_is_told_to_somebody(world: World, decision: str) -> None:
    one = deal(world, "mpesa")
    att = one.attempt()
    told = {"Amount": 1, "MpesaReceiptNumber": "LIE1"}
    said = {
        "MerchantRequestID": att.details["merchant_request_id"],
        "CheckoutRequestID": att.provider_ref,
        "ResultCode": 0,
        "CallbackMetadata": {"Item": [{"Name": k, "Value": v} for k, v in told.items()]},
    }
    path = att.request["callback_url"].removeprefix(world.app.config["PUBLIC_URL"])
    world.app.test_client().post(path, json={"Body": {"stkCallback": said}})
    [row] = kept_back(world, one.shown())
    world.move(seconds=30)
    world.sweep()
    staff = world.person(Role.STAFF)
    with world.app.app_context():
        repair.resolve(world.all(Review)[0].id, decision, "Seen so.", db.session.get_one(User, staff.user_id))
    assert post(world, row) == 200
    world.sweep()
    with world.app.app_context():
        agrees = reconciliation.compare(world.money_taken()) == []
    assert agrees or [each for each in world.all(Review) if each.resolved_at is None]


def test_a_success_without_its_items_after_a_failure_is_asked_about(world: World) -> None:
    one = deal(world, "mpesa")
    world.faults(gateway="mpesa", route="query", fault="contradict", times=1)
    kept_back(world, one.shown())
    world.move(seconds=25)
    world.sweep()
    att = one.attempt()
    path = att.request["callback_url"].removeprefix(world.app.config["PUBLIC_URL"])
    said = {
        "MerchantRequestID": att.details["merchant_request_id"],
        "CheckoutRequestID": att.provider_ref,
        "ResultCode": 0,
    }
    assert world.app.test_client().post(path, json={"Body": {"stkCallback": said}}).status_code == 200
    for _ in range(5):
        world.move(minutes=1)
        world.sweep()
    assert one.state[0] == "confirmed"


def test_cancelling_while_the_bank_challenges_says_that_the_money_waits(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.booked(client, world.service(owner), start=_start(10))
    [charge] = world.sandbox.sandbox.store.all("charge")
    ACTS["stripe", "charges"]["dispute"](world.sandbox.sandbox, charge["id"])
    world.settle()
    seen = page(world, client, f"/bookings/{made['id']}/cancel")
    client.post(f"/bookings/{made['id']}/cancel")
    world.sweep()
    [back] = world.booking(client, made["id"])["refunds"]
    assert back["state"] == "withheld"
    assert "goes back the way it was paid. Banks take some days" not in seen


@pytest.mark.usefixtures("slow")
def test_who_pays_a_debt_by_a_slow_debit_is_not_reminded_to_pay_it(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after"))["booking"]
    world.move(hours=26)
    for act in ("start", "complete"):
        owner.post(f"/bookings/{made['id']}/{act}", {"notes": ""})
    world.act(world.begin(client, world.booking(client, made["id"])["checkout_id"]), delayed=True)
    _pass(world, 8)
    assert world.notices(client).count("payment_due") == 1


@pytest.mark.usefixtures("slow")
def test_and_may_book_again_meanwhile(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after"))["booking"]
    world.move(hours=26)
    for act in ("start", "complete"):
        owner.post(f"/bookings/{made['id']}/{act}", {"notes": ""})
    world.act(world.begin(client, world.booking(client, made["id"])["checkout_id"]), delayed=True)
    answer = client.post("/bookings", {"service_id": world.service(owner), "start": _start(20)})
    assert answer.status_code == 201


def test_a_new_try_after_a_wrong_amount_came_back_is_processing(world: World) -> None:
    one = Wrong(world)
    one.decide("refund")
    world.begin(one.client, one.bill)
    assert world.checkout(one.client, one.bill)["money"] == "processing"


def test_a_debt_of_which_a_wrong_amount_came_back_is_due(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after"))["booking"]
    world.move(hours=26)
    for act in ("start", "complete"):
        owner.post(f"/bookings/{made['id']}/{act}", {"notes": ""})
    bill = world.booking(client, made["id"])["checkout_id"]
    world.act(world.begin(client, bill), amount=4_000)
    staff = world.person(Role.STAFF)
    with world.app.app_context():
        repair.resolve(world.all(Review)[0].id, "refund", "Seen so.", db.session.get_one(User, staff.user_id))
    for _ in range(2):
        world.sweep()
        world.settle()
    assert world.booking(client, made["id"])["money"] == "due"


def test_told_before_the_start_and_agreed_thirteen_minutes_later_is_in_time(world: World) -> None:
    made = begun_before(world, "KES", "mpesa", minutes=1)
    world.faults(**DOWN)
    world.act(made[2])
    for _ in range(13):
        world.move(minutes=1)
        world.sweep()
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=1)
    world.sweep()
    assert [str(each.status.value) for each in world.all(Booking)] == ["confirmed"]


def test_a_denial_that_the_query_took_back_hides_no_offer(world: World) -> None:
    one = deal(world, "mpesa")
    world.faults(gateway="mpesa", route="query", fault="contradict", times=1)
    _pays(world, one)
    world.work()
    world.faults(**DOWN)
    world.move(minutes=40)
    world.sweep()
    rival = join(world, one.owner, one.service, "stripe", start=one.start)
    world.act(rival.begun)
    world.sandbox.sandbox.faults.clear()
    for _ in range(3):
        world.move(hours=1)
        world.sweep()
        world.settle()
    assert world.checkout(one.client, one.checkout_id)["offer"] is not None
    seen = page(world, one.client, f"/checkouts/{one.checkout_id}")
    assert "does not match what we asked for" not in seen
    assert "Choose what happens to your money" in seen


def test_a_denial_that_the_query_took_back_leaves_nothing_to_decide(world: World) -> None:
    one = deal(world, "mpesa")
    world.faults(gateway="mpesa", route="query", fault="contradict", times=1)
    _pays(world, one)
    world.work()
    world.move(minutes=2)
    world.sweep()
    assert one.state == ("confirmed", "paid")
