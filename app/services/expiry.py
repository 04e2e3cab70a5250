"""What ends by the clock. The gateway is asked first; what it leaves open is left alone; places are free by time anyway."""

import logging
import uuid
from collections.abc import Callable

from sqlalchemy import select

from app.extensions import db
from app.models import Checkout
from app.services import attempts, bookings, checkouts
from app.services.transaction import CLOCK

log = logging.getLogger(__name__)


def sweep() -> int:
    """How many bookings and drafts ended because their deadline had passed."""
    ended = sum(_guard(_expire_booking, booking_id) for booking_id in bookings.overdue())
    return ended + sum(_guard(_expire_draft, checkout_id) for checkout_id in checkouts.overdue_drafts())


def _guard(expire: Callable[[uuid.UUID], bool], key: uuid.UUID) -> bool:
    # One that cannot be ended now must not keep the others from ending.
    try:
        return expire(key)
    except Exception:
        db.session.rollback()
        log.exception("expiry.failed id=%s", key)
        return False


def _expire_booking(booking_id: uuid.UUID) -> bool:
    for checkout_id in db.session.scalars(select(Checkout.id).where(Checkout.booking_id == booking_id)).all():
        attempts.close(checkout_id)
    return bookings.expire(booking_id, CLOCK)


def _expire_draft(checkout_id: uuid.UUID) -> bool:
    attempts.close(checkout_id)
    return checkouts.expire_draft(checkout_id, CLOCK)
