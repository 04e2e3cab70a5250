"""Another amount than was asked for, decided by staff: what can be paid again, what was really paid, what a decision does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from app.extensions import db
from app.gateways.mpesa import MpesaGateway
from app.models import Attempt, Receipt, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from tests.support.credit import top_up
from tests.support.deals import phone
from tests.support.gateways import BY_CODE
from tests.support.late import late_payment
from tests.support.questions import ask, expert
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

PAID = 4_000  # of a price of 6,000


class Wrong:
    """A session for 60.00 that waits for its money, for which another amount came."""

    def __init__(self, world: World, amount: int = PAID, mode: str = "hold_then_pay") -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.staff = world.person(Role.STAFF)
        self.service = world.service(self.owner, mode)
        made = world.book(self.client, self.service)
        self.bill = str(made["checkout"]["id"])
        self.booking = str(made["booking"]["id"]) if made["booking"] else ""
        world.act(world.begin(self.client, self.bill), amount=amount)

    def decide(self, decision: str) -> None:
        [review] = [each for each in self.world.all(Review) if each.resolved_at is None]
        with self.world.app.app_context():
            repair.resolve(review.id, decision, "Seen at the bank.", db.session.get_one(User, self.staff.user_id))
            assert reconciliation.breaches() == []
        self.world.sweep()
        self.world.settle()

    def page(self, who: Caller | None = None) -> str:
        return Visitor(self.world, who or self.client).main(f"/checkouts/{self.bill}")

    def booking_page(self, who: Caller | None = None) -> str:
        return Visitor(self.world, who or self.client).main(f"/bookings/{self.booking}")

    def review_page(self) -> str:
        [attempt] = self.world.all(Attempt)
        return Visitor(self.world, self.staff).main(f"/staff/payments/{attempt.id}")


def _amount(minor: int | None) -> dict[str, Any] | None:
    return {"amount": minor, "currency": "EUR"} if minor is not None else None


@pytest.mark.in_turn
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
@pytest.mark.parametrize("decision", ["refund", "credit"])
def test_what_was_sent_back_can_be_paid_again_while_the_place_is_kept(world: World, decision: str, mode: str) -> None:
    one = Wrong(world, mode=mode)
    one.decide(decision)
    seen = one.page()
    assert "Refund of € 40" in seen
    assert "Pay € 60 by card" in seen
    assert "this still needs to be paid" in seen
    world.act(world.begin(one.client, one.bill))
    after = world.checkout(one.client, one.bill)
    assert (after["status"], after["money"], after["paid"]) == ("paid", "paid", _amount(6_000))
    assert "€ 60 paid" in one.page()
    assert world.booking(one.client, after["booking_id"])["status"] == "confirmed"
    world.sweep()
    assert world.booking(one.client, after["booking_id"])["money"] == "paid"


def test_who_pays_again_is_shown_on_and_the_new_payment_is_the_one_that_paid(world: World) -> None:
    one = Wrong(world)
    one.decide("refund")
    begun = world.begin(one.client, one.bill)
    assert "Finish your payment" in one.page()
    world.act(begun)
    [receipt] = [each for each in world.all(Receipt) if str(each.attempt_id) == begun["attempt"]["id"]]
    assert receipt.number in one.page()


def test_what_was_sent_back_after_the_place_had_lapsed_is_only_said_to_be_back(world: World) -> None:
    one = Wrong(world)
    world.move(minutes=20)
    world.sweep()
    one.decide("refund")
    seen = one.page()
    assert "Your money was refunded" in seen
    assert "Pay € 60" not in seen


def test_nobody_is_asked_to_pay_while_staff_are_looking(world: World) -> None:
    """The page of the booking said "please pay", the payment's "please do not pay again"."""
    one = Wrong(world)
    seen = world.booking(one.client, one.booking)
    assert ("pay" in seen["allowed_actions"], seen["money"]) == (False, "needs_review")
    assert "Please do not pay again" in one.booking_page()
    assert "Complete payment" not in one.booking_page()
    bill = world.checkout(one.client, one.bill)
    assert (bill["methods"], bill["money"]) == ([], "needs_review")


def test_cancelling_after_it_was_sent_back_says_that_nothing_has_been_paid(world: World) -> None:
    one = Wrong(world)
    one.decide("refund")
    assert world.booking(one.client, one.booking)["if_cancelled"]["back"] is None
    assert "Nothing has been paid" in Visitor(world, one.client).main(f"/bookings/{one.booking}/cancel")


def test_every_page_says_what_was_really_paid_where_less_was_accepted(world: World) -> None:
    one = Wrong(world)
    one.decide("accept")
    seen = one.page()
    assert "€ 40 paid" in seen
    assert "€ 60 paid" not in seen
    assert "Forgiven by our staff € 20" in seen
    for who in (one.client, one.owner, one.staff):
        assert "€ 40; € 20 was forgiven" in one.booking_page(who)
    bill = world.checkout(one.client, one.bill)
    assert (bill["money"], bill["paid"], bill["forgiven"]) == ("paid", _amount(4_000), _amount(2_000))
    booked = world.booking(one.client, one.booking)
    assert (booked["money"], booked["paid"], booked["forgiven"]) == ("paid", _amount(4_000), _amount(2_000))


