"""What staff can do about money without a programmer. Every act is a Change row with who, why and when.

Everything here raises NotFound, Invalid (evidence_missing, too_long) and Conflict (not_allowed) and changes nothing then.
"""

import logging
import uuid
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import func, select

from app.domain.checkout_kinds import Proceeds
from app.domain.lifecycle import PAYOUT_MOVES, Actor, InboxState, PayoutStatus, RefundMeans, RefundStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import RefundSupport
from app.lib import clock
from app.models import Attempt, Base, Delivery, InboxEntry, Payout, Refund, Review, Role, User
from app.services.core import payment_methods
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.ledger import journal, prepaid_balances, refunds
from app.services.notifications import notices
from app.services.payments import allocation, attempts, inbox

log = logging.getLogger("app.services.repair")  # a name that operators filter by

EVIDENCE_LIMIT = 500
_Row = TypeVar("_Row", bound=Base)


def ask_gateway(attempt_id: uuid.UUID, staff: User) -> None:
    """The gateway has been asked what became of the payment, and its answer has had its effect."""
    who = _who(staff)
    with transaction():
        attempt = _locked(Attempt, attempt_id)
        if not can_be_asked(attempt):
            raise Conflict("not_allowed", action="ask", status=attempt.status.value)
        record("act", attempt.id, "", "asked", who, booking_id=attempt.checkout.booking_id)
    attempts.ask_now(attempt_id)


def can_be_asked(attempt: Attempt) -> bool:
    """Whether there is somebody to ask: not about credit, nor at a gateway that is no longer set up or has no machine."""
    gateway = payment_methods.offered().get(attempt.gateway)
    return gateway is not None and not gateway.capabilities.by_hand


def replay(entry_id: int, staff: User) -> InboxState:
    """A stored event has been believed once more; what it did already it does not do again."""
    who = _who(staff)
    if db.session.get(InboxEntry, entry_id) is None:
        raise NotFound
    return inbox.replay(entry_id, who)


def refund(attempt_id: uuid.UUID, money: Money, why: str, staff: User, *, seen: Money | None = None) -> Refund:
    """So much of the payment is on its way back; the rest stays.

    Raises Invalid (amount_invalid, amount_too_large, credit_already) too.

    `seen` is what the page said was left: the same form sent twice is refused the second time (not_allowed).
    """
    who, why = _who(staff), _evidence(why, "why_missing")
    if money.amount <= 0:
        raise Invalid("amount_invalid", field="amount")
    with transaction():
        attempt = _locked(Attempt, attempt_id)
        prepaid_balances.hold(attempt)
        left = refunds.left_of(attempt)
        if seen is not None and seen != left:
            raise Conflict("not_allowed", action="refund", status=str(left))
        if money.currency != left.currency or money.amount > left.amount:
            raise Invalid("amount_too_large", field="amount", most=str(left))
        if attempt.checkout.rules.proceeds is Proceeds.WALLET and not refunds.can_go_back(attempt, money):
            raise Invalid("credit_already", field="amount")
        made = refunds.ask(attempt, attempt.charge_ref or "", money, f"staff:{_nth(attempt)}", who)
        record("act", made.id, "", "refund", who, why=why, booking_id=attempt.checkout.booking_id)
        allocation.tell_client(attempt, made)
        return made


def way_back(attempt: Attempt) -> str:
    """Where money of the payment would go: gateway, whole (a part becomes credit), credit, in_hand, or by_hand."""
    if journal.held_by(attempt):
        return "in_hand"
    if attempt.gateway in journal.OWN:
        return "credit" if attempt.gateway == journal.WALLET else "package"
    gateway = payment_methods.offered().get(attempt.gateway)
    if gateway is None:
        return "by_hand"
    if gateway.capabilities.refunds == RefundSupport.FULL_ONLY and refunds.left_of(attempt) == attempt.money:
        return "whole"
    return "gateway" if gateway.capabilities.refunds == RefundSupport.PARTIAL else "credit"


def remedies_for(refund: Refund) -> list[str]:
    """What staff may do about the refund now; nothing while it is well on its way, or done."""
    if refund.status is RefundStatus.FAILED:
        return ["credit", "by_hand"] if journal.held_by(refund.attempt) else ["retry", "credit", "by_hand"]
    return ["chase", "by_hand"] if refunds.is_silent(refund) else []


