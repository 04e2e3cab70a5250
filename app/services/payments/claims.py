"""Claims: unsigned news that something was paid. Kept, and the gateway's own answer decides (MPESA_CONFIRM_BY_QUERY).

Everything here runs inside the caller's transaction, under the attempt's lock. Locks: checkout, booking, diary.
"""

from datetime import timedelta

from sqlalchemy import select

from app.domain.lifecycle import LIVE_ATTEMPTS, InboxState, rule
from app.extensions import db
from app.gateways.base import Confirmed, Failed
from app.lib import clock
from app.models import Attempt
from app.services.core.transaction import GATEWAY, record
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
    attempt.unsent = False  # paid from the phone's menu, say: a prompt now would be a second payment
    if attempt.cross_checked:  # only the first such news keeps the place, or it could be kept for ever
        attempt.cross_checked = False
        kept_places.keep(attempt, KEPT)
    attempt.charge_ref = attempt.charge_ref or fact.charge_ref
    _revive(attempt)
    return Verdict(InboxState.APPLIED, "waits for the gateway's own answer")


def _revive(attempt: Attempt) -> None:
    """What was given up or failed is under way again: nobody is told that nothing was charged, or may pay a second time."""
    target = rule(attempt.status, "claimed")
    others = select(Attempt.id).where(Attempt.checkout_id == attempt.checkout_id, Attempt.status.in_(LIVE_ATTEMPTS))
    if target is None or db.session.scalars(others.limit(1)).first() is not None:
        return  # another try is under way, and may be alone
    record("attempt", attempt.id, attempt.status, target, GATEWAY, booking_id=attempt.checkout.booking_id)
    attempt.status = target
    attempt.settled_at = None


def end(attempt: Attempt) -> None:
    """Staff found that it was not paid: nothing waits for it any more. What the gateway says later counts all the same."""
    if attempt.is_claimed:
        attempt.cross_checked = True
        attempt.next_look_up_at = None if not attempt.is_live else clock.now()


def agree(attempt: Attempt) -> None:
    """The gateway's own answer is that it was paid: what it had denied, or not said, is for nobody to look at any more."""
    reviews.close(attempt, REASONS, "found", "the gateway's own answer")


def doubt(attempt: Attempt) -> Verdict:
    """It failed, says news from before the claim, or news as unsigned as that: the gateway is asked."""
    attempt.next_look_up_at = clock.now()
    return Verdict(InboxState.IGNORED, "said to be paid: asks the gateway")


def deny(attempt: Attempt, fact: Failed) -> Verdict:
    """It failed, says the gateway's own answer: nothing is undone or failed by that (Daraja's query has been seen to say
    so of what was paid), a person looks. Of what is not confirmed the gateway is asked on.
    """
    reviews.open_review(attempt, _DENIED, f"told to be paid; query: {fact.vendor_code or fact.code}")
    if attempt.is_paid:
        attempt.next_look_up_at = None
    return Verdict(InboxState.REVIEW, "contradicts the callback")


def give_up(attempt: Attempt) -> None:
    """The gateway could not be asked for as long as it may be: a person looks, if none was called before."""
    if not reviews.was_opened(attempt, _DENIED):
        reviews.open_review(attempt, _UNCHECKED, "told to be paid; the gateway gave no answer in time")
