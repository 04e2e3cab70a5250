"""Repair without a programmer: every act of staff moves money once, leaves its trail, and is refused to anybody else."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, GatewayEvent, Refunded
from app.models import (
    Attempt,
    Booking,
    Change,
    InboxEntry,
    LedgerEntry,
    Notification,
    Payout,
    Refund,
    Review,
    Role,
    User,
)
from app.services.backoffice import repair
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.payments import inbox
from app.services.prepaid import wallet
from sandbox.stripe import disputes as stripe_disputes
from sandbox.stripe import refunds as stripe_refunds
from tests.support.world import Caller, World

WHY = "Seen in the gateway's own list, case 17."
OVER, UNDER = 6_100, 5_000


class Desk:
    """A member of staff at work."""

    def __init__(self, world: World) -> None:
        self.world, self.id = world, world.person(Role.STAFF, name="Njeri Staff").user_id

    def does(self, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """The act, done by this person."""
        with self.world.app.app_context():
            return act(*args, db.session.get_one(User, self.id), **more)

    def remedies(self, refund: Refund) -> list[str]:
        """What this person may do about the refund."""
        with self.world.rows():
            return repair.remedies_for(db.session.get_one(Refund, refund.id), db.session.get_one(User, self.id))

    def trail(self, subject: str) -> list[str]:
        """What this person has changed of one kind of thing, in order."""
        return [c.to_status for c in self.world.all(Change) if c.actor_id == self.id and c.subject == subject]


@pytest.fixture
def desk(world: World) -> Desk:
    """A member of staff at work."""
    return Desk(world)


def _paid(world: World, currency: str = "EUR", gateway: str = "stripe") -> tuple[Caller, Attempt]:
    client = world.person()
    world.booked(client, world.service(world.practitioner(), currency=currency), gateway)
    return client, world.all(Attempt)[0]


def _in_review(world: World, amount: int, mode: str = "hold_then_pay") -> tuple[Caller, dict[str, Any], Review]:
    """A payment of another amount than was asked for."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), mode))
    world.act(world.begin(client, made["checkout"]["id"]), amount=amount)
    [review] = world.all(Review)
    assert (review.reason, review.resolved_at) == ("amount", None)
    return client, made, review


def _at(world: World, account: str) -> int:
    return sum(entry.amount for entry in world.all(LedgerEntry) if entry.account == account)


def _come_through(world: World) -> None:
    world.sweep()
    world.settle()
    world.sweep()


# ------------------------------------------------------------------------------------------------ reviews


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_another_amount_that_staff_accept_confirms(world: World, desk: Desk, mode: str) -> None:
    client, _, review = _in_review(world, UNDER, mode)
    with world.rows():
        assert repair.decisions_for(review) == ["accept", "refund", "credit", "write_off"]
    desk.does(lambda staff: repair.resolve(review.id, "accept", WHY, staff))
    [booking] = world.all(Booking)
    assert world.booking(client, str(booking.id))["status"] == "confirmed"
    assert (_at(world, "practitioner") + _at(world, "platform"), _at(world, "received")) == (UNDER, 0)
    assert desk.trail("review") == ["accept"]
    with world.rows():
        assert repair.outcome(world.all(Review)[0]) == "accept"


def test_what_was_paid_above_the_price_goes_back_when_it_is_accepted(world: World, desk: Desk) -> None:
    """Invariant: nobody keeps more than the price."""
    client, made, review = _in_review(world, OVER)
    desk.does(lambda staff: repair.resolve(review.id, "accept", WHY, staff))
    _come_through(world)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert [(r.amount, r.reason, r.status) for r in world.all(Refund)] == [(100, "overpaid", "done")]
    assert _at(world, "gateway") == -6_000


def test_accepting_when_the_place_is_gone_gives_the_money_back(world: World, desk: Desk) -> None:
    client, made, review = _in_review(world, UNDER)
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    desk.does(lambda staff: repair.resolve(review.id, "accept", WHY, staff))
    _come_through(world)
    assert [(r.amount, r.reason, r.status) for r in world.all(Refund)] == [(UNDER, "too_late", "done")]
    with world.rows():
        assert repair.outcome(world.all(Review)[0]) == "too_late"


def test_another_amount_is_sent_back(world: World, desk: Desk) -> None:
    client, made, review = _in_review(world, UNDER)
    desk.does(lambda staff: repair.resolve(review.id, "refund", WHY, staff))
    _come_through(world)
    assert [(r.amount, r.reason, r.status) for r in world.all(Refund)] == [(UNDER, "review", "done")]
    assert world.booking(client, made["booking"]["id"])["status"] != "confirmed"
    assert [entry["kind"] for entry in world.money_taken()] == ["capture", "refund"]


