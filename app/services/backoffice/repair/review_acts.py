"""What staff can decide about money or news that did not fit what was asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.lifecycle import RefundMeans
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, GatewayEvent
from app.lib import clock
from app.models import Attempt, Review, User
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, record, transaction
from app.services.ledger import journal, lost_money, paid_amounts, refunds
from app.services.payments import allocation, claims, inbox, receipt_checks


def decisions_for(review: Review) -> list[str]:
    """What staff may decide: what becomes of money that waits for it, else only that it has been looked at."""
    attempt = db.session.get_one(Attempt, review.attempt_id)
    held = _held(attempt)
    if review.reason == receipt_checks.REASON:
        return ["found", "close"]
    if held is None:
        return ["found", "close"] if attempt.is_claimed and review.reason in claims.REASONS else ["close"]
    if attempt.checkout.rules.waits_for_staff:
        return ["refund", "write_off"]  # nobody knows for what it could be accepted, or whose credit it would be
    if held.currency != attempt.currency:
        return ["refund", "credit", "write_off"]
    # An amount that came without a receipt of the gateway's is only what somebody told.
    hearsay = ["in_full"] if attempt.charge_ref is None and held != attempt.money else []
    return [*hearsay, "accept", "refund", "credit", "write_off"]


@dataclass(frozen=True)
class Effect:
    """What a decision does to money that waits: what is forgiven of the price, what goes back, and which way."""

    held: Money
    asked: Money
    forgiven: Money | None = None
    back: Money | None = None
    way: str = ""  # a key of words.COMING_BACK


def effect_of(review: Review, decision: str) -> Effect | None:
    """What deciding so would do, as `resolve` does it while what was paid for can still be had; None where no money waits."""
    attempt = db.session.get_one(Attempt, review.attempt_id)
    held = _held(attempt)
    if held is None:
        return None
    back = _back(attempt, held, decision)
    way = refunds.way_word(attempt, back, attempt.charge_ref or "") if back else ""
    is_less = decision == "accept" and held.amount < attempt.amount and paid_amounts.has_price(attempt.checkout)
    forgiven = attempt.money - held if is_less else None
    return Effect(held, attempt.money, forgiven, back, "wallet" if decision == "credit" else way)


def _back(attempt: Attempt, held: Money, decision: str) -> Money | None:
    if decision in ("refund", "credit"):
        return held
    return held - attempt.money if decision == "accept" and held.amount > attempt.amount else None


def outcome(review: Review) -> str:
    """Return what the decision came to.

    That is its own word, too_late where accepting could not bring what was paid for, or credit where the gateway cannot
    send back.
    """
    if review.resolution in ("in_full", "accept", "found") and not journal.is_allocated(review.attempt_id):
        return "too_late"
    back = [each for each in refunds.of_attempts([review.attempt_id]) if each.reason == "review"]
    return "credit" if any(each.means is RefundMeans.WALLET for each in back) else review.resolution


def resolve(review_id: int, decision: str, evidence: str, staff: User) -> Review:
    """The review is closed with a decision, and the money that waited for it has gone where the decision says."""
    who = principal(staff)
    evidence = checked_evidence(evidence)
    found = db.session.get(Review, review_id)
    if found is None:
        raise NotFound
    attempt_id = found.attempt_id
    with transaction():
        attempt = locked(Attempt, attempt_id)
        review = locked(Review, review_id)
        if not decision:
            raise Invalid("decision_missing", field="decision")
        if review.resolved_at is not None or decision not in decisions_for(review):
            raise Conflict("not_allowed", action=decision, status=review.resolution or "open")
        _close(review, decision, evidence, who, attempt)
        _write_off_lost(attempt)
        held = _held(attempt)
        if review.reason == receipt_checks.REASON:
            _decide_receipt(review, decision, who)
        elif decision == "found":
            _believe_statement(attempt, review)
        elif review.reason in claims.REASONS:
            claims.end(attempt)
        elif held is not None:
            _DECISIONS[decision](attempt, held, who)
        return review


def _close(review: Review, decision: str, evidence: str, who: Who, attempt: Attempt) -> None:
    review.resolved_at = clock.now()
    review.resolution = decision
    review.evidence = evidence
    record("review", review.id, "open", decision, who, why=evidence, booking_id=attempt.checkout.booking_id)


def _held(attempt: Attempt) -> Money | None:
    """What waits for a decision and is here: of it the payer's bank may have taken a part, or all, since."""
    held = allocation.unallocated(attempt)
    lost = _lost_of(attempt, held)
    return held - lost if held and lost and held.amount > lost.amount else None


def _lost_of(attempt: Attempt, held: Money | None) -> Money | None:
    return held and Money(min(held.amount, lost_money.of_payment(attempt, held.currency).amount), held.currency)


def _write_off_lost(attempt: Attempt) -> None:
    lost = _lost_of(attempt, allocation.unallocated(attempt))
    key = f"write_off:{attempt.id}:lost"
    if lost and lost.amount and not journal.is_posted(key):
        gone = journal.Transfer(journal.received(attempt), journal.WRITE_OFF, lost)
        journal.post("write_off", key, gone, attempt=attempt, booking_id=attempt.checkout.booking_id)


def _believe_statement(attempt: Attempt, review: Review) -> None:
    """Staff found on the gateway's own statement what the unsigned callback told: news like any other, and proven."""
    fact = Confirmed(attempt.money, attempt.charge_ref)
    event = GatewayEvent(f"statement:{review.id}", "statement", fact, attempt.reference, attempt.provider_ref)
    inbox.take(attempt.gateway, event, source="staff")


def _decide_receipt(review: Review, decision: str, who: Who) -> None:
    """The receipt is of the payment, as staff found on the gateway's own statement; or it pays nothing here."""
    if decision == "found":
        receipt_checks.accept(review, who)
    else:
        receipt_checks.refuse(receipt_checks.of_receipt(review), "staff", who)


def _in_full(attempt: Attempt, _held: Money, _who: Who) -> None:
    allocation.allocate_in_full(attempt)


def _accept(attempt: Attempt, held: Money, who: Who) -> None:
    # Nobody keeps more than the price: what is above it goes back.
    above = _back(attempt, held, "accept")
    if above is not None:
        allocation.tell_client(attempt, refunds.ask(attempt, attempt.charge_ref or "", above, "overpaid", who))
        held = attempt.money
    allocation.allocate(attempt, held)


def _send_back(attempt: Attempt, held: Money, who: Who) -> None:
    allocation.tell_client(attempt, refunds.ask(attempt, attempt.charge_ref or "", held, "review", who))


def _credit(attempt: Attempt, held: Money, who: Who) -> None:
    made = refunds.ask(attempt, attempt.charge_ref or "", held, "review", who)
    refunds.try_credit(made, who, payable=not refunds.can_go_back(attempt, held))
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
