"""The session itself: started, completed, or nobody came."""

import uuid
from datetime import datetime, timedelta

from app import clock
from app.models import Booking, User
from app.modes import MODES
from app.services import dues, notices
from app.services.bookings.answering import clean_reason
from app.services.bookings.moves import locked, move, set_status, target_of
from app.services.errors import Conflict, Invalid
from app.services.transaction import Who, transaction

SESSION_NOTES_LIMIT = 10_000
START_EARLY = timedelta(minutes=10)
NO_SHOW_GRACE = timedelta(minutes=10)


def start(booking_id: uuid.UUID, user: User) -> Booking:
    """The session is in progress. Raises NotFound, Conflict (not_allowed, too_early: more than ten minutes before)."""
    with transaction():
        booking, who = locked(booking_id, user)
        target = target_of(booking, "start", who)
        if clock.now() < booking.starts_at - START_EARLY:
            raise Conflict("too_early")
        booking.started_at = clock.now()
        set_status(booking, target, who)
        _tell_others(booking, "session_started", who)
        return booking


def complete(booking_id: uuid.UUID, user: User, notes: str = "") -> Booking:
    """The session is completed, and due if it is paid after; the notes are the practitioner's alone.

    Raises NotFound, Invalid, Conflict.
    """
    if len(notes) > SESSION_NOTES_LIMIT:
        raise Invalid("too_long", field="notes", most=SESSION_NOTES_LIMIT)
    with transaction():
        booking, who = locked(booking_id, user)
        move(booking, "complete", who)
        booking.completed_at, booking.session_notes = clock.now(), notes.strip()
        if MODES[booking.mode_code].charges == "after_completion":
            dues.open_for(booking)
        else:
            _tell_others(booking, "session_completed", who)
        return booking


def no_show(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The client did not come. Raises NotFound, Invalid, Conflict (not_allowed, too_early: within ten minutes of the start)."""
    reason = clean_reason(reason, required=False)
    with transaction():
        booking, who = locked(booking_id, user)
        target = target_of(booking, "no-show", who)
        if clock.now() < booking.starts_at + NO_SHOW_GRACE:
            raise Conflict("too_early")
        booking.reason, booking.ended_by = reason, who.actor
        set_status(booking, target, who, why=reason)
        _tell_others(booking, "session_missed", who)
        return booking


def _tell_others(booking: Booking, kind: str, who: Who) -> None:
    """Both sides will be told, but for whoever did it (S2-10, S2-13)."""
    for user_id in (booking.client_id, booking.practitioner.user_id):
        if user_id != who.user_id:
            notices.tell(user_id, kind, booking=booking)


def possible_from(booking: Booking, action: str) -> datetime:
    """From when on `action` is not too early; only starting and no-show ever are."""
    return {"start": booking.starts_at - START_EARLY, "no-show": booking.starts_at + NO_SHOW_GRACE}.get(
        action, booking.created_at
    )
