"""Claims: unsigned news that something was paid. Kept, and the gateway's own answer decides (MPESA_CONFIRM_BY_QUERY).

Everything here runs inside the caller's transaction, under the attempt's lock. Locks: checkout, booking, diary.
"""

from datetime import timedelta

from app.domain.lifecycle import InboxState
from app.gateways.base import Confirmed, Failed
from app.lib import clock
from app.models import Attempt
from app.services.ledger import reviews
from app.services.payments import kept_places
from app.services.payments.allocation import Verdict

# How long a place is kept, past its hold, for who is said to have paid: the gateway is asked within seconds, and where it
# cannot be asked the place does not wait for ever on the word of nobody knows whom.
KEPT = timedelta(minutes=30)

_DENIED = "contradiction"
_UNCHECKED = "unchecked"
REASONS = (_DENIED, _UNCHECKED)  # why a person looks at a claim


def take(attempt: Attempt, fact: Confirmed) -> Verdict:
    """Paid, say those who cannot prove it: kept, the place too, and the gateway is asked at once."""
    attempt.next_look_up_at = clock.now()
    if attempt.cross_checked:  # only the first such news keeps the place, or it could be kept for ever
        attempt.cross_checked = False
        kept_places.keep(attempt, KEPT)
    attempt.charge_ref = attempt.charge_ref or fact.charge_ref
    return Verdict(InboxState.APPLIED, "waits for the gateway's own answer")


def doubt(attempt: Attempt) -> Verdict:
    """It failed, says news from before the claim, or news as unsigned as that: the gateway is asked."""
    attempt.next_look_up_at = clock.now()
    return Verdict(InboxState.IGNORED, "said to be paid: asks the gateway")


def deny(attempt: Attempt, fact: Failed) -> Verdict:
    """It failed, says the gateway's own answer: nothing is undone or failed by that (Daraja's query has been seen to say
    so of what was paid), a person looks. Of what is not confirmed the gateway is asked on.
    """
    reviews.open_review(attempt, _DENIED, f"callback: paid; query: {fact.vendor_code or fact.code}")
    if attempt.is_paid:
        attempt.next_look_up_at = None
    return Verdict(InboxState.REVIEW, "contradicts the callback")


def give_up(attempt: Attempt) -> None:
    """The gateway could not be asked for as long as it may be: a person looks, if none was called before."""
    if not reviews.was_opened(attempt, _DENIED):
        reviews.open_review(attempt, _UNCHECKED, "callback: paid; the gateway gave no answer in time")