def chase_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """The gateway has been asked what became of a refund that is under way, and its answer has had its effect."""

    def hasten(each: Refund, who: Who) -> bool:
        record("act", each.id, "", "asked", who, booking_id=each.attempt.checkout.booking_id)
        return refunds.hasten(each)

    found = _on_refund(refund_id, staff, hasten)
    refunds.send(refund_id)
    return found


def retry_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """A failed refund is asked for again."""
    return _on_refund(refund_id, staff, refunds.retry)


def credit_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """A failed refund is in the client's wallet instead, and the client knows."""

    def give(each: Refund, who: Who) -> bool:
        done = refunds.credit(each, who)
        if done:
            allocation.tell_client(each.attempt, each)
        return done

    return _on_refund(refund_id, staff, give)


def settle_refund(refund_id: uuid.UUID, evidence: str, staff: User) -> Refund:
    """A refund that failed, or of which nothing is heard, was sent by other means; `evidence` says how."""
    evidence = _evidence(evidence)
    return _on_refund(refund_id, staff, lambda each, who: refunds.settle_by_hand(each, who, evidence))


def settle_payout(payout_id: uuid.UUID, evidence: str, staff: User) -> Payout:
    """The credit was sent by hand; `evidence` says how."""
    return _on_payout(payout_id, "settle", evidence, staff)


def refuse_payout(payout_id: uuid.UUID, reason: str, staff: User) -> Payout:
    """The credit is in the wallet again; the client reads the reason."""
    return _on_payout(payout_id, "refuse", reason, staff)


def send_again(delivery_id: int, staff: User) -> bool:
    """Whether a copy of a message that had not gone out is sent now, or needs not be because it is no longer true."""
    who = _who(staff)
    with transaction():
        delivery = _locked(Delivery, delivery_id)
        notice = delivery.notification
        if delivery.done_at is not None:
            raise Conflict("not_allowed", action="mail", status=delivery.outcome)
        record("act", notice.id, "", "mailed", who, why=notice.kind, booking_id=notice.booking_id)
        delivery.due_at, delivery.claimed_at = clock.now(), None
    try:
        notices.deliver(delivery_id)
    except Exception:  # a mistake in a template: for the log, and no reason to show staff a broken page
        log.exception("mail.again_failed delivery=%s", delivery_id)
    return db.session.get_one(Delivery, delivery_id, populate_existing=True).done_at is not None


# ------------------------------------------------------------------------------------------------ reviews


def decisions_for(review: Review) -> list[str]:
    """What staff may decide: what becomes of money that waits for it, else only that it has been looked at."""
    attempt = db.session.get_one(Attempt, review.attempt_id)
    held = allocation.unallocated(attempt)
    if held is None:
        return ["close"]
    if held.currency != attempt.currency:
        return ["refund", "credit", "write_off"]
    # An amount that came without a receipt of the gateway's is only what somebody told.
    hearsay = ["in_full"] if attempt.charge_ref is None and held != attempt.money else []
    return [*hearsay, "accept", "refund", "credit", "write_off"]


def outcome(review: Review) -> str:
    """What the decision came to: its own word, too_late where accepting could not bring what was paid for, credit where
    the gateway cannot send back."""
    if review.resolution in ("in_full", "accept") and not journal.is_allocated(review.attempt_id):
        return "too_late"
    back = [each for each in refunds.of_attempts([review.attempt_id]) if each.reason == "review"]
    return "credit" if any(each.means is RefundMeans.WALLET for each in back) else review.resolution


def resolve(review_id: int, decision: str, evidence: str, staff: User) -> Review:
    """The review is closed with a decision, and the money that waited for it has gone where the decision says."""
    who, evidence = _who(staff), _evidence(evidence)
    found = db.session.get(Review, review_id)
    if found is None:
        raise NotFound
    attempt_id = found.attempt_id
    with transaction():
        attempt = _locked(Attempt, attempt_id)
        review = _locked(Review, review_id)
        if not decision:
            raise Invalid("decision_missing", field="decision")
        if review.resolved_at is not None or decision not in decisions_for(review):
            raise Conflict("not_allowed", action=decision, status=review.resolution or "open")
        held = allocation.unallocated(attempt)
        if held is not None:
            _DECISIONS[decision](attempt, held, who)
        review.resolved_at, review.resolution, review.evidence = clock.now(), decision, evidence
        record("review", review.id, "open", decision, who, why=evidence, booking_id=attempt.checkout.booking_id)
        return review


