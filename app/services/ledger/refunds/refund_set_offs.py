"""Refunds and disputes of the same charge: what the payer's bank took is not sent back once more."""

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.gateways.base import RefundFailureCode
from app.lib import clock
from app.models import Attempt, Refund
from app.services.core import outbox
from app.services.core.transaction import GATEWAY, lock
from app.services.ledger import disputes, lost_money, prepaid_balances, reviews
from app.services.ledger.refunds.refund_requests import of_attempts, split
from app.services.ledger.refunds.refund_statuses import try_retry, try_set_off


def heed_dispute(attempt: Attempt, charge_ref: str) -> None:
    """What was lost is set off against refunds of this charge that are not under way; what waited for the bank goes out.

    In the caller's transaction, which holds the attempt's lock.
    """
    set_off(attempt, charge_ref)
    for refund in _not_under_way(attempt, charge_ref):
        if not disputes.withholds(refund):
            _let_go(refund)


def set_off(attempt: Attempt, charge_ref: str) -> None:
    """Refunds of this charge that are not under way are done as far as the payer's bank took the money itself.

    Only by what was lost since they were asked for: what was lost before is not in them (`left_of`).
    """
    rest = lost_money.of_charge(attempt, charge_ref).amount
    ever = lost_money.ever_of_charge(attempt, charge_ref).amount if rest else 0
    younger = 0  # set off already of what was lost since
    for refund in _not_under_way(attempt, charge_ref) if rest else []:
        part = min(rest, refund.amount, max(0, ever - refund.lost_before - younger))
        if part:
            whole = part == refund.amount
            taken = refund if whole else split(refund, part, f"set_off:{len(of_attempts([attempt.id]))}")
            try_set_off(taken, GATEWAY)
            rest -= part
            younger += part if refund.lost_before else 0
            prepaid_balances.lose(attempt)  # so much less of what it bought is lost


def heed_word(refund: Refund) -> None:
    """The vendor's last word about the refund is seen beside what the payer's bank took of its charge meanwhile.

    In the caller's transaction, which holds the attempt's lock.
    """
    attempt = refund.attempt
    if refund.status is RefundStatus.FAILED:
        set_off(attempt, refund.charge_ref)
    elif refund.status is RefundStatus.DONE and refund.means is RefundMeans.GATEWAY:
        twice = lost_money.ever_of_charge(attempt, refund.charge_ref).amount > refund.lost_before
        if twice and lost_money.of_charge(attempt, refund.charge_ref or attempt.charge_ref or "").amount:
            words = f"{refund.money} arrived, and the payer's bank had taken the same money back"
            reviews.open_review(attempt, "refund_twice", words, money=refund.money, charge_ref=refund.key)


def _let_go(refund: Refund) -> None:
    if refund.failure_code == RefundFailureCode.DISPUTED:
        try_retry(refund, GATEWAY)
    elif refund.status is RefundStatus.ASKED and refund.offer_until is None:
        refund.next_try_at = clock.now()
        outbox.after_commit("app.jobs.refunds.send", str(refund.id))


def _not_under_way(attempt: Attempt, charge_ref: str) -> list[Refund]:
    own = {charge_ref, ""} if attempt.charge_ref in (None, "", charge_ref) else {charge_ref}
    rows = [lock(Refund, row.id) for row in of_attempts([attempt.id]) if row.charge_ref in own]
    return [row for row in rows if row is not None and row.is_not_under_way]