def test_another_amount_becomes_credit(world: World, desk: Desk) -> None:
    client, _, review = _in_review(world, UNDER)
    desk.does(lambda staff: repair.resolve(review.id, "credit", WHY, staff))
    _come_through(world)
    with world.rows() as session:
        assert wallet.balance(session.get_one(User, client.user_id), "EUR") == Money(UNDER, "EUR")
    assert [(r.means, r.status) for r in world.all(Refund)] == [("wallet", "done")]
    assert [entry["kind"] for entry in world.money_taken()] == ["capture"]
    assert "payment_credited" in {n.kind for n in world.all(Notification) if n.user_id == client.user_id}


def test_another_amount_is_written_off(world: World, desk: Desk) -> None:
    _, _, review = _in_review(world, UNDER)
    desk.does(lambda staff: repair.resolve(review.id, "write_off", WHY, staff))
    assert (_at(world, "write_off"), _at(world, "received")) == (UNDER, 0)


@pytest.mark.parametrize(
    ("decision", "places"),
    [
        ("refund", {"gateway": 0}),
        ("credit", {"gateway": -6_000, "wallet": 6_000}),
        ("write_off", {"gateway": -6_000, "write_off": 6_000}),
    ],
)
def test_another_currency_is_decided_as_it_came(
    world: World, desk: Desk, decision: str, places: dict[str, int]
) -> None:
    """A history found it: the page of such a review, and each decision, failed because two currencies were subtracted."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.act(world.begin(client, made["checkout"]["id"]), currency="usd")
    [review] = world.all(Review)
    with world.rows():
        assert repair.decisions_for(review) == ["refund", "credit", "write_off"]
        assert [repair.effect_of(review, each).held for each in repair.decisions_for(review)] == [
            Money(6_000, "USD")
        ] * 3
    desk.does(lambda staff: repair.resolve(review.id, decision, WHY, staff))
    _come_through(world)
    assert {place: _at(world, place) for place in places} == places
    assert {entry.currency for entry in world.all(LedgerEntry)} == {"USD"}
    assert world.booking(client, made["booking"]["id"])["status"] != "confirmed"


def test_sending_back_what_the_gateway_cannot_send_back_is_credit_and_is_called_so(world: World, desk: Desk) -> None:
    """M-Pesa reverses whole payments only, and another amount than was asked for is none."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa")
    world.drop_callbacks()
    world.act(begun)
    [attempt] = world.all(Attempt)
    event = GatewayEvent(
        "other", "test", Confirmed(Money(140_000, "KES"), "SJK4H7L2QP"), attempt.reference, attempt.provider_ref
    )
    with world.app.app_context():
        inbox.receive("mpesa", event, source="look_up")
    [review] = world.all(Review)
    desk.does(lambda staff: repair.resolve(review.id, "refund", WHY, staff))
    with world.rows():
        assert repair.outcome(world.all(Review)[0]) == "credit"
    assert _at(world, "wallet") == 140_000


@pytest.mark.parametrize("decision", ["accept", "refund", "credit", "write_off"])
def test_a_resolved_review_cannot_be_resolved_again(world: World, desk: Desk, decision: str) -> None:
    _, _, review = _in_review(world, UNDER)
    desk.does(lambda staff: repair.resolve(review.id, "credit", WHY, staff))
    with pytest.raises(Conflict) as caught:
        desk.does(lambda staff: repair.resolve(review.id, decision, "once more", staff))
    assert (caught.value.code, caught.value.values["status"]) == ("not_allowed", "credit")
    [review] = world.all(Review)
    assert (review.resolution, review.evidence) == ("credit", WHY)
    assert desk.trail("review") == ["credit"]


@pytest.mark.parametrize(
    ("decision", "evidence", "code"), [("refund", "  ", "evidence_missing"), ("refund", "x" * 501, "too_long")]
)
def test_a_review_needs_evidence_of_a_readable_length(
    world: World, desk: Desk, decision: str, evidence: str, code: str
) -> None:
    _, _, review = _in_review(world, UNDER)
    with pytest.raises(Invalid) as caught:
        desk.does(lambda staff: repair.resolve(review.id, decision, evidence, staff))
    assert (caught.value.code, caught.value.field) == (code, "evidence")
    assert world.all(Review)[0].resolved_at is None


