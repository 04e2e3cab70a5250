"""Orders to capture or void money reserved on a card: written now, carried out after the commit."""

from sqlalchemy import select

from app.domain.lifecycle import AttemptStatus, PendingOperation
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Checkout
from app.services.core import outbox


def order(attempt: Attempt, operation: PendingOperation) -> None:
    """The reserved money is to be taken or let go; a sweep sees to it if nobody else does."""
    attempt.pending_operation = operation
    attempt.next_look_up_at = clock.now()
    outbox.after_commit("app.jobs.payments.look_up", str(attempt.id))


def order_all(booking: Booking, operation: PendingOperation) -> list[Attempt]:
    """All money reserved for the booking is to be taken or let go; returned are its payments.

    The caller holds the locks of the booking's attempts.
    """
    statement = (
        select(Attempt)
        .join(Checkout, Checkout.id == Attempt.checkout_id)
        .where(Checkout.booking_id == booking.id, Attempt.status == AttemptStatus.AUTHORISED)
        .where(Checkout.manual_capture.is_(True))
    )
    found = list(db.session.scalars(statement))
    for attempt in found:
        order(attempt, operation)
    return found