def test_a_gift_or_credit_for_less_is_worth_less_and_nothing_of_it_is_forgiven(world: World) -> None:
    client = world.person()
    made = client.post("/wallet/top-ups", {"amount": {"amount": 6_000, "currency": "EUR"}}).json["id"]
    world.act(world.begin(client, made), amount=PAID)
    [review] = world.all(Review)
    staff = world.person(Role.STAFF)
    with world.app.app_context():
        assert repair.effect_of(db.session.get_one(Review, review.id), "accept").forgiven is None
        repair.resolve(review.id, "accept", "Seen.", db.session.get_one(User, staff.user_id))
    seen = world.checkout(client, made)
    assert (seen["money"], seen["paid"], seen["forgiven"]) == ("paid", _amount(4_000), None)
    assert "€ 40 paid" in Visitor(world, client).main(f"/checkouts/{made}")


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("amount", "decision", "says"),
    [
        (4_000, "accept", "€ 40 of € 60 was received: the missing € 20 is forgiven"),
        (9_000, "accept", "€ 30 will be refunded the way it was paid"),
        (4_000, "refund", "€ 40 will be refunded the way it was paid"),
        (4_000, "credit", "€ 40 becomes wallet credit at once"),
    ],
)
def test_staff_read_what_a_decision_does_before_they_take_it(
    world: World, amount: int, decision: str, says: str
) -> None:
    one = Wrong(world, amount)
    assert says in one.review_page()
    one.decide(decision)
    back = [(row.amount, row.means) for row in world.all(Refund)]
    means = "wallet" if decision == "credit" else "gateway"
    expected = {("accept", 4_000): [], ("accept", 9_000): [(3_000, "gateway")]}.get(
        (decision, amount), [(4_000, means)]
    )
    assert back == expected


# ------------------------------------------------------------------------------------------------ where a bill's money is


@contextmanager
def _reversing(world: World, may: bool) -> Iterator[None]:
    """M-Pesa sends whole payments back, or is set up without the right to send any."""
    there = world.app.extensions["gateways"]
    whole = there["mpesa"]
    if not may:
        there["mpesa"] = MpesaGateway(replace(whole._settings, initiator=""))
    try:
        yield
    finally:
        there["mpesa"] = whole


@pytest.mark.parametrize("can_reverse", [True, False])
def test_a_lost_draft_whose_money_became_credit_is_seen_as_such(world: World, can_reverse: bool) -> None:
    """PAY-20: M-Pesa; where nothing can be sent back it is credit at once, else by the payer's choice."""
    client, rival = world.person(), world.person(name="Rival")
    service = world.service(world.practitioner(), "pay_then_book", "KES")
    start = world.start(service)
    bill, theirs = [world.book(each, service, start)["checkout"]["id"] for each in (client, rival)]
    begun = world.begin(client, bill, "mpesa", phone=phone(client))
    world.act(world.begin(rival, theirs, "mpesa", phone=phone(rival)))
    with _reversing(world, can_reverse):
        world.act(begun)
        if can_reverse:
            assert world.checkout(client, bill)["money"] == "refund_offered"
            assert client.post(f"/checkouts/{bill}/offer", {"choice": "credit"}).status_code == 200
    seen = world.checkout(client, bill)
    assert (seen["status"], seen["money"], seen["offer"]) == ("cancelled", "credited", None)
    assert [(back["means"], back["amount"]["amount"]) for back in seen["refunds"]] == [("wallet", 150_000)]


def test_a_late_payment_says_where_its_money_is_until_it_is_back(world: World) -> None:
    client = world.person()
    made = late_payment(world, client, world.service(world.practitioner(), "pay_then_book"))
    bill = made["checkout"]["id"]
    assert world.checkout(client, bill)["money"] == "refund_offered"
    world.move(hours=25)
    assert world.checkout(client, bill)["money"] == "refund_pending"
    world.sweep()
    world.settle()
    world.sweep()
    assert world.checkout(client, bill)["money"] == "refunded"


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "razorpay", "mpesa"])
def test_a_bill_says_where_its_money_is_from_the_first_try_on(world: World, gateway: str) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, currency=BY_CODE[gateway].currency))
    bill = made["checkout"]["id"]
    assert (made["checkout"]["money"], made["checkout"]["paid"], made["checkout"]["refunds"]) == ("none", None, [])
    begun = world.begin(client, bill, gateway)
    assert world.checkout(client, bill)["money"] == "processing"
    world.act(begun)
    world.sweep()
    seen = world.checkout(client, bill)
    assert (seen["money"], seen["paid"]["amount"]) == ("paid", BY_CODE[gateway].price)
    assert owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "Ill."}).status_code == 200
    for _ in range(2):
        world.sweep()
        world.settle()
    assert world.checkout(client, bill)["money"] == "refunded"


def test_a_top_up_and_a_question_say_that_they_are_paid(world: World) -> None:
    client, (_, slug) = world.person(), expert(world)
    top_up(world, client, 5_000)
    bill = ask(client, slug)
    world.act(world.begin(client, bill))
    assert world.checkout(client, bill)["money"] == "paid"


def test_a_session_that_is_owed_says_so(world: World) -> None:
    """ROW-6: pages said "to be paid", the API "none"."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after"))["booking"]
    assert made["money"] == "none"
    world.move(hours=26)
    for act in ("start", "complete"):
        assert owner.post(f"/bookings/{made['id']}/{act}", {"notes": ""}).status_code == 200
    seen = world.booking(client, made["id"])
    assert (seen["status"], seen["money"]) == ("completed", "due")
    bill = seen["checkout_id"]
    assert world.checkout(client, bill)["money"] == "due"
    begun = world.begin(client, bill)
    assert world.booking(client, made["id"])["money"] == "processing"
    world.act(begun, "decline")
    world.act(begun)
    assert (world.booking(client, made["id"])["money"], world.checkout(client, bill)["money"]) == ("paid", "paid")
