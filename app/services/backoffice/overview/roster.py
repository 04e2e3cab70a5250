"""One stretch of a practitioner's time: who is in it, who comes, and who has paid."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import TABS, BookingStatus
from app.extensions import db
from app.models import Attendee, Booking, Slot, User
from app.services import bookings
from app.services.bookings import attendees
from app.services.core import batching
from app.services.scheduling import waitlist

_SHOWN = (*TABS["waiting"], *TABS["upcoming"], *TABS["past"], BookingStatus.CANCELLED)


@dataclass(frozen=True)
class Seat:
    """One booking in it."""

    booking: Booking
    status: BookingStatus
    money: str
    attendees: list[Attendee]
    can_cancel: bool


@dataclass(frozen=True)
class Roster:
    """All of them, and how many wait for a place."""

    slot: Slot
    seats: list[Seat]
    taken: int
    waiting: int


def of(slot_id: int, user: User) -> Roster:
    """The roster, for its practitioner and for staff. Raises NotFound."""
    bookings.in_slot(slot_id, user)
    slot = db.session.get_one(Slot, slot_id)
    rows = select(Booking).where(Booking.slot_id == slot_id, Booking.status.in_(_SHOWN))
    found = db.session.scalars(rows.options(selectinload(Booking.client)).order_by(Booking.created_at)).all()
    with batching.batch(found):
        seats = [_seat(row, user) for row in found]
    standing = [seat for seat in seats if seat.status in (*TABS["upcoming"], *TABS["past"])]
    service = found[0].service if found else None
    waits = waitlist.count(service, slot.starts_at) if service else 0
    return Roster(slot, seats, sum(seat.booking.places for seat in standing), waits)


def _seat(booking: Booking, user: User) -> Seat:
    may_cancel = "cancel" in bookings.actions(booking, user)
    status = bookings.status_now(booking)
    money = bookings.money_shown(booking)
    return Seat(booking, status, money, attendees.of(booking), may_cancel)
