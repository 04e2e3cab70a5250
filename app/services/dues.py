"""What is owed: for a session paid for afterwards, for one the client did not keep, or for more than was paid at first."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, select

from app import clock
from app.extensions import db
from app.lifecycle import CheckoutStatus
from app.models import Booking, Checkout, User
from app.money import Money
from app.services import checkouts, notices
from app.services.transaction import CLOCK, Who, transaction

REMINDERS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14))  # after it came to be owed
# How the client is told, by what it is owed for.
_TOLD = {"due": "payment_due", "fee": "fee_due", "difference": "difference_due"}


def open_for(booking: Booking) -> Checkout:
    """The session is to be paid for and the client knows; inside the caller's transaction."""
    return _open(booking, "due", booking.price, CLOCK)


def open_fee(booking: Booking, money: Money, who: Who) -> Checkout:
    """Who did not keep the session owes this and knows; inside the caller's transaction."""
    return _open(booking, "fee", money, who)


def open_difference(booking: Booking, money: Money, who: Who) -> Checkout:
    """The session has become dearer than was paid, and the client knows; inside the caller's transaction."""
    return _open(booking, "difference", money, who)


def _open(booking: Booking, kind: str, money: Money, who: Who) -> Checkout:
    hours = int(booking.policy["pay_hours"])
    checkout = checkouts.open_owed(booking, kind, money, clock.now() + timedelta(hours=hours), who)
    _tell(checkout, booking, "now")
    return checkout


def blocks(client: User) -> bool:
    """Whether the client owes something, so that another session can be booked only after paying (KIKAO_DUE_BLOCKS)."""
    return bool(current_app.config["DUE_BLOCKS_BOOKING"]) and bool(of(client))


def of(client: User) -> list[Checkout]:
    """What the client owes, the oldest first."""
    statement = select(Checkout).where(Checkout.client_id == client.id, _open_ones())
    return list(db.session.scalars(statement.order_by(Checkout.created_at)))


def tell_waived(checkout: Checkout, booking: Booking) -> None:
    """The client knows that nothing is owed any more; inside the caller's transaction."""
    notices.tell(booking.client_id, "debt_waived", booking=booking, cause=checkout.id, data=_data(checkout))


def remind() -> int:
    """How many reminders were written: one for each stretch of time, while it is owed."""
    now, written = clock.now(), 0
    reached = select(Checkout).where(_open_ones(), Checkout.created_at <= now - REMINDERS[0])
    with transaction() as session:
        for checkout in session.scalars(reached.order_by(Checkout.created_at).limit(500)):
            stage = sum(checkout.created_at + after <= now for after in REMINDERS)
            written += _tell(checkout, checkout.booking, str(stage)) if checkout.booking else 0
    return written


def _open_ones() -> ColumnElement[bool]:
    return Checkout.kind.in_(checkouts.OWED) & (Checkout.status == CheckoutStatus.OPEN)


def _tell(checkout: Checkout, booking: Booking, stage: str) -> int:
    kind, cause = _TOLD[checkout.kind], f"{checkout.id}:{stage}"
    return int(notices.tell(checkout.client_id, kind, booking=booking, cause=cause, data=_data(checkout)))


def _data(checkout: Checkout) -> dict[str, object]:
    return {"amount": checkout.amount, "currency": checkout.currency, "checkout": str(checkout.id)}
