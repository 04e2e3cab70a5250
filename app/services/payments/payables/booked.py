"""Paying for a booking that exists and waits for its money."""

from datetime import datetime

from flask import current_app

from app.domain.lifecycle import MONEY_CONFIRMS, BookingStatus
from app.domain.money import Money
from app.models import Booking, Checkout
from app.services import bookings
from app.services.core.transaction import GATEWAY, lock
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(checkout: Checkout, _money: Money, at: datetime) -> Fulfilment:
    """The booking is confirmed, one that lapsed only if its place is free.

    Where only time ran out the payer may choose; who cancelled or was declined may not.
    """
    booking = lock(Booking, checkout.booking_id)
    if booking is None:
        raise LookupError(f"no booking {checkout.booking_id}")
    time_ran_out = booking.status in (BookingStatus.EXPIRED, BookingStatus.AWAITING_PAYMENT)
    if _may_confirm(booking, at) and bookings.try_confirm(booking, GATEWAY):
        return Fulfilment.DONE
    return Fulfilment.MISSED if time_ran_out else Fulfilment.GONE


def _may_confirm(booking: Booking, at: datetime) -> bool:
    late = booking.status is BookingStatus.EXPIRED
    if booking.starts_at <= at or (late and not current_app.config["LATE_PAYER_RESEATS"]):
        return False
    return MONEY_CONFIRMS[booking.status]
