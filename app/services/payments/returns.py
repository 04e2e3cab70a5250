"""News of money that went back, or is challenged: by the vendor's identities, never by what seems to fit.

Inside the caller's transaction, under the attempt's lock.
"""

from app.domain.lifecycle import AttemptStatus, InboxState
from app.gateways.base import Disputed, Refunded, RefundFailed, RefundsChanged
from app.models import Attempt
from app.services.ledger import disputes, journal, prepaid_balances, refunds, reviews
from app.services.payments import allocation
from app.services.payments.allocation import APPLIED, REPEATED, Verdict

# News that waits: for its payment, which was not heard of yet; for a look at all refunds of its charge (refund_look_ups).
_EARLY = "parked: a refund before its payment"
TO_LOOK_UP = "names no refund: they are looked up"


def refund_news(attempt: Attempt, fact: Refunded | RefundFailed | RefundsChanged) -> Verdict:
    """The news of a refund has moved the refund that it names, or the charge that it names, and nothing else.

    News that names no refund waits until all refunds of its charge have been looked up.
    """
    if isinstance(fact, RefundsChanged):
        return _refunds_changed(attempt)
    if isinstance(fact, Refunded) and _was_never_ours(attempt, fact):
        return Verdict(InboxState.IGNORED, f"{fact.charge_ref} was never captured: the gateway gave it back by itself")
    if attempt.status is not AttemptStatus.PAID:
        return Verdict(InboxState.RECEIVED, _EARLY)
    if isinstance(fact, Refunded) and _is_of_unknown_charge(attempt, fact):
        return _unknown_charge_returned(attempt, fact)
    is_news = refunds.try_apply(attempt, fact)
    return APPLIED if is_news else Verdict(InboxState.IGNORED, "nothing moves by it: known, or never in the books")


def _refunds_changed(attempt: Attempt) -> Verdict:
    if attempt.status is AttemptStatus.FAILED:
        return Verdict(InboxState.IGNORED, "what was reserved was let go: nothing had been taken")
    return Verdict(InboxState.RECEIVED, TO_LOOK_UP if attempt.status is AttemptStatus.PAID else _EARLY)


def _was_never_ours(attempt: Attempt, fact: Refunded) -> bool:
    never_taken = fact.taken is not None and not fact.taken.amount
    return never_taken and not journal.is_captured(attempt, fact.charge_ref or "")


def _is_of_unknown_charge(attempt: Attempt, fact: Refunded) -> bool:
    if fact.charge_ref in (None, attempt.charge_ref) or attempt.charge_ref is None:
        return False
    return not (journal.is_captured(attempt, fact.charge_ref or "") or refunds.is_known(attempt, fact))


def _unknown_charge_returned(attempt: Attempt, fact: Refunded) -> Verdict:
    """Money of another charge than the payment's own moves nothing of what the payment is for."""
    taken = fact.taken
    same = fact.money is None or fact.money.currency == attempt.currency
    if taken is None or fact.charge_ref is None or taken.currency != attempt.currency or not same:
        refunds.cannot_place(attempt, fact, f"of {fact.charge_ref}, a charge that we do not know")
        return Verdict(InboxState.REVIEW, "of a charge that we do not know")
    return allocation.returned_charge(attempt, taken, fact.charge_ref, fact)


def dispute_news(attempt: Attempt, fact: Disputed) -> Verdict:
    """What a payer's bank says of a charge has had its whole effect, or none, or a person was called."""
    if attempt.status is not AttemptStatus.PAID:
        return Verdict(InboxState.RECEIVED, "parked: a dispute before its payment")
    if attempt.charge_ref is not None and not journal.is_captured(attempt, fact.charge_ref):
        words = f"{fact.stage}: of {fact.charge_ref}, a charge that we do not know"
        reviews.open_review(attempt, "disputed", words, money=fact.money, charge_ref=fact.charge_ref)
        return Verdict(InboxState.REVIEW, "of a charge that we do not know")
    if not disputes.try_apply(attempt, fact):
        return REPEATED
    refunds.heed_dispute(attempt, fact.charge_ref)
    prepaid_balances.lose(attempt)
    return APPLIED
