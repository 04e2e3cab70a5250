"""News of refunds: which row it is about, and money somebody sent back at the vendor's own site."""

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.domain.money import Money
from app.gateways.base import Refunded, RefundFailed
from app.lib import clock
from app.models import Attempt, Refund
from app.services.core import outbox
from app.services.core.transaction import GATEWAY
from app.services.ledger import journal, prepaid_balances, reviews
from app.services.ledger.refunds.refund_requests import add, left_of_charge, of_attempts
from app.services.ledger.refunds.refund_statuses import hear, tell_staff

_BEYOND = "refund_beyond"
_UNKNOWN = "refund_unknown"
_Word = Refunded | RefundFailed


def is_known(attempt: Attempt, fact: _Word) -> bool:
    """Whether the news is of a refund that has its row: one we asked for, or one that was written down before."""
    return _find(attempt, fact) is not None


def try_apply(attempt: Attempt, fact: _Word) -> bool:
    """A vendor's news about a refund has had its effect on its row; False where it is overtaken or has none.

    A row is made for money that somebody sent back at the vendor's own site.
    """
    refund = _find(attempt, fact)
    if refund is None:
        return isinstance(fact, Refunded) and _try_add(attempt, fact)
    if isinstance(fact, Refunded) and _is_another_amount(refund, fact):
        words = f"asked back {refund.money}, the gateway says {fact.money}"
        reviews.open_review(attempt, "refund_amount", words, money=fact.money, charge_ref=refund.key)
        return True
    if isinstance(fact, Refunded) and _may_be_old(refund):
        refund.next_try_at = clock.now()
        outbox.after_commit("app.jobs.refunds.send", str(refund.id))
        return True
    hear(refund, fact)
    return True


def add_elsewhere(attempt: Attempt, charge_ref: str, fact: Refunded) -> None:
    """What somebody sent back of this charge at the vendor's own site is in the books, and staff know.

    More than was left of it is written off, and staff decide who bears it. In the caller's transaction.
    """
    money = fact.money or attempt.money
    prepaid_balances.lock_bought(attempt)
    left = left_of_charge(attempt, charge_ref)
    if money.amount > left.amount:
        _write_off(attempt, fact, money, money - left)
    if back := min(money.amount, left.amount):
        refund = add(attempt, charge_ref, Money(back, money.currency), _reason(fact), GATEWAY)
        refund.next_try_at = None
        hear(refund, fact)
        tell_staff(refund, "refund_elsewhere")


def cannot_place(attempt: Attempt, fact: Refunded, why: str) -> None:
    """Staff will look at money that went back and that the books cannot place; nothing of the booking has moved."""
    words = f"{fact.money or 'an unknown amount'} went back at the gateway: {why}"
    reviews.open_review(attempt, _UNKNOWN, words, money=fact.money, charge_ref=fact.refund_ref or fact.charge_ref or "")


def _may_be_old(refund: Refund) -> bool:
    # A refund can succeed and fail later; told in the other order the success is no news. The gateway itself is asked.
    return refund.status is RefundStatus.FAILED and refund.means is RefundMeans.GATEWAY and bool(refund.provider_ref)


def _is_another_amount(refund: Refund, fact: Refunded) -> bool:
    differs = fact.money is not None and fact.money != refund.money
    return differs and not _is_beyond(refund.attempt, fact)


def _find(attempt: Attempt, fact: _Word) -> Refund | None:
    """By our key, else by the vendor's own id of it, and never because it is the only one that is open."""
    known = [refund for refund in of_attempts([attempt.id]) if refund.attempt.gateway not in journal.OWN]
    by_key = (refund for refund in known if fact.refund_key and refund.wire_key == fact.refund_key)
    by_ref = (refund for refund in known if fact.refund_ref and refund.provider_ref == fact.refund_ref)
    return next(by_key, None) or next(by_ref, None)


def _try_add(attempt: Attempt, fact: Refunded) -> bool:
    """A refund somebody made at the vendor's own site has its row, so that our books say where the money is."""
    if _was_ours(attempt, fact) or _is_beyond(attempt, fact):
        return False
    if fact.refund_ref is None:
        cannot_place(attempt, fact, "no refund is named")
    elif fact.money is None or fact.money.currency != attempt.currency:
        cannot_place(attempt, fact, "not in the money of the payment")
    else:
        add_elsewhere(attempt, fact.charge_ref or attempt.charge_ref or "", fact)
    return True


def _was_ours(attempt: Attempt, fact: Refunded) -> bool:
    # A key from before a refund was begun anew, because the vendor said that it had failed: its later word stands.
    key = Refund.key_in(fact.refund_key or "")
    return any(refund.key == key for refund in of_attempts([attempt.id]))


def _reason(fact: Refunded) -> str:
    return f"at_gateway:{(fact.refund_ref or '')[-18:]}"


def _write_off(attempt: Attempt, fact: Refunded, money: Money, beyond: Money) -> None:
    # More went back than was left of the payment: it was given, spent or credited already. Staff decide who bears it.
    loss = journal.Transfer(journal.WRITE_OFF, journal.gateway(attempt.gateway), beyond)
    journal.post(_BEYOND, _beyond_key(attempt, fact), loss, attempt=attempt, booking_id=attempt.checkout.booking_id)
    words = f"{money} went back at the gateway, {beyond} more than was left"
    reviews.open_review(attempt, _BEYOND, words, money=beyond, charge_ref=fact.refund_ref or "")


def _is_beyond(attempt: Attempt, fact: Refunded) -> bool:
    """Whether the news is of a refund that took more than was left, and was written down before."""
    return journal.is_posted(_beyond_key(attempt, fact))


def _beyond_key(attempt: Attempt, fact: Refunded) -> str:
    return f"{_BEYOND}:{attempt.id}:{fact.refund_ref}"[:120]
