"""What ends by the clock. The gateway is asked first; what it leaves open is left alone; places are free by time anyway."""

import uuid

from sqlalchemy import select

from app.extensions import db
from app.models import Checkout
from app.services import bookings
from app.services.core.transaction import CLOCK
from app.services.ledger import checkouts
from app.services.payments import attempts


def end_booking(booking_id: uuid.UUID) -> bool:
    """Whether the booking ended because its deadline had passed."""
    for checkout_id in db.session.scalars(select(Checkout.id).where(Checkout.booking_id == booking_id)).all():
        attempts.close(checkout_id)
    return bookings.try_expire(booking_id, CLOCK)


def end_draft(checkout_id: uuid.UUID) -> bool:
    """Whether what is to be paid with no booking behind it ended because its deadline had passed."""
    attempts.close(checkout_id)
    return checkouts.expire_draft(checkout_id, CLOCK)
