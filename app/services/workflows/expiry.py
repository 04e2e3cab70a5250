"""What ends by the clock. The gateway is asked first; what it leaves open is left alone; places are free by time anyway."""

import uuid

from sqlalchemy import Select, select

from app.domain.lifecycle import LIVE_ATTEMPTS, CheckoutStatus
from app.extensions import db
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Checkout
from app.services import bookings
from app.services.core.transaction import CLOCK
from app.services.ledger import checkouts
from app.services.payments import attempts


def end_booking(booking_id: uuid.UUID) -> bool:
    """Whether the booking ended because its deadline had passed."""
    for checkout_id in db.session.scalars(select(Checkout.id).where(Checkout.booking_id == booking_id)).all():
        attempts.close(checkout_id)
    return bookings.try_expire(booking_id, CLOCK)


def _lapsed_drafts() -> Select[uuid.UUID]:
    alone = select(Checkout.id).where(Checkout.booking_id.is_(None), Checkout.status == CheckoutStatus.OPEN)
    return alone.where(Checkout.expires_at <= moments.now())


@found_by(_lapsed_drafts)
def overdue_drafts() -> list[uuid.UUID]:
    """Ids of checkouts whose deadline has passed and that no booking stands behind: drafts, questions, top-ups."""
    asks = Checkout.attempts.any(Attempt.status.in_(LIVE_ATTEMPTS))  # a gateway, which may hang: these come last
    return list(db.session.scalars(_lapsed_drafts().order_by(asks, Checkout.expires_at).limit(500)))


def end_draft(checkout_id: uuid.UUID) -> bool:
    """Whether what is to be paid with no booking behind it ended because its deadline had passed."""
    attempts.close(checkout_id)
    return checkouts.expire_draft(checkout_id, CLOCK)
