"""What staff can do about money without a programmer. Every act is a Change row with who, why and when.

Everything here raises NotFound, Invalid (evidence_missing) and Conflict (not_allowed) and changes nothing then.
"""

import uuid
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.lifecycle import PAYOUT_MOVES, Actor, InboxState, PayoutStatus
from app.models import Attempt, Base, InboxEntry, Payout, Refund, Review, Role, User
from app.money import Money
from app.services import attempts, callbacks, landing, ledger, notices, refunds
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.transaction import Who, lock, record, transaction

EVIDENCE_LIMIT = 500
_Row = TypeVar("_Row", bound=Base)


def ask_gateway(attempt_id: uuid.UUID, staff: User) -> None:
    """The gateway has been asked what became of the payment, and its answer has had its effect."""
    who = _who(staff)
    with transaction():
        attempt = _locked(Attempt, attempt_id)
        record("act", attempt.id, "", "asked", who, booking_id=attempt.checkout.booking_id)
    attempts.ask_now(attempt_id)


def replay(entry_id: int, staff: User) -> InboxState:
    """A stored event has been believed once more; what it did already it does not do again."""
    who = _who(staff)
    if db.session.get(InboxEntry, entry_id) is None:
        raise NotFound
    return callbacks.replay(entry_id, who)


def refund(attempt_id: uuid.UUID, money: Money, why: str, staff: User) -> Refund:
    """So much of the payment is on its way back; the rest stays. Raises Invalid (price_invalid, amount_too_large) too."""
    who, why = _who(staff), _evidence(why)
    if money.amount <= 0:
        raise Invalid("price_invalid", field="amount")
    with transaction():
        attempt = _locked(Attempt, attempt_id)
        left = refunds.left_of(attempt)
        if money.currency != left.currency or money.amount > left.amount:
            raise Invalid("amount_too_large", field="amount", most=str(left))
        made = refunds.ask(attempt, attempt.charge_ref or "", money, f"staff:{_nth(attempt)}", who)
        record("act", made.id, "", "refund", who, why=why, booking_id=attempt.checkout.booking_id)
        landing.tell_client(attempt, made)
        return made


def retry_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """A failed refund is asked for again."""
    return _on_refund(refund_id, staff, refunds.retry)


def credit_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """A failed refund is in the client's wallet instead, and the client knows."""

    def give(each: Refund, who: Who) -> bool:
        done = refunds.credit(each, who)
        if done:
            landing.tell_client(each.attempt, each)
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


# ------------------------------------------------------------------------------------------------ reviews


def decisions_for(review: Review) -> list[str]:
    """What staff may decide: what becomes of money that waits for it, else only that it has been looked at."""
    held = _held(db.session.get_one(Attempt, review.attempt_id))
    if held is None:
        return ["close"]
    same = held.currency == db.session.get_one(Attempt, review.attempt_id).currency
    return ["accept", "refund", "credit", "write_off"] if same else ["refund", "credit", "write_off"]


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
        if review.resolved_at is not None or decision not in decisions_for(review):
            raise Conflict("not_allowed", action=decision, status=review.resolution or "open")
        held = _held(attempt)
        if held is not None:
            _DECISIONS[decision](attempt, held, who)
        review.resolved_at, review.resolution, review.evidence = clock.now(), decision, evidence
        record("review", review.id, "open", decision, who, why=evidence, booking_id=attempt.checkout.booking_id)
        return review


def _accept(attempt: Attempt, held: Money, _who: Who) -> None:
    landing.land(attempt, held)


def _send_back(attempt: Attempt, held: Money, who: Who) -> None:
    landing.tell_client(attempt, refunds.ask(attempt, attempt.charge_ref or "", held, "review", who))


def _credit(attempt: Attempt, held: Money, who: Who) -> None:
    made = refunds.ask(attempt, attempt.charge_ref or "", held, "review", who)
    refunds.credit(made, who)
    landing.tell_client(attempt, made)


def _write_off(attempt: Attempt, held: Money, _who: Who) -> None:
    gone = ledger.Transfer(ledger.received(attempt), ledger.WRITE_OFF, held)
    ledger.post("write_off", f"write_off:{attempt.id}", gone, attempt=attempt, booking_id=attempt.checkout.booking_id)


_DECISIONS: dict[str, Callable[[Attempt, Money, Who], None]] = {
    "accept": _accept,
    "refund": _send_back,
    "credit": _credit,
    "write_off": _write_off,
}


def _held(attempt: Attempt) -> Money | None:
    """What the payment brought in that waits for a decision."""
    found = ledger.balances(ledger.received(attempt))
    return found[0] if found else None


# ------------------------------------------------------------------------------------------------ inside


def _who(staff: User) -> Who:
    if staff.role is not Role.STAFF:
        raise Forbidden("forbidden")
    return Who(Actor.STAFF, staff.id)


def _evidence(words: str) -> str:
    words = words.strip()
    if not words:
        raise Invalid("evidence_missing", field="evidence")
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
    who, evidence = _who(staff), _evidence(evidence)
    with transaction():
        payout = _locked(Payout, payout_id)
        target = PAYOUT_MOVES[action].get(payout.status)
        if target is None:
            raise Conflict("not_allowed", action=action, status=payout.status.value)
        record("payout", payout.id, payout.status, target, who, why=evidence)
        payout.status, payout.evidence, payout.settled_at = target, evidence, clock.now()
        there = ledger.BY_HAND if target is PayoutStatus.DONE else ledger.wallet(payout.user_id)
        ledger.post(
            f"payout_{target}",
            f"payout_{target}:{payout.id}",
            ledger.Transfer(ledger.payouts(payout.id), there, payout.money),
        )
        data = {"amount": payout.amount, "currency": payout.currency, "evidence": evidence}
        notices.tell(payout.user_id, f"payout_{target}", cause=payout.id, data=data)
        return payout
