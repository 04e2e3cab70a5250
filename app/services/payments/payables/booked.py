"""Paying for a booking that exists and waits for its money."""

from flask import current_app

from app.domain.lifecycle import MONEY_CONFIRMS, BookingStatus
from app.domain.money import Money
from app.lib import clock
from app.models import Booking, Checkout
from app.services import bookings
from app.services.core.transaction import GATEWAY, lock


def land(checkout: Checkout, _money: Money) -> bool:
    """Whether the booking is confirmed; one that lapsed is taken up again if its place is free."""
    booking = lock(Booking, checkout.booking_id)
    if booking is None:
        raise LookupError(f"no booking {checkout.booking_id}")
    return _may_confirm(booking) and bookings.try_confirm(booking, GATEWAY)


def _may_confirm(booking: Booking) -> bool:
    late = booking.status is BookingStatus.EXPIRED
    if booking.starts_at <= clock.now() or (late and not current_app.config["LATE_PAYER_RESEATS"]):
        return False
    return MONEY_CONFIRMS[booking.status]


def offers(checkout: Checkout) -> bool:
    """Only where time ran out: who cancelled, or was declined, gets the money back at once."""
    booking = checkout.booking
    return booking is not None and booking.status in (BookingStatus.EXPIRED, BookingStatus.AWAITING_PAYMENT)