def _in_full(attempt: Attempt, _held: Money, _who: Who) -> None:
    allocation.allocate_in_full(attempt)


def _accept(attempt: Attempt, held: Money, who: Who) -> None:
    # Nobody keeps more than the price: what is above it goes back.
    price = attempt.money
    if held.amount > price.amount:
        allocation.tell_client(attempt, refunds.ask(attempt, attempt.charge_ref or "", held - price, "overpaid", who))
        held = price
    allocation.allocate(attempt, held)


def _send_back(attempt: Attempt, held: Money, who: Who) -> None:
    allocation.tell_client(attempt, refunds.ask(attempt, attempt.charge_ref or "", held, "review", who))


def _credit(attempt: Attempt, held: Money, who: Who) -> None:
    made = refunds.ask(attempt, attempt.charge_ref or "", held, "review", who)
    refunds.credit(made, who)
    allocation.tell_client(attempt, made)


def _write_off(attempt: Attempt, held: Money, _who: Who) -> None:
    gone = journal.Transfer(journal.received(attempt), journal.WRITE_OFF, held)
    journal.post("write_off", f"write_off:{attempt.id}", gone, attempt=attempt, booking_id=attempt.checkout.booking_id)


_DECISIONS: dict[str, Callable[[Attempt, Money, Who], None]] = {
    "in_full": _in_full,
    "accept": _accept,
    "refund": _send_back,
    "credit": _credit,
    "write_off": _write_off,
}


# ------------------------------------------------------------------------------------------------ inside


def _who(staff: User) -> Who:
    if staff.role is not Role.STAFF:
        raise Forbidden("forbidden")
    return Who(Actor.STAFF, staff.id)


def _evidence(words: str, missing: str = "evidence_missing") -> str:
    words = words.strip()
    if not words:
        raise Invalid(missing, field="evidence")
    if len(words) > EVIDENCE_LIMIT:
        raise Invalid("too_long", field="evidence", most=EVIDENCE_LIMIT)
    return words


def _locked(model: type[_Row], key: object) -> _Row:
    row = lock(model, key)
    if row is None:
        raise NotFound
    return row


def _nth(attempt: Attempt) -> int:
    statement = select(func.count()).where(Refund.attempt_id == attempt.id, Refund.reason.like("staff:%"))
    return (db.session.scalar(statement) or 0) + 1


def _on_refund(refund_id: uuid.UUID, staff: User, act: Callable[[Refund, Who], bool]) -> Refund:
    who = _who(staff)
    found = db.session.get(Refund, refund_id)
    if found is None:
        raise NotFound
    attempt_id = found.attempt_id
    with transaction():
        _locked(Attempt, attempt_id)
        locked = _locked(Refund, refund_id)
        if not act(locked, who):
            raise Conflict("not_allowed", action="refund", status=locked.status.value)
        return locked


def _on_payout(payout_id: uuid.UUID, action: str, evidence: str, staff: User) -> Payout:
    missing = "reason_missing" if action == "refuse" else "evidence_missing"
    who, evidence = _who(staff), _evidence(evidence, missing)
    with transaction():
        payout = _locked(Payout, payout_id)
        target = PAYOUT_MOVES[action].get(payout.status)
        if target is None:
            raise Conflict("not_allowed", action=action, status=payout.status.value)
        record("payout", payout.id, payout.status, target, who, why=evidence)
        payout.status, payout.evidence, payout.settled_at = target, evidence, clock.now()
        there = journal.BY_HAND if target is PayoutStatus.DONE else journal.wallet(payout.user_id)
        journal.post(
            f"payout_{target}",
            f"payout_{target}:{payout.id}",
            journal.Transfer(journal.payouts(payout.id), there, payout.money),
        )
        data = {"amount": payout.amount, "currency": payout.currency, "evidence": evidence}
        notices.tell(payout.user_id, f"payout_{target}", cause=payout.id, data=data)
        return payout