def test_a_challenged_charge_is_only_looked_at_nothing_moves(world: World, desk: Desk) -> None:
    _paid(world)
    [charge] = world.sandbox.sandbox.store.all("charge")
    stripe_disputes.dispute(world.sandbox.sandbox, charge["id"])
    world.settle()
    [review] = world.all(Review)
    before = _at(world, "practitioner")
    with world.rows():
        assert repair.decisions_for(review) == ["close"]
    with pytest.raises(Conflict):
        desk.does(lambda staff: repair.resolve(review.id, "refund", WHY, staff))
    desk.does(lambda staff: repair.resolve(review.id, "close", WHY, staff))
    assert (world.all(Review)[0].resolution, _at(world, "practitioner"), world.all(Refund)) == ("close", before, [])


# ------------------------------------------------------------------------------------------------ refunds by staff


def _way_back(world: World, gateway: str) -> str:
    with world.rows() as session:
        return repair.way_back(session.query(Attempt).filter_by(gateway=gateway).one())


def test_staff_know_before_where_money_would_go(world: World, desk: Desk) -> None:
    _paid(world)
    client = world.person()
    world.booked(client, world.service(world.practitioner(), currency="KES"), "mpesa")
    assert (_way_back(world, "stripe"), _way_back(world, "mpesa")) == ("gateway", "whole")
    phone = next(each for each in world.all(Attempt) if each.gateway == "mpesa")
    desk.does(lambda staff: repair.refund(phone.id, Money(110_000, "KES"), WHY, staff))
    made = world.book(client, world.service(world.practitioner(), currency="KES", price_amount=100_000))
    world.begin(client, made["checkout"]["id"], "wallet")
    assert (_way_back(world, "mpesa"), _way_back(world, "wallet")) == ("credit", "credit")


def test_a_part_goes_back_twice_and_never_more_than_is_left(world: World, desk: Desk) -> None:
    _, attempt = _paid(world)
    for amount in (1_000, 2_500):
        desk.does(lambda staff, amount=amount: repair.refund(attempt.id, Money(amount, "EUR"), WHY, staff))
    with pytest.raises(Invalid) as caught:
        desk.does(lambda staff: repair.refund(attempt.id, Money(2_501, "EUR"), WHY, staff))
    assert (caught.value.code, caught.value.field) == ("amount_too_large", "amount")
    _come_through(world)
    assert [(r.amount, r.status) for r in world.all(Refund)] == [(1_000, "done"), (2_500, "done")]
    assert (_at(world, "gateway"), _at(world, "practitioner"), _at(world, "platform")) == (-2_500, 2_250, 250)
    assert desk.trail("act") == ["refund", "refund"]
    assert desk.trail("refund") == ["asked", "asked"]


def test_the_same_form_sent_twice_sends_the_money_once(world: World, desk: Desk) -> None:
    _, attempt = _paid(world)
    whole, part = Money(6_000, "EUR"), Money(1_000, "EUR")
    desk.does(lambda staff: repair.refund(attempt.id, part, WHY, staff, seen=whole))
    with pytest.raises(Conflict):
        desk.does(lambda staff: repair.refund(attempt.id, part, WHY, staff, seen=whole))
    assert len(world.all(Refund)) == 1


@pytest.mark.parametrize(
    ("money", "code"),
    [
        (Money(0, "EUR"), "amount_invalid"),
        (Money(-5, "EUR"), "amount_invalid"),
        (Money(100, "KES"), "amount_too_large"),
    ],
)
def test_an_amount_that_cannot_be_meant_is_refused(world: World, desk: Desk, money: Money, code: str) -> None:
    _, attempt = _paid(world)
    with pytest.raises(Invalid) as caught:
        desk.does(lambda staff: repair.refund(attempt.id, money, WHY, staff))
    assert caught.value.code == code
    assert world.all(Refund) == []


def test_what_a_gateway_cannot_send_back_is_credit_at_once(world: World, desk: Desk) -> None:
    """M-Pesa without reversal, or a part of it."""
    client, attempt = _paid(world, "KES", "mpesa")
    made = desk.does(lambda staff: repair.refund(attempt.id, Money(50_000, "KES"), WHY, staff))
    assert (made.means, made.status) == ("wallet", "done")
    with world.rows() as session:
        assert wallet.balance(session.get_one(User, client.user_id), "KES") == Money(50_000, "KES")


# ------------------------------------------------------------------------------------------------ refunds that are stuck


