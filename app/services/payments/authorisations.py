"""Money reserved on a card until the practitioner has answered (mode authorise_then_approve).

Rows only, inside the caller's transaction, which holds the attempt's lock: what is to become of the reserved money is
written down here, and attempts/asking has the gateway do it after the commit, as often as it takes.
"""

from datetime import datetime, timedelta

from app.domain.lifecycle import AttemptStatus, BookingStatus, CheckoutStatus, InboxState, PendingOperation
from app.gateways.base import Authorised
from app.lib import clock
from app.models import Attempt, Booking, Checkout
from app.services import bookings
from app.services.bookings import intake_forms
from app.services.core.transaction import GATEWAY, lock
from app.services.ledger import reviews
from app.services.ledger.capture_orders import order
from app.services.notifications import notices
from app.services.payments.allocation import APPLIED, Verdict
from app.services.practice import holds

MARGIN = timedelta(hours=12)  # the answer is due so long before the reservation lapses
UNSTATED = timedelta(days=5)  # where the vendor does not say when it lapses; cards keep it for seven days


def request_or_release(attempt: Attempt, fact: Authorised) -> Verdict:
    """The request goes to the practitioner, or the reserved money is to be let go: it came too late, or is another amount."""
    checkout = lock(Checkout, attempt.checkout_id)
    booking = lock(Booking, checkout.booking_id) if checkout else None
    if checkout is None or booking is None:
        raise LookupError(f"no booking for attempt {attempt.id}")
    if fact.money != attempt.money:
        words = f"asked for {attempt.money}, the gateway reserved {fact.money}"
        reviews.open_review(attempt, "amount", words, charge_ref=fact.charge_ref)
        order(attempt, PendingOperation.VOID)
        return Verdict(InboxState.REVIEW, words)
    if checkout.status is not CheckoutStatus.OPEN or not _try_request(attempt, booking):
        order(attempt, PendingOperation.VOID)
        notices.tell(booking.client_id, "reservation_released", booking=booking, cause=attempt.id)
        return Verdict(InboxState.APPLIED, "too late: let go")
    return APPLIED


def learn(attempt: Attempt, fact: Authorised) -> Verdict | None:
    """When the reservation lapses, if an earlier word did not say; the answer is due before that."""
    if attempt.status is not AttemptStatus.AUTHORISED or attempt.capture_before or not fact.capture_before:
        return None
    attempt.capture_before = fact.capture_before
    booking = lock(Booking, attempt.checkout.booking_id) if attempt.checkout.booking_id else None
    if booking is not None and booking.status is BookingStatus.PENDING_APPROVAL and booking.deadline_at:
        booking.deadline_at = min(booking.deadline_at, fact.capture_before - MARGIN)
        holds.try_extend(booking, booking.deadline_at)
    return APPLIED


def lapsed(attempt: Attempt) -> None:
    """The reservation is gone. A booking that still needs its money waits for payment again, and both sides know why."""
    if attempt.pending_operation is PendingOperation.VOID:
        return
    checkout = lock(Checkout, attempt.checkout_id)
    booking = lock(Booking, checkout.booking_id) if checkout else None
    if booking is None or booking.status not in (BookingStatus.PENDING_APPROVAL, BookingStatus.AWAITING_PAYMENT):
        return
    hours = int(booking.policy["pay_hours"])
    booking.deadline_at = min(clock.now() + timedelta(hours=hours), booking.starts_at)
    if booking.status is BookingStatus.PENDING_APPROVAL:
        bookings.transition(booking, "lapse", GATEWAY, by_clock=False)
    if checkout is not None and checkout.status is CheckoutStatus.OPEN:
        checkout.expires_at = booking.deadline_at
    holds.try_extend(booking, booking.deadline_at)
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "reservation_lapsed", booking=booking, cause=attempt.id)


def _try_request(attempt: Attempt, booking: Booking) -> bool:
    """The practitioner is asked, or the card charged since they said yes before; False where the place is gone."""
    if booking.status is not BookingStatus.AWAITING_PAYMENT or booking.starts_at <= clock.now():
        return False
    if booking.approved_at is not None:
        order(attempt, PendingOperation.CAPTURE)
        return holds.try_extend(booking, booking.starts_at)
    deadline = _answer_by(attempt, booking)
    if not holds.try_extend(booking, deadline):
        return False
    booking.deadline_at = deadline
    bookings.transition(booking, "authorise", GATEWAY, by_clock=False)
    notices.tell(booking.practitioner.user_id, "request_received", booking=booking)
    notices.tell(booking.client_id, "request_sent", booking=booking)
    intake_forms.tell_missing(booking)
    return True


def _answer_by(attempt: Attempt, booking: Booking) -> datetime:
    now = clock.now()
    lapse = attempt.capture_before or now + UNSTATED
    answer = now + timedelta(hours=int(booking.policy["answer_hours"]))
    return min(answer, max(now, lapse - MARGIN), booking.starts_at)
