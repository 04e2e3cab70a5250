"""Asking for money back: the row and its place in the books, in the transaction that causes it."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app.domain.checkout_kinds import Proceeds
from app.domain.lifecycle import RefundMeans, RefundStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import REFUND_KEYS
from app.lib import chance, clock
from app.models import Attempt, Checkout, Refund
from app.services.core import batching, outbox
from app.services.core.transaction import GATEWAY, Who, record
from app.services.ledger import credit_lots, disputes, journal, lost_money, prepaid_balances, splits
from app.services.ledger.paid_amounts import can_go_back
from app.services.ledger.refunds.refund_statuses import leave_to_staff, try_credit, try_give_back_session

# Where money is that has gone back, by the way it went.
_ARRIVED = {
    RefundMeans.WALLET: "credited",
    RefundMeans.BY_HAND: "by_hand",
    RefundMeans.PACKAGE: "session_back",
    RefundMeans.BANK: "by_bank",
    RefundMeans.NOT_OWED: "not_owed",
}
# Where money is that a practitioner was paid by hand: no staff of ours ever had it.
_IN_HAND = {"failed": "in_hand", "by_hand": "handed_back"}


def ask(attempt: Attempt, charge_ref: str, money: Money, reason: str, who: Who, *, offer: bool = False) -> Refund:
    """The money is on its way back, once per charge and reason.

    Inside the caller's transaction; the gateway is called after it. With `offer` the client may choose something else until
    the deadline of the setting KIKAO_LATE_OFFER_HOURS. Where the gateway cannot send it back it is credit at once; what a
    practitioner holds waits for staff.
    """
    found = db.session.scalars(
        select(Refund).where(Refund.attempt_id == attempt.id, Refund.charge_ref == charge_ref, Refund.reason == reason)
    ).one_or_none()
    if found is not None:
        return found
    refund = add(attempt, charge_ref, money, reason, who)
    _route(refund, who, offer=offer)
    return refund


def _route(refund: Refund, who: Who, *, offer: bool) -> None:
    """The refund is on the first way it can go: into its package, by hand, as credit, after a choice, by the gateway."""
    attempt = refund.attempt
    if attempt.gateway == journal.PACKAGE:
        session_is_back = try_give_back_session(refund, who)
        if session_is_back:
            return
    means = means_of(attempt, refund.money, refund.charge_ref)
    if means is RefundMeans.BY_HAND:
        leave_to_staff(refund)
        return
    if means is RefundMeans.WALLET:
        try_credit(refund, who, payable=_is_stranded(attempt, refund.money))
        return
    hours_to_choose = current_app.config["LATE_OFFER_HOURS"] if offer else 0
    if hours_to_choose:
        refund.offer_until = clock.now() + timedelta(hours=hours_to_choose)
        refund.next_try_at = refund.offer_until
        return
    outbox.after_commit("app.jobs.refunds.send", str(refund.id))


def means_of(attempt: Attempt, money: Money, charge_ref: str = "") -> RefundMeans:
    """The way so much of this charge goes if it is asked for now, as `ask` takes it and as it is said before.

    By hand: a practitioner holds it. In a package only while that is open and the session comes back whole.
    """
    if prepaid_balances.returnable_use(attempt, money) is not None:
        return RefundMeans.PACKAGE
    if journal.custodian_of(attempt) is not None:
        return RefundMeans.BY_HAND
    return RefundMeans.GATEWAY if can_go_back(attempt, money, charge_ref) else RefundMeans.WALLET


def way_word(attempt: Attempt, money: Money, charge_ref: str = "") -> str:
    """How that way is said before it is taken: the means, credit again, or later; a key of words.COMING_BACK."""
    means = means_of(attempt, money, charge_ref)
    if means is RefundMeans.GATEWAY and disputes.withholds_charge(attempt, charge_ref):
        return "withheld"
    return "wallet_again" if means is RefundMeans.WALLET and attempt.gateway == journal.WALLET else means.value


def credit_part(attempt: Attempt, money: Money, reason: str, who: Who) -> Refund:
    """A part of the payment is credit in the client's wallet, or waits for staff. In the caller's transaction."""
    refund = add(attempt, attempt.charge_ref or "", money, reason, who)
    if journal.custodian_of(attempt) is not None:
        leave_to_staff(refund)
    else:
        try_credit(refund, who, payable=_is_stranded(attempt, money))
    return refund


def _is_stranded(attempt: Attempt, money: Money) -> bool:
    """Whether this amount could not be sent back to where the money was paid from, be it by way of a package."""
    return not can_go_back(prepaid_balances.origin_of(attempt), money)


def add(attempt: Attempt, charge_ref: str, money: Money, reason: str, who: Who) -> Refund:
    """The row, in the trail and in the books; nothing is sent."""
    refund = _row(attempt, charge_ref, money, reason, who)
    splits.take_back(attempt, money, journal.refunds(refund.id), "refund_asked", f"refund_asked:{refund.id}", who)
    return refund


def split(refund: Refund, amount: int, reason: str) -> Refund:
    """So much of the refund, of which nothing is under way, is one of its own; in the caller's transaction."""
    part = Money(amount, refund.currency)
    made = _row(refund.attempt, refund.charge_ref, part, reason, GATEWAY)
    made.lost_before = refund.lost_before
    made.asked_at = refund.asked_at
    refund.amount -= amount
    over = journal.Transfer(journal.refunds(refund.id), journal.refunds(made.id), part)
    booking_id = refund.attempt.checkout.booking_id
    journal.post("refund_split", f"refund_split:{made.id}", over, attempt=refund.attempt, booking_id=booking_id)
    return made