def _failed(world: World, desk: Desk, fault: str, **more: Any) -> Refund:
    """A refund the gateway refused."""
    _, attempt = _paid(world)
    world.faults(gateway="stripe", route="refund", fault=fault, times=1, **more)
    desk.does(lambda staff: repair.refund(attempt.id, Money(6_000, "EUR"), WHY, staff))
    _come_through(world)
    refund: Refund = world.all(Refund)[0]
    assert refund.status == "failed", refund.status
    assert desk.remedies(refund) == ["retry", "credit", "by_hand", "before", "not_owed"]
    return refund


def test_a_retry_keeps_the_key_where_the_vendor_made_no_refund(world: World, desk: Desk) -> None:
    refund = _failed(world, desk, "400")
    assert refund.provider_ref is None
    desk.does(lambda staff: repair.retry_refund(refund.id, staff))
    _come_through(world)
    [after] = world.all(Refund)
    assert (after.status, after.wire_key, after.failure) == ("done", refund.wire_key, "")
    assert desk.trail("refund") == ["asked", "asked"]
    assert [entry["kind"] for entry in world.money_taken()] == ["capture", "refund"]


def test_a_retry_takes_another_key_where_the_vendors_own_refund_failed(world: World, desk: Desk) -> None:
    refund = _failed(world, desk, "refund_failed")
    assert refund.provider_ref is not None
    desk.does(lambda staff: repair.retry_refund(refund.id, staff))
    _come_through(world)
    [after] = world.all(Refund)
    assert (after.status, after.wire_key) == ("done", f"{refund.key}-1")
    assert after.provider_ref != refund.provider_ref


def test_a_refund_that_failed_after_it_was_done_can_be_tried_again(world: World, desk: Desk) -> None:
    _, attempt = _paid(world)
    desk.does(lambda staff: repair.refund(attempt.id, Money(1_000, "EUR"), WHY, staff))
    _come_through(world)
    [refund] = world.all(Refund)
    stripe_refunds.finish(world.sandbox.sandbox, refund.provider_ref, success=False)
    world.settle()
    assert world.all(Refund)[0].status == "failed"
    desk.does(lambda staff: repair.retry_refund(refund.id, staff))
    _come_through(world)
    assert world.all(Refund)[0].status == "done"


def test_old_news_that_names_no_refund_does_not_make_a_failed_one_done(world: World, desk: Desk) -> None:
    """Invariant 3: Stripe's charge.refunded is sent when the refund begins, and may come after refund.failed."""
    refund = _failed(world, desk, "refund_failed")
    [attempt] = world.all(Attempt)
    fact = Refunded(Money(6_000, "EUR"), None, None, attempt.charge_ref)
    with world.app.app_context():
        event = GatewayEvent("late", "charge.refunded", fact, attempt.reference, attempt.provider_ref)
        inbox.receive("stripe", event, source="callback")
    assert world.all(Refund)[0].status == "failed"
    named = Refunded(Money(6_000, "EUR"), refund.provider_ref, refund.wire_key, attempt.charge_ref)
    with world.app.app_context():
        event = GatewayEvent("named", "refund.updated", named, attempt.reference, attempt.provider_ref)
        inbox.receive("stripe", event, source="callback")
    world.sweep()  # news that names it is asked about, and the gateway says what it said before
    assert world.all(Refund)[0].status == "failed"


def test_a_failed_refund_is_given_as_credit_once(world: World, desk: Desk) -> None:
    refund = _failed(world, desk, "refund_failed")
    desk.does(lambda staff: repair.credit_refund(refund.id, staff))
    for again in (repair.credit_refund, repair.retry_refund):
        with pytest.raises(Conflict):
            desk.does(lambda staff, again=again: again(refund.id, staff))
    assert (_at(world, "wallet"), _at(world, "refunds")) == (6_000, 0)
    assert desk.trail("refund") == ["asked", "done"]


def test_a_failed_refund_was_sent_by_hand_and_the_evidence_is_kept(world: World, desk: Desk) -> None:
    refund = _failed(world, desk, "refund_failed")
    with pytest.raises(Invalid):
        desk.does(lambda staff: repair.settle_refund(refund.id, " ", staff))
    desk.does(lambda staff: repair.settle_refund(refund.id, WHY, staff))
    [after] = world.all(Refund)
    assert (after.means, after.status) == ("by_hand", "done")
    assert [c.why for c in world.all(Change) if c.subject == "refund"][-1] == WHY
    assert (_at(world, "by_hand"), _at(world, "refunds")) == (6_000, 0)


