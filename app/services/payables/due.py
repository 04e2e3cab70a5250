"""Paying after the session (mode pay_after): what is owed stays owed until it is paid."""

from app.lifecycle import BookingStatus
from app.models import Booking, Checkout
from app.services import notices
from app.services.transaction import lock


def land(checkout: Checkout) -> bool:
    """The debt is settled and both sides know."""
    booking = lock(Booking, checkout.booking_id)
    if booking is None or booking.status is not BookingStatus.COMPLETED:
        return False
    data = {"amount": checkout.amount, "currency": checkout.currency}
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "due_paid", booking=booking, cause=checkout.id, data=data)
    return True


def offers(_checkout: Checkout) -> bool:
    """A session that was given has no other times."""
    return False
