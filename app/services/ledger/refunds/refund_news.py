"""News of refunds: which row it is about, and money somebody sent back at the vendor's own site."""

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.domain.money import Money
from app.gateways.base import Refunded, RefundFailed
from app.lib import clock
from app.models import Attempt, Refund
from app.services.core import outbox
from app.services.core.transaction import GATEWAY
from app.services.ledger import journal, prepaid_balances, reviews
from app.services.ledger.refunds.refund_requests import add, left_of, of_attempts
from app.services.ledger.refunds.refund_statuses import hear

_BEYOND = "refund_beyond"


def try_apply(attempt: Attempt, fact: Refunded | RefundFailed) -> bool:
    """A vendor's news about a refund has had its effect on its row; False where it is overtaken or has none.

    A row is made for money that somebody sent back at the vendor's own site.
    """
    refund = _find(attempt, fact)
    if refund is None:
        return isinstance(fact, Refunded) and _try_add_elsewhere(attempt, fact)
    if isinstance(fact, Refunded) and _is_overtaken(refund, fact):
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
    differs = named and fact.money is not None and fact.money != refund.money
    return differs and not _is_beyond(refund.attempt, fact)


def _find(attempt: Attempt, fact: Refunded | RefundFailed) -> Refund | None:
    known = [refund for refund in of_attempts([attempt.id]) if refund.attempt.gateway not in journal.OWN]
    for refund in known:
        if fact.refund_key and refund.wire_key == fact.refund_key:
            return refund
    for refund in known:
        if fact.refund_ref and refund.provider_ref == fact.refund_ref:
            return refund
    # One that never went to the gateway is not what it speaks of.
    asked = [refund for refund in known if refund.means is RefundMeans.GATEWAY or refund.tries]
    if fact.refund_key or len(asked) != 1:
        return None
    return asked[0] if fact.refund_ref is None or asked[0].provider_ref is None else None


def _try_add_elsewhere(attempt: Attempt, fact: Refunded) -> bool:
    """A refund somebody made at the vendor's own site has its row, so that our books say where the money is."""
    # News that names no refund (Stripe's charge.refunded) is told again by one that does: a row for both would be two.
    if fact.refund_ref is None or fact.refund_key or _is_beyond(attempt, fact):
        return False
    if fact.money is None or fact.money.currency != attempt.currency:
        return False
    prepaid_balances.lock_bought(attempt)
    left = left_of(attempt)
    if fact.money.amount > left.amount:
        _write_off(attempt, fact, fact.money - left)
    if back := min(fact.money.amount, left.amount):
        charge_ref = fact.charge_ref or attempt.charge_ref or ""
        reason = f"at_gateway:{fact.refund_ref[-18:]}"
        refund = add(attempt, charge_ref, Money(back, attempt.currency), reason, GATEWAY)
        refund.next_try_at = None
        hear(refund, fact)
    return True


def _write_off(attempt: Attempt, fact: Refunded, beyond: Money) -> None:
    # More went back than was left of the payment: it was given, spent or credited already. Staff decide who bears it.
    loss = journal.Transfer(journal.WRITE_OFF, journal.gateway(attempt.gateway), beyond)
    journal.post(_BEYOND, _beyond_key(attempt, fact), loss, attempt=attempt, booking_id=attempt.checkout.booking_id)
    words = f"{fact.money} went back at the gateway, {beyond} more than was left"
    reviews.open_review(attempt, _BEYOND, words, money=beyond, charge_ref=fact.refund_ref or "")


def _is_beyond(attempt: Attempt, fact: Refunded) -> bool:
    """Whether the news is of a refund that took more than was left, and was written down before."""
    return journal.is_posted(_beyond_key(attempt, fact))


def _beyond_key(attempt: Attempt, fact: Refunded) -> str:
    return f"{_BEYOND}:{attempt.id}:{fact.refund_ref}"[:120]
