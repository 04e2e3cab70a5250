"""Private notes on a session nobody came to, which cannot be rated: one of each side (X11)."""

import uuid

from sqlalchemy import select

from app.domain.lifecycle import Actor, BookingStatus
from app.extensions import db
from app.lib import clock
from app.lib.text import clean
from app.models import Booking, BookingNote, User
from app.services import bookings
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import lock, transaction

TEXT_LIMIT = 2000


def write(booking_id: uuid.UUID, user: User, text: str) -> BookingNote:
    """The person's one note on the no-show stands, in place of an earlier one.

    Only they and staff read it.
    Raises NotFound, Forbidden, Invalid (note_missing, too_long), Conflict (not_allowed).
    """
    text = clean(text)
    if not text:
        raise Invalid("note_missing", field="note")
    if len(text) > TEXT_LIMIT:
        raise Invalid("too_long", field="note", most=TEXT_LIMIT)
    with transaction() as session:
        booking = _noted(booking_id, user)
        note = _of(booking, user) or BookingNote(booking_id=booking.id, user_id=user.id)
        note.text = text
        note.written_at = clock.now()
        session.add(note)
        session.flush()
        return note


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do about a note on the booking now. Raises NotFound."""
    takes_part = bookings.role_in(booking, user) is not Actor.STAFF
    return ["note"] if takes_part and booking.status is BookingStatus.NO_SHOW else []


def readable(booking: Booking, user: User) -> list[BookingNote]:
    """The notes the person may read: their own, for staff those of both sides. Raises NotFound."""
    notes = select(BookingNote).where(BookingNote.booking_id == booking.id)
    if bookings.role_in(booking, user) is not Actor.STAFF:
        notes = notes.where(BookingNote.user_id == user.id)
    return list(db.session.scalars(notes.order_by(BookingNote.written_at, BookingNote.id)))


def _noted(booking_id: uuid.UUID, user: User) -> Booking:
    booking = lock(Booking, booking_id)
    if booking is None:
        raise NotFound
    if bookings.role_in(booking, user) is Actor.STAFF:
        raise Forbidden("forbidden")
    if not actions(booking, user):
        raise Conflict("not_allowed", action="note", status=booking.status.value)
    return booking


def _of(booking: Booking, user: User) -> BookingNote | None:
    mine = select(BookingNote).where(BookingNote.booking_id == booking.id, BookingNote.user_id == user.id)
    return db.session.scalars(mine).one_or_none()
