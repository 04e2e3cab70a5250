"""Who comes for the first time: trust is an earlier session that took place and was paid."""

from sqlalchemy import ColumnElement, select

from app.domain.lifecycle import BookingStatus, CheckoutStatus
from app.domain.modes import MODES, BookingMode, for_first_time
from app.extensions import db
from app.models import Booking, Checkout, Service, User


def is_trusted(client: User, practitioner_id: int | None = None) -> bool:
    """Whether the client has paid for a session that took place: with this practitioner, or (None) with anybody here."""
    whose: list[ColumnElement[bool]] = [Booking.client_id == client.id, Booking.status == BookingStatus.COMPLETED]
    if practitioner_id is not None:
        whose.append(Booking.practitioner_id == practitioner_id)
    paid = select(Checkout.id).where(Checkout.booking_id == Booking.id, Checkout.status == CheckoutStatus.PAID)
    return db.session.scalar(select(Booking.id).where(*whose, paid.exists()).limit(1)) is not None


def mode_for(client: User | None, service: Service) -> BookingMode:
    """How this client books the service: as it is sold, or as its practitioner asks of who comes for the first time."""
    strict = for_first_time(service.first_time, service.mode_code)
    if client is None or strict == service.mode_code or is_trusted(client, service.practitioner_id):
        return service.mode
    return MODES[strict]
