"""What a payer is offered whose payment has not been heard of: show its receipt, or pay from the gateway's own menu."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.domain.lifecycle import BookingStatus, ReceiptCheckStatus, ReceiptSource
from app.extensions import db
from app.gateways.base import Gateway
from app.lib import clock
from app.models import Attempt, Booking, Checkout, ReceiptCheck
from app.services import bookings
from app.services.core import payment_methods
from app.services.payments import attempts, receipt_checks

_UNPAID = (BookingStatus.AWAITING_PAYMENT, BookingStatus.EXPIRED, BookingStatus.CANCELLED)
_SOON = timedelta(minutes=2)  # an answer takes seconds; for so long the page says that nothing should be paid meanwhile


@dataclass(frozen=True)
class Unheard:
    """The try whose payment may have been made, the receipt shown last for it, and where it can be paid from the menu."""

    attempt: Attempt
    last: ReceiptCheck | None  # that the client showed, or that is asked about
    payee: str  # empty: nowhere

    @property
    def is_asked(self) -> bool:
        """Whether the gateway has just been asked about a receipt, and the client waits."""
        last = self.last
        return last is not None and last.is_open and clock.now() - last.asked_at < _SOON

    @property
    def is_refused(self) -> bool:
        """Whether the receipt shown last pays nothing here; then its code is still to be read, and mended."""
        return self.last is not None and self.last.status is ReceiptCheckStatus.REFUSED


def of(checkout: Checkout, tries: list[Attempt], *, payable: bool) -> Unheard | None:
    """What is offered now; None where nothing was sent, and where no gateway has receipts.

    While a prompt may be alive on a phone its payer may have paid from the menu all the same, but is not led there.
    """
    attempt = receipt_checks.expects(tries)
    desk = receipt_checks.desk_of(attempt) if attempt else None
    if attempt is None or desk is None or attempt.unsent:
        return None
    shown = receipt_checks.shown_for(checkout, tries)
    last = next((check for check in shown if check.source is ReceiptSource.CLIENT or check.is_open), None)
    return Unheard(attempt, last, desk.payee if payable and not _may_ring(attempt) else "")


def checkout_of(booking: Booking) -> uuid.UUID | None:
    """The booking's checkout whose payment by phone may have been made and has not been heard of; None where there is none."""
    able = [code for code, gateway in payment_methods.offered().items() if _could_be(booking, gateway)]
    if not able or bookings.status_now(booking) not in _UNPAID:
        return None
    tries = select(Attempt).join(Checkout).where(Checkout.booking_id == booking.id, Attempt.gateway.in_(able))
    last = db.session.scalars(tries.order_by(Attempt.created_at.desc()).limit(1)).first()
    return last.checkout_id if last is not None and not last.is_paid and not _is_early(last) else None


def _could_be(booking: Booking, gateway: Gateway) -> bool:
    return gateway.receipts is not None and booking.currency in gateway.capabilities.currencies


def _is_early(attempt: Attempt) -> bool:
    return attempt.unsent or _may_ring(attempt)


def _may_ring(attempt: Attempt) -> bool:
    over = attempts.prompt_over_at(attempt)
    return attempt.is_live and over is not None and over > clock.now()