def _row(attempt: Attempt, charge_ref: str, money: Money, reason: str, who: Who) -> Refund:
    refund = Refund(
        id=chance.new_id(),
        attempt_id=attempt.id,
        attempt=attempt,
        charge_ref=charge_ref,
        key=f"{REFUND_KEYS}{chance.reference(20)}",
        amount=money.amount,
        currency=money.currency,
        lost_before=lost_money.ever_of_charge(attempt, charge_ref).amount,
        reason=reason,
        means=RefundMeans.GATEWAY,
        status=RefundStatus.ASKED,
        version=1,
        renewed=0,
        tries=0,
        next_try_at=clock.now(),
        asked_at=clock.now(),
    )
    db.session.add(refund)
    db.session.flush()
    record("refund", refund.id, "", refund.status, who, why=reason, booking_id=attempt.checkout.booking_id)
    return refund


def of_attempts(ids: list[uuid.UUID]) -> list[Refund]:
    """All refunds of these attempts, oldest first."""
    return list(db.session.scalars(select(Refund).where(Refund.attempt_id.in_(ids)).order_by(Refund.asked_at)))


def word_of(refund: Refund) -> str:
    """How far the money is, for people: a key of words.REFUND_STATES; finer than the status."""
    if refund.status is RefundStatus.ASKED and refund.offer_until is not None and not refund.tries:
        return "offered" if refund.offer_until > clock.now() else "asked"
    if refund.is_not_under_way and disputes.withholds(refund):
        return "withheld"
    word = _ARRIVED.get(refund.means, "done") if refund.status is RefundStatus.DONE else refund.status.value
    return word if journal.custodian_of(refund.attempt) is None else _IN_HAND.get(word, word)


@batching.batched("booking", list)
def _of_bookings(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Refund]]:
    statement = (
        select(Checkout.booking_id, Refund)
        .join(Attempt, Attempt.id == Refund.attempt_id)
        .join(Checkout, Checkout.id == Attempt.checkout_id)
        .where(Checkout.booking_id.in_(ids))
        .order_by(Refund.asked_at)
    )
    return batching.grouped((booking_id, refund) for booking_id, refund in db.session.execute(statement) if booking_id)


def of_booking(booking_id: uuid.UUID) -> list[Refund]:
    """All refunds of the booking's payments, oldest first."""
    return _of_bookings(booking_id)


def left_of(attempt: Attempt) -> Money:
    """What the payment brought in that is neither back, nor on its way, nor lost to the payer's bank."""
    here = journal.remaining(attempt, attempt.currency)
    if attempt.checkout.rules.proceeds is Proceeds.WALLET:
        # Of credit that is held because of a dispute nothing goes back, and what the bank took is not there.
        owner = str(attempt.checkout.client_id)
        return here + credit_lots.bought_with(attempt.id, owner, attempt.currency)
    left = here + prepaid_balances.remaining(attempt)
    return Money(max(0, left.amount - lost_money.of_payment(attempt).amount), attempt.currency)


def left_of_charge(attempt: Attempt, charge_ref: str) -> Money:
    """What of this charge is neither back nor on its way: of the payment's own, or of another that was captured under it."""
    if charge_ref in ("", attempt.charge_ref) or attempt.charge_ref is None:
        return left_of(attempt)
    taken = journal.captured(attempt, charge_ref)
    gone = sum(refund.amount for refund in of_attempts([attempt.id]) if refund.charge_ref == charge_ref)
    return Money(max(0, taken.amount - gone), attempt.currency)
