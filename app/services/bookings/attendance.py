"""The session itself: started, completed, or nobody came."""

import uuid

from app.domain.lifecycle import BookingStatus
from app.domain.modes import MODES
from app.extensions import db
from app.lib import clock
from app.models import Booking, SessionProof, User
from app.services.bookings import intake_forms
from app.services.bookings.cancellation import after_no_show, clean_reason
from app.services.bookings.status_changes import locked, set_status, target_of, transition
from app.services.bookings.time_windows import possible_from
from app.services.core import encryption
from app.services.core.errors import Conflict, Invalid
from app.services.core.transaction import Who, record, transaction
from app.services.ledger import balance_due
from app.services.notifications import notices

SESSION_NOTES_LIMIT = 10_000


def start(booking_id: uuid.UUID, user: User) -> Booking:
    """The session is in progress and the other side is told (S2-4, S2-10).

    Raises NotFound, Conflict (not_allowed, form_missing, too_early: setting KIKAO_START_MINUTES).
    """
    with transaction():
        booking, who = locked(booking_id, user)
        begin(booking, who)
        return booking


def begin(booking: Booking, who: Who) -> None:
    """The session is in progress and the other side is told; the caller has locked the booking."""
    target = _target_in_time(booking, "start", who)
    intake_forms.check(booking, "start")
    set_status(booking, target, who)
    booking.started_at = clock.now()
    for user_id in _both(booking):
        if user_id != who.user_id:
            notices.tell(user_id, "session_started", booking=booking)


def complete(booking_id: uuid.UUID, user: User, notes: str = "", proof: SessionProof | None = None) -> Booking:
    """The session is completed, due if it is paid after, and may be rated; both are told (S2-5, S3-16).

    The notes are the practitioner's alone, and `proof` (session_evidence.checked) staff's too.
    Raises NotFound, Invalid, Conflict (not_allowed).
    """
    if len(notes) > SESSION_NOTES_LIMIT:
        raise Invalid("too_long", field="notes", most=SESSION_NOTES_LIMIT)
    with transaction():
        booking, who = locked(booking_id, user)
        hang_up(booking, who)
        transition(booking, "complete", who)
        booking.completed_at = clock.now()
        encryption.write(booking, "session_notes", notes.strip())
        if proof is not None:
            proof.booking_id = booking.id
            proof.sent_by = user.id
            db.session.add(proof)
        _tell_both(booking, "session_completed")
        if MODES[booking.mode_code].is_paid_after:
            balance_due.open_for(booking)
        return booking


def no_show(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The client did not come, and both are told (S2-13).

    Raises NotFound, Invalid, Conflict (not_allowed, too_early: setting KIKAO_NO_SHOW_MINUTES).
    """
    reason = clean_reason(reason, required=False)
    with transaction():
        booking, who = locked(booking_id, user)
        target = _target_in_time(booking, "no-show", who)
        hang_up(booking, who)
        set_status(booking, target, who, why=reason)
        booking.reason = reason
        booking.ended_by = who.actor
        _tell_both(booking, "session_no_show")
        after_no_show(booking, who)
        return booking


def hang_up(booking: Booking, who: Who) -> None:
    """A call that is going on has ended, and the trail says so."""
    if booking.call_started_at is not None and booking.call_ended_at is None:
        booking.call_ended_at = max(clock.now(), booking.call_started_at)
        record("call", booking.id, "started", "ended", who, booking_id=booking.id)


def _target_in_time(booking: Booking, action: str, who: Who) -> BookingStatus:
    target = target_of(booking, action, who)
    if clock.now() < possible_from(booking, action):
        raise Conflict("too_early")
    return target


def _tell_both(booking: Booking, kind: str) -> None:
    for user_id in _both(booking):
        notices.tell(user_id, kind, booking=booking)


def _both(booking: Booking) -> tuple[int, int]:
    return booking.client_id, booking.practitioner.user_id
