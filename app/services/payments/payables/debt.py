"""Paying what is owed: a session that was given, one that was not kept, or one that became dearer."""

from datetime import datetime

from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.models import Booking, Checkout
from app.services.core.transaction import lock
from app.services.notifications import notices
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(checkout: Checkout, money: Money, _at: datetime) -> Fulfilment:
    """The debt is settled and both sides know.

    Not one that was forgiven or replaced, or that the booking has no more.
    """
    booking = lock(Booking, checkout.booking_id)
    if checkout.status is CheckoutStatus.CANCELLED:
        return Fulfilment.GONE
    if booking is None or booking.status not in checkout.rules.payable_while:
        return Fulfilment.GONE
    data = {"amount": money.amount, "currency": money.currency}
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "due_paid", booking=booking, cause=checkout.id, data=data)
    return Fulfilment.DONE