def _silent(world: World, desk: Desk, fault: str) -> Refund:
    """A refund of which nothing is heard for days."""
    _, attempt = _paid(world)
    world.faults(gateway="stripe", route="refund", fault=fault, times=99 if fault == "500" else 1)
    if fault == "refund_pending":
        world.drop_callbacks()
    desk.does(lambda staff: repair.refund(attempt.id, Money(6_000, "EUR"), WHY, staff))
    for _ in range(8):
        world.sweep()
        world.move(hours=12)
    refund: Refund = world.all(Refund)[0]
    return refund


def _end_at_gateway(world: World) -> None:
    [refund] = world.sandbox.sandbox.store.all("refund")
    stripe_refunds.finish(world.sandbox.sandbox, refund["id"], success=True)


@pytest.mark.parametrize(("fault", "status"), [("refund_pending", "sent"), ("500", "asked")])
def test_a_silent_refund_is_asked_about_again_or_was_sent_by_hand(
    world: World, desk: Desk, fault: str, status: str
) -> None:
    refund = _silent(world, desk, fault)
    assert refund.status == status
    assert desk.remedies(refund) == ["chase", "by_hand", "before", "not_owed"]
    for wrong in (repair.retry_refund, repair.credit_refund):
        with pytest.raises(Conflict):
            desk.does(lambda staff, wrong=wrong: wrong(refund.id, staff))
    tries = refund.tries
    desk.does(lambda staff: repair.chase_refund(refund.id, staff))
    assert world.all(Refund)[0].tries == tries + 1
    desk.does(lambda staff: repair.settle_refund(refund.id, WHY, staff))
    assert (world.all(Refund)[0].means, world.all(Refund)[0].status) == ("by_hand", "done")
    assert desk.trail("act") == ["refund", "asked"]


def test_asking_about_a_silent_refund_ends_it_when_the_gateway_knows_the_end(world: World, desk: Desk) -> None:
    refund = _silent(world, desk, "refund_pending")
    _end_at_gateway(world)
    desk.does(lambda staff: repair.chase_refund(refund.id, staff))
    assert world.all(Refund)[0].status == "done"


def test_a_refund_that_goes_out_by_itself_needs_no_hand(world: World, desk: Desk) -> None:
    _, attempt = _paid(world)
    made = desk.does(lambda staff: repair.refund(attempt.id, Money(6_000, "EUR"), WHY, staff))
    assert desk.remedies(made) == []
    for act in (
        lambda staff: repair.settle_refund(made.id, WHY, staff),
        lambda staff: repair.chase_refund(made.id, staff),
        lambda staff: repair.retry_refund(made.id, staff),
    ):
        with pytest.raises(Conflict):
            desk.does(act)


def test_what_was_sent_by_hand_and_by_the_gateway_too_is_looked_at(world: World, desk: Desk) -> None:
    refund = _silent(world, desk, "refund_pending")
    desk.does(lambda staff: repair.settle_refund(refund.id, WHY, staff))
    world.sandbox.sandbox.faults.clear()
    _end_at_gateway(world)
    world.settle()
    assert [review.reason for review in world.all(Review)] == ["refund_twice"]


# ------------------------------------------------------------------------------------------------ asking, replaying


def test_asking_the_gateway_finds_what_its_callback_did_not_tell(world: World, desk: Desk) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    begun = world.begin(client, made["checkout"]["id"])
    world.drop_callbacks()
    world.act(begun)
    [attempt] = world.all(Attempt)
    desk.does(lambda staff: repair.ask_gateway(attempt.id, staff))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert desk.trail("act") == ["asked"]


def test_nobody_can_be_asked_about_credit(world: World, desk: Desk) -> None:
    client, attempt = _paid(world, "KES", "mpesa")
    desk.does(lambda staff: repair.refund(attempt.id, Money(140_000, "KES"), WHY, staff))
    made = world.book(client, world.service(world.practitioner(), currency="KES", price_amount=100_000))
    world.begin(client, made["checkout"]["id"], "wallet")
    by_wallet = next(each for each in world.all(Attempt) if each.gateway == "wallet")
    with world.rows():
        assert not repair.can_be_asked(by_wallet)
    with pytest.raises(Conflict):
        desk.does(lambda staff: repair.ask_gateway(by_wallet.id, staff))


def test_a_replayed_event_does_nothing_twice(world: World, desk: Desk) -> None:
    _paid(world)
    before = len(world.all(LedgerEntry))
    for entry in world.all(InboxEntry):
        desk.does(lambda staff, entry=entry: repair.replay(entry.id, staff))
    assert len(world.all(LedgerEntry)) == before
    assert set(desk.trail("inbox")) == {"received"}


