"""A place is kept past its hold, for a bounded time, while somebody makes sure that it was paid for."""

from datetime import datetime, timedelta

from app.domain.lifecycle import BookingStatus, CheckoutStatus
from app.lib import clock
from app.models import Attempt, Booking, Checkout
from app.services.core.transaction import lock
from app.services.ledger import checkouts
from app.services.practice import holds


def keep(attempt: Attempt, length: timedelta) -> None:
    """What is paid for stays to be had for at least `length` from now, unless it is gone already or begins before.

    In the caller's transaction, under the attempt's lock. Locks: checkout, booking, diary.
    """
    checkout = lock(Checkout, attempt.checkout_id)
    if checkout is not None:
        keep_until(checkout, max(checkout.expires_at, clock.now() + length))


def keep_until(checkout: Checkout, until: datetime) -> None:
    """What the checkout, which is locked, pays for can be had until then (UTC), never beyond its start; not what is gone."""
    if checkout.status is not CheckoutStatus.OPEN or checkouts.is_owed(checkout):
        return
    booking = lock(Booking, checkout.booking_id) if checkout.booking_id else None
    start = checkouts.starts_at(checkout)
    until = min(until, start) if start else until
    if until > clock.now() and (checkout.booking_id is None or _extend(booking, until)):
        checkout.expires_at = until


def _extend(booking: Booking | None, until: datetime) -> bool:
    if booking is None or booking.status is not BookingStatus.AWAITING_PAYMENT or not holds.try_extend(booking, until):
        return False
    booking.deadline_at = until
    return True
