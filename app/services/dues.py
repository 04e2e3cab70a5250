"""What is owed for sessions that are paid for afterwards (mode pay_after)."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.lifecycle import CheckoutStatus
from app.models import Booking, Checkout, User
from app.services import checkouts, notices
from app.services.transaction import transaction

REMINDERS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14))  # after the session's end


def open_for(booking: Booking) -> Checkout:
    """The session is to be paid for and the client knows; inside the caller's transaction."""
    hours = int(booking.policy["pay_hours"])
    checkout = checkouts.open_due(booking, clock.now() + timedelta(hours=hours))
    _tell(checkout, booking, "now")
    return checkout


def blocks(client: User) -> bool:
    """Whether the client owes for a session, so that another can be booked only after paying (setting KIKAO_DUE_BLOCKS)."""
    return bool(current_app.config["DUE_BLOCKS_BOOKING"]) and bool(of(client))


def of(client: User) -> list[Checkout]:
    """What the client owes, the oldest first."""
    statement = select(Checkout).where(
        Checkout.client_id == client.id, Checkout.kind == "due", Checkout.status == CheckoutStatus.OPEN
    )
    return list(db.session.scalars(statement.order_by(Checkout.created_at)))


def remind() -> int:
    """How many reminders were written: one for each stretch of time, while it is owed."""
    now, written = clock.now(), 0
    open_dues = select(Checkout).where(Checkout.kind == "due", Checkout.status == CheckoutStatus.OPEN)
    reached = open_dues.where(Checkout.created_at <= now - REMINDERS[0])
    with transaction() as session:
        for checkout in session.scalars(reached.order_by(Checkout.created_at).limit(500)):
            stage = sum(checkout.created_at + after <= now for after in REMINDERS)
            written += _tell(checkout, checkout.booking, str(stage)) if checkout.booking else 0
    return written


def _tell(checkout: Checkout, booking: Booking, stage: str) -> int:
    data = {"amount": checkout.amount, "currency": checkout.currency, "checkout": str(checkout.id)}
    return int(
        notices.tell(checkout.client_id, "payment_due", booking=booking, cause=f"{checkout.id}:{stage}", data=data)
    )