def test_an_unmatched_event_is_matched_by_a_replay_once_its_payment_is_known(world: World, desk: Desk) -> None:
    _, attempt = _paid(world)
    with world.rows() as session:
        entry = session.query(InboxEntry).filter_by(attempt_id=attempt.id).first()
        entry.state, entry.attempt_id = "unmatched", None
        session.commit()
        entry_id = entry.id
    assert desk.does(lambda staff: repair.replay(entry_id, staff)) == "ignored"
    with world.rows() as session:
        assert session.get(InboxEntry, entry_id).attempt_id == attempt.id


# ------------------------------------------------------------------------------------------------ payouts, messages


def _wishes_payout(world: World, desk: Desk) -> tuple[Caller, Payout]:
    client, attempt = _paid(world, "KES", "mpesa")
    desk.does(lambda staff: repair.refund(attempt.id, Money(140_000, "KES"), WHY, staff))
    with world.rows() as session:
        wallet.ask_payout(session.get_one(User, client.user_id), Money(100_000, "KES"), "M-Pesa 0712 345 678")
    return client, world.all(Payout)[0]


def test_a_payout_was_sent_by_hand(world: World, desk: Desk) -> None:
    client, payout = _wishes_payout(world, desk)
    desk.does(lambda staff: repair.settle_payout(payout.id, WHY, staff))
    assert (world.all(Payout)[0].status, world.all(Payout)[0].evidence) == ("done", WHY)
    assert (_at(world, "wallet"), _at(world, "payouts"), _at(world, "by_hand")) == (40_000, 0, 100_000)
    assert desk.trail("payout") == ["done"]
    assert "payout_done" in {n.kind for n in world.all(Notification) if n.user_id == client.user_id}


def test_a_refused_payout_is_in_the_wallet_again(world: World, desk: Desk) -> None:
    _, payout = _wishes_payout(world, desk)
    desk.does(lambda staff: repair.refuse_payout(payout.id, "This number is not yours.", staff))
    assert (_at(world, "wallet"), _at(world, "payouts")) == (140_000, 0)
    for again in (repair.settle_payout, repair.refuse_payout):
        with pytest.raises(Conflict):
            desk.does(lambda staff, again=again: again(payout.id, WHY, staff))


def test_a_message_that_did_not_go_out_is_mailed_again(world: World, desk: Desk) -> None:
    client = world.person()
    world.book(client, world.service(world.practitioner(), "approve_then_pay"))
    notice = next(n for n in world.all(Notification) if n.user_id == client.user_id)
    assert desk.does(lambda staff: repair.try_send_again(notice.mail.id, staff)) is True
    assert world.mails(world.email(client))
    with pytest.raises(Conflict):
        desk.does(lambda staff: repair.try_send_again(notice.mail.id, staff))
    assert desk.trail("act") == ["mailed"]


# ------------------------------------------------------------------------------------------------ who may, and what is not there

_ACTS: dict[str, Callable[[Any, User], Any]] = {
    "ask_gateway": repair.ask_gateway,
    "refund": lambda key, staff: repair.refund(key, Money(100, "EUR"), WHY, staff),
    "chase_refund": repair.chase_refund,
    "retry_refund": repair.retry_refund,
    "credit_refund": repair.credit_refund,
    "settle_refund": lambda key, staff: repair.settle_refund(key, WHY, staff),
    "settle_payout": lambda key, staff: repair.settle_payout(key, WHY, staff),
    "refuse_payout": lambda key, staff: repair.refuse_payout(key, WHY, staff),
    "replay": lambda _key, staff: repair.replay(4711, staff),
    "resolve": lambda _key, staff: repair.resolve(4711, "close", WHY, staff),
    "send_again": lambda _key, staff: repair.try_send_again(4711, staff),
}


@pytest.mark.parametrize("act", _ACTS)
def test_only_staff_may_and_what_is_not_there_is_not_found(world: World, desk: Desk, act: str) -> None:
    for role in (Role.CLIENT, Role.PRACTITIONER):
        other = world.person(role)
        with world.rows() as session, pytest.raises(Forbidden):
            _ACTS[act](uuid.uuid4(), session.get_one(User, other.user_id))
    with pytest.raises(NotFound):
        desk.does(lambda staff: _ACTS[act](uuid.uuid4(), staff))
    assert world.all(Change) == []
