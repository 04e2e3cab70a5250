"""News of refunds: which row it is about, and money somebody sent back at the vendor's own site."""

from sqlalchemy import select

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Refunded, RefundFailed, RefundFailureCode
from app.lib import clock
from app.models import Attempt, InboxEntry, Refund
from app.services.core import outbox
from app.services.core.transaction import GATEWAY, lock
from app.services.ledger import journal, prepaid_balances, reviews
from app.services.ledger.refunds.refund_requests import add, left_of_charge, of_attempts, split
from app.services.ledger.refunds.refund_set_offs import heed_word
from app.services.ledger.refunds.refund_statuses import doubt, hear, tell_staff

_BEYOND = "refund_beyond"
_UNKNOWN = "refund_unknown"
_Word = Refunded | RefundFailed


def is_known(attempt: Attempt, fact: _Word) -> bool:
    """Whether the news is of a refund that has its row: one we asked for, or one that was written down before."""
    return bool(_find(attempt, fact))


def try_apply(attempt: Attempt, fact: _Word) -> bool:
    """A vendor's news about a refund has had its effect on its row; False where it is overtaken or has none.

    A row is made for money that somebody sent back at the vendor's own site.
    """
    rows = _find(attempt, fact)
    if isinstance(fact, RefundFailed) and fact.code is RefundFailureCode.UNCLEAR:
        return _doubt(rows, fact)
    if isinstance(fact, RefundFailed):
        _undo_beyond(attempt, fact)
    if not rows:
        return isinstance(fact, Refunded) and _try_add(attempt, fact)
    _keep_up(rows, fact)
    if wrong := _contradiction(rows, fact):
        reason, words = wrong
        reviews.open_review(attempt, reason, words, money=fact.money, charge_ref=rows[0].key)
        return True
    heard = [_try_hear(row, fact) for row in rows]
    return any(heard)


def _keep_up(rows: list[Refund], fact: _Word) -> None:
    """Of a refund that was begun anew after the backup which the books went back to, the row is as far as the vendor is."""
    for row in rows:
        if fact.refund_key and row.is_key_of_later(fact.refund_key):
            row.take_key(fact.refund_key, fact.refund_ref if isinstance(fact, RefundFailed) else None)


def _doubt(rows: list[Refund], fact: RefundFailed) -> bool:
    waiting = [row for row in rows if row.status in (RefundStatus.ASKED, RefundStatus.SENT)]
    for row in waiting:
        doubt(row, fact)
    return bool(waiting)


def _is_of_another(refund: Refund, fact: _Word) -> bool:
    return bool(fact.refund_ref and refund.provider_ref) and fact.refund_ref != refund.provider_ref


def _try_hear(refund: Refund, fact: _Word) -> bool:
    if _is_of_another(refund, fact):
        return False  # one of ours that had failed, before another did what it was for
    if isinstance(fact, Refunded) and _may_be_old(refund):
        if not refund.tries:
            return False  # made elsewhere: its failure is the last word, and asking by our key would make another
        refund.next_try_at = clock.now()
        outbox.after_commit("app.jobs.refunds.send", str(refund.id))
        return True
    hear(refund, fact)
    heed_word(refund)
    return True


def add_elsewhere(attempt: Attempt, charge_ref: str, fact: Refunded) -> None:
    """What somebody sent back of this charge at the vendor's own site is in the books, and staff know.

    It is first what we owed and had not sent, or could not send; then what was left of the charge. More is written off, and
    staff decide who bears it. In the caller's transaction.
    """
    money = fact.money or attempt.money
    prepaid_balances.lock_bought(attempt)
    rows, rest = _taken_over(attempt, charge_ref, fact, money.amount)
    left = min(rest, left_of_charge(attempt, charge_ref).amount)
    if left:
        rows.append(add(attempt, charge_ref, Money(left, money.currency), _reason(fact), GATEWAY))
    for row in rows:
        row.next_try_at = row.offer_until = None
        row.tries = 0  # nothing that was asked for by our key is what was done
        hear(row, fact)
    if rest > left:
        _write_off(attempt, fact, money, Money(rest - left, money.currency))
    if rows:
        tell_staff(rows[0], "refund_elsewhere", money)


def _taken_over(attempt: Attempt, charge_ref: str, fact: Refunded, amount: int) -> tuple[list[Refund], int]:
    """Our own refunds of the charge that are done by this one, because nothing of them is under way; what is over."""
    rows = []
    for each in (lock(Refund, row.id) for row in of_attempts([attempt.id]) if row.charge_ref in ("", charge_ref)):
        if amount and each is not None and each.is_not_under_way:
            part = min(amount, each.amount)
            rows.append(each if part == each.amount else split(each, part, _reason(fact)))
            amount -= part
    return rows, amount


