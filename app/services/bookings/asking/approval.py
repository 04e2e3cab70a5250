"""Answering: a request is approved, a paid booking confirmed."""

import uuid
from datetime import timedelta

from app.domain.lifecycle import PendingOperation
from app.lib import clock
from app.models import Booking, User
from app.services.bookings import intake_forms
from app.services.bookings.status_changes import locked, transition
from app.services.core.errors import Conflict
from app.services.core.transaction import Who, transaction
from app.services.ledger import checkouts
from app.services.ledger.capture_orders import order_all
from app.services.notifications import notices
from app.services.practice import holds

REASON_LIMIT = 500


def approve(booking_id: uuid.UUID, user: User) -> Booking:
    """The request is approved, its places are held until the pay deadline, the client is asked to pay.

    Where the amount is reserved already it is to be taken instead, and the booking is confirmed with it.
    Raises NotFound, Conflict (not_allowed, form_missing, slot_taken).
    """
    with transaction():
        booking, who = locked(booking_id, user)
        transition(booking, "approve", who)
        intake_forms.check(booking, "approve")
        hours = int(booking.policy["pay_hours"])
        booking.approved_at = clock.now()
        booking.deadline_at = min(booking.approved_at + timedelta(hours=hours), booking.starts_at)
        if not holds.try_extend(booking, booking.deadline_at):
            raise Conflict("slot_taken")
        checkouts.open_until(booking, booking.deadline_at)
        ordered = order_all(booking, PendingOperation.CAPTURE)
        if not ordered:
            notices.tell(booking.client_id, "request_approved", booking=booking)
        return booking


def try_confirm(booking: Booking, who: Who) -> bool:
    """The paid booking is confirmed if it can have its places for good; returns whether it is.

    Inside the caller's transaction.
    """
    if not holds.try_secure(booking):
        return False
    transition(booking, "confirm", who, by_clock=False)
    booking.confirmed_at = clock.now()
    booking.deadline_at = None
    tell_confirmed(booking)
    return True


def tell_confirmed(booking: Booking) -> None:
    """Both sides will be told that the booking stands."""
    client = notices.Message(booking.client_id, "booking_confirmed", booking)
    practitioner = notices.Message(booking.practitioner.user_id, "booking_confirmed_practitioner", booking)
    notices.tell_all([client, practitioner])
    intake_forms.tell_missing(booking)
