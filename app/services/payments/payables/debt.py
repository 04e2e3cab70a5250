"""Paying what is owed: a session that was given, one that was not kept, or one that became dearer."""

from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.models import Booking, Checkout
from app.services.core.transaction import lock
from app.services.ledger import checkouts
from app.services.notifications import notices


def land(checkout: Checkout, money: Money) -> bool:
    """The debt is settled and both sides know; not one that was forgiven or replaced, or that the booking has no more."""
    booking = lock(Booking, checkout.booking_id)
    if checkout.status is CheckoutStatus.CANCELLED:
        return False
    if booking is None or booking.status not in checkouts.PAYABLE[checkout.kind]:
        return False
    data = {"amount": money.amount, "currency": money.currency}
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "due_paid", booking=booking, cause=checkout.id, data=data)
    return True


def offers(_checkout: Checkout) -> bool:
    """A debt has no other times."""
    return False