def cannot_place(attempt: Attempt, fact: Refunded, why: str) -> None:
    """Staff will look at money that went back and that the books cannot place; nothing of the booking has moved."""
    words = f"{fact.money or 'an unknown amount'} went back at the gateway: {why}"
    reviews.open_review(attempt, _UNKNOWN, words, money=fact.money, charge_ref=fact.refund_ref or fact.charge_ref or "")


def _may_be_old(refund: Refund) -> bool:
    # A refund can succeed and fail later; told in the other order the success is no news. The gateway itself is asked.
    return refund.status is RefundStatus.FAILED and refund.means is RefundMeans.GATEWAY and bool(refund.provider_ref)


def _contradiction(rows: list[Refund], fact: _Word) -> tuple[str, str] | None:
    """What the news says of the refund that we know to be otherwise: the reason for a review, and its words."""
    first = rows[0]
    known = Money(sum(row.amount for row in rows), first.currency)
    if fact.charge_ref and first.charge_ref and fact.charge_ref != first.charge_ref:
        return "refund_unknown", f"one refund of ours, and the gateway names another charge: {fact.charge_ref}"
    if _is_of_another(first, fact) and isinstance(fact, Refunded):
        return "refund_twice", f"one refund of ours is two at the gateway: {first.provider_ref} and {fact.refund_ref}"
    if fact.money is not None and fact.money != known and not _is_beyond(first.attempt, fact):
        return "refund_amount", f"asked back {known}, the gateway says {fact.money}"
    return None


def _find(attempt: Attempt, fact: _Word) -> list[Refund]:
    """By our key, else by the vendor's own id, and never because it is the only one that is open.

    One that was made elsewhere may have done several of ours.
    """
    known = [refund for refund in of_attempts([attempt.id]) if refund.attempt.gateway not in journal.OWN]
    key = fact.refund_key or ""
    by_key = [refund for refund in known if refund.wire_key == key or refund.is_key_of_later(key)]
    return by_key or [refund for refund in known if fact.refund_ref and refund.provider_ref == fact.refund_ref]


def _try_add(attempt: Attempt, fact: Refunded) -> bool:
    """A refund somebody made at the vendor's own site has its row, so that our books say where the money is."""
    if _was_ours(attempt, fact) or _is_beyond(attempt, fact) or _has_failed_since(attempt, fact):
        return False
    if fact.refund_ref is None:
        cannot_place(attempt, fact, "no refund is named")
    elif fact.money is None or fact.money.currency != attempt.currency:
        cannot_place(attempt, fact, "not in the money of the payment")
    else:
        own = attempt.charge_ref or ""
        add_elsewhere(attempt, (fact.charge_ref or own) if own else "", fact)
    return True


def _has_failed_since(attempt: Attempt, fact: Refunded) -> bool:
    # Told in the other order: it went and came back, and nothing of it is here.
    told = db.session.scalars(select(InboxEntry.fact).where(InboxEntry.attempt_id == attempt.id))
    unclear = RefundFailureCode.UNCLEAR.value
    failed = {
        each["refund_ref"] for each in told if each["type"] == RefundFailed.type_code and each.get("code") != unclear
    }
    return fact.refund_ref is not None and fact.refund_ref in failed


def _was_ours(attempt: Attempt, fact: Refunded) -> bool:
    # A key from before a refund was begun anew, because the vendor said that it had failed: its later word stands.
    # So does one made elsewhere, from before staff sent it anew by our key.
    key = Refund.key_in(fact.refund_key or "")
    reason = _reason(fact)
    return any(refund.key == key or refund.reason == reason for refund in of_attempts([attempt.id]))


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


def _undo_beyond(attempt: Attempt, fact: RefundFailed) -> None:
    # What was written off because it went back beyond what was left has come back after all.
    key = _beyond_key(attempt, fact)
    written_off = journal.brought_by(key, journal.WRITE_OFF, attempt.currency)
    if written_off.amount < 0 and not journal.is_posted(f"{key}:back"):
        back = journal.Transfer(
            journal.gateway(attempt.gateway), journal.WRITE_OFF, Money(0, attempt.currency) - written_off
        )
        journal.post("refund_came_back", f"{key}:back", back, attempt=attempt, booking_id=attempt.checkout.booking_id)


def _beyond_key(attempt: Attempt, fact: _Word) -> str:
    return f"{_BEYOND}:{attempt.id}:{fact.refund_ref}"[:110]
