"""News of refunds: which row it is about, and money somebody sent back at the vendor's own site."""

from app import clock, outbox
from app.gateways.base import Refunded, RefundFailed
from app.lifecycle import RefundMeans, RefundStatus
from app.models import Attempt, Refund
from app.services import ledger, reviews
from app.services.refunds.asking import add, left_of, of_attempts
from app.services.refunds.moving import hear
from app.services.transaction import GATEWAY


def apply(attempt: Attempt, fact: Refunded | RefundFailed) -> bool:
    """Whether a vendor's news about a refund found its row (or made one, for money sent back by hand at the vendor)."""
    refund = _find(attempt, fact)
    if refund is None and isinstance(fact, Refunded) and fact.money is not None:
        refund = _made_elsewhere(attempt, fact)
    if refund is None or (isinstance(fact, Refunded) and _is_overtaken(refund, fact)):
        return False
    if isinstance(fact, Refunded) and _is_another_amount(refund, fact):
        words = f"asked back {refund.money}, the gateway says {fact.money}"
        reviews.open_review(attempt, "refund_amount", words, money=fact.money, charge_ref=refund.key)
        return True
    if isinstance(fact, Refunded) and (_is_only_begun(refund, fact) or _may_be_old(refund)):
        refund.next_try_at = clock.now()
        outbox.after_commit("app.jobs.refunds.send", str(refund.id))
        return True
    hear(refund, fact)
    return True


def _may_be_old(refund: Refund) -> bool:
    # A refund can succeed and fail later; told in the other order the success is no news. The gateway itself is asked.
    return refund.status is RefundStatus.FAILED and refund.means is RefundMeans.GATEWAY and bool(refund.provider_ref)


def _is_only_begun(refund: Refund, fact: Refunded) -> bool:
    # News that names no refund (Stripe's charge.refunded) is told when one begins; its bank may take days and say no.
    waits = refund.status in (RefundStatus.ASKED, RefundStatus.SENT) and refund.means is RefundMeans.GATEWAY
    return waits and not (fact.refund_key or fact.refund_ref)


def _is_overtaken(refund: Refund, fact: Refunded) -> bool:
    # News that names no refund (Stripe's charge.refunded) speaks of its beginning: that it failed since, and was perhaps
    # begun anew, is the later word, whatever order they come in.
    named = fact.refund_key or fact.refund_ref
    return not named and (refund.status is RefundStatus.FAILED or refund.renewed > 0)


def _is_another_amount(refund: Refund, fact: Refunded) -> bool:
    # News that names no refund (Stripe's charge.refunded) may speak of several at once: only named ones are compared.
    named = bool(fact.refund_key or fact.refund_ref)
    return named and fact.money is not None and fact.money != refund.money


def _find(attempt: Attempt, fact: Refunded | RefundFailed) -> Refund | None:
    known = [refund for refund in of_attempts([attempt.id]) if refund.attempt.gateway not in ledger.OWN]
    for refund in known:
        if fact.refund_key and refund.wire_key == fact.refund_key:
            return refund
    for refund in known:
        if fact.refund_ref and refund.provider_ref == fact.refund_ref:
            return refund
    if fact.refund_key or len(known) != 1:
        return None
    return known[0] if fact.refund_ref is None or known[0].provider_ref is None else None


def _made_elsewhere(attempt: Attempt, fact: Refunded) -> Refund | None:
    """A refund somebody made at the vendor's own site: kept, so that our books say where the money is."""
    # News that names no refund (Stripe's charge.refunded) is told again by one that does: a row for both would be two.
    if fact.refund_ref is None or fact.money is None or fact.money.currency != attempt.currency:
        return None
    if fact.refund_key or fact.money.amount > left_of(attempt).amount:
        return None
    charge_ref, reason = fact.charge_ref or attempt.charge_ref or "", f"at_gateway:{fact.refund_ref[-18:]}"
    refund = add(attempt, charge_ref, fact.money, reason, GATEWAY)
    refund.next_try_at = None
    return refund
