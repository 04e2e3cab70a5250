"""The session itself: started, its call, completed, or the client did not come; and what nobody has marked.

When its call began and ended, and who was in it, is as those who take part say. It decides one thing about the booking: after
a call both were in nobody was absent.
"""

import uuid
from datetime import timedelta

from flask import current_app
from sqlalchemy import Select, select

from app.domain.lifecycle import TABS, Actor, AttendanceClaim, BookingStatus, CheckoutStatus, allowed_actions
from app.domain.modes import MODES
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Booking, Notification, SessionProof, User
from app.services.bookings import intake_forms, time_windows
from app.services.bookings.ending import money_back
from app.services.bookings.ending.cancellation import after_no_show, clean_reason, if_no_show, tell_missed
from app.services.bookings.status_changes import lock_with_checkout, locked, set_status, target_of
from app.services.core import encryption
from app.services.core.errors import Conflict, Forbidden, Invalid
from app.services.core.transaction import CLOCK, Who, record, transaction
from app.services.ledger import attendance_reviews, balance_due, checkouts
from app.services.notifications import notices

_JOINED = {Actor.CLIENT: "client_joined_at", Actor.PRACTITIONER: "practitioner_joined_at"}
SESSION_NOTES_LIMIT = 10_000
ASKED_AFTER = timedelta(days=1)  # after its end, the practitioner is asked how a session went that nobody has marked


def start(booking_id: uuid.UUID, user: User) -> Booking:
    """The session is in progress and the other side is told (S2-4, S2-10).

    Raises NotFound, Conflict (not_allowed, form_missing, too_early: setting KIKAO_START_MINUTES, session_over).
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
    booking.started_by = who.actor
    for user_id in _both(booking):
        if user_id != who.user_id:
            notices.tell(user_id, "session_started", booking=booking)


def complete(booking_id: uuid.UUID, user: User, notes: str = "", proof: SessionProof | None = None) -> Booking:
    """The session is completed, due if it is paid after, and may be rated; both are told (S2-5, S3-16).

    The notes are the practitioner's alone, and `proof` (session_evidence.checked) staff's too.
    Raises NotFound, Invalid, Conflict (not_allowed, too_early: before it was to begin).
    """
    if len(notes) > SESSION_NOTES_LIMIT:
        raise Invalid("too_long", field="notes", most=SESSION_NOTES_LIMIT)
    with transaction():
        booking, who = locked(booking_id, user)
        target = _target_in_time(booking, "complete", who)
        hang_up(booking, who)
        make_completed(booking, target, who)
        encryption.write(booking, "session_notes", notes.strip())
        if proof is not None:
            proof.booking_id = booking.id
            proof.sent_by = user.id
            db.session.add(proof)
        return booking


def make_completed(booking: Booking, target: BookingStatus, who: Who, why: str = "") -> None:
    """The session is completed, due if it is paid after, and both are told; the caller has locked the booking."""
    _note_completed(booking, target, who, why)
    if MODES[booking.mode_code].is_paid_after:
        balance_due.open_for(booking, booking.price)


def make_attended(booking: Booking, target: BookingStatus, who: Who, why: str) -> None:
    """A session that was noted as missed took place after all, and both are told; the caller has locked the booking.

    What was kept stays, and what went back is not asked for again; of one paid for afterwards the rest of its price is due.
    """
    booking.missed_at = None
    booking.reason = ""
    booking.ended_by = ""
    _note_completed(booking, target, who, why)
    due = money_back.due_after_all(booking)
    if due is not None:
        checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)
        balance_due.open_for(booking, due)


def _note_completed(booking: Booking, target: BookingStatus, who: Who, why: str) -> None:
    set_status(booking, target, who, why=why)
    booking.completed_at = clock.now()
    _tell_both(booking, "session_completed")


def unmarked(since: moments.Moment) -> Select[Booking]:
    """SQL: sessions over before `since` of which nobody has said how they went, nor staff are to; the oldest first."""
    stands = Booking.status.in_(TABS["upcoming"])
    over = select(Booking).where(stands, Booking.ends_at <= since)
    return over.where(~attendance_reviews.open_for(Booking.id)).order_by(Booking.ends_at)


def _settled_after() -> timedelta:
    return timedelta(days=current_app.config["SETTLE_DAYS"])


def _unanswered() -> Select[Booking]:
    asked = select(Notification.id).where(
        Notification.booking_id == Booking.id,
        Notification.kind == "session_unmarked",
        Notification.created_at <= moments.ago(lambda: _settled_after() - ASKED_AFTER),
    )
    return unmarked(moments.ago(_settled_after)).where(asked.exists())


@found_by(_unanswered)
def to_settle() -> list[uuid.UUID]:
    """Ids of sessions nobody has marked KIKAO_SETTLE_DAYS after their end, although the practitioner was asked a day after it."""
    return list(db.session.scalars(_unanswered().with_only_columns(Booking.id).limit(500)))


def settle(booking_id: uuid.UUID) -> bool:
    """The session counts as completed, as nobody said otherwise in time; whether it does."""
    with transaction():
        booking = lock_with_checkout(booking_id)
        if booking is None or "settle" not in allowed_actions(booking.status, Actor.CLOCK):
            return False
        if attendance_reviews.is_open(booking.id):
            return False
        hang_up(booking, CLOCK)
        make_completed(booking, target_of(booking, "settle", CLOCK), CLOCK)
        return True


def no_show(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The client did not come, and both are told (S2-13); staff look at it first where the client had started it.

    Raises NotFound, Invalid, Conflict (not_allowed, both_were_there, too_early: setting KIKAO_NO_SHOW_MINUTES).
    """
    reason = clean_reason(reason, required=False)
    with transaction():
        booking, who = locked(booking_id, user)
        target = _target_in_time(booking, "no-show", who)
        if booking.both_were_in_call:
            raise Conflict("both_were_there")
        settled = if_no_show(booking)
        hang_up(booking, who)
        make_missed(booking, target, who, reason)
        if was_begun_by_client(booking):
            tell_missed(booking, {"looked_at": 1})
            attendance_reviews.open_review(booking, AttendanceClaim.HAD_STARTED, who, reason)
        else:
            after_no_show(booking, settled, who)
        return booking


def was_begun_by_client(booking: Booking) -> bool:
    """Whether the client has started the session, or said that they are in its call: noted as absent, staff look at it."""
    return booking.started_by == Actor.CLIENT or booking.client_joined_at is not None


def make_missed(booking: Booking, target: BookingStatus, who: Who, reason: str) -> None:
    """The session is noted as missed by the client; what it costs, and telling both, is the caller's."""
    set_status(booking, target, who, why=reason)
    booking.missed_at = clock.now()
    booking.reason = reason
    booking.ended_by = who.actor


def hang_up(booking: Booking, who: Who) -> None:
    """A call that is going on has ended, and the trail says so."""
    if booking.call_started_at is not None and booking.call_ended_at is None:
        booking.call_ended_at = max(clock.now(), booking.call_started_at)
        record("call", booking.id, "started", "ended", who, booking_id=booking.id)


def _target_in_time(booking: Booking, action: str, who: Who) -> BookingStatus:
    target = target_of(booking, action, who)
    time_windows.check(booking, action, who.actor)
    return target


def _tell_both(booking: Booking, kind: str) -> None:
    for user_id in _both(booking):
        notices.tell(user_id, kind, booking=booking)


def _both(booking: Booking) -> tuple[int, int]:
    return booking.client_id, booking.practitioner.user_id


# ------------------------------------------------------------------------------------------------ the call


def start_call(booking_id: uuid.UUID, user: User) -> Booking:
    """The call goes on, and the session with it; who comes second is in it, and changes nothing else (S3-9).

    Raises NotFound, Forbidden, Conflict (meeting_in_person, not_allowed, too_early).
    """
    with transaction():
        booking, who = _mine(booking_id, user)
        if booking.call_started_at is not None:
            _join(booking, who)
            return booking
        if booking.status is not BookingStatus.IN_PROGRESS:
            begin(booking, who)
        booking.call_started_at = clock.now()
        record("call", booking.id, "", "started", who, booking_id=booking.id)
        _join(booking, who)
        return booking


def end_call(booking_id: uuid.UUID, user: User) -> Booking:
    """The call is over and its length known; the session goes on until it is completed (S3-10, S3-25).

    The first end stands. Raises NotFound, Forbidden, Conflict (meeting_in_person, call_not_started).
    """
    with transaction():
        booking, who = _mine(booking_id, user)
        if booking.call_started_at is None:
            raise Conflict("call_not_started")
        _join(booking, who)
        hang_up(booking, who)
        return booking


def has_joined(booking: Booking, actor: Actor) -> bool:
    """Whether this side has said that they are in the call."""
    return getattr(booking, _JOINED[actor]) is not None


def _join(booking: Booking, who: Who) -> None:
    # What is said after the session was marked proves nothing about it.
    if booking.status is not BookingStatus.IN_PROGRESS or has_joined(booking, who.actor):
        return
    setattr(booking, _JOINED[who.actor], clock.now())


def _mine(booking_id: uuid.UUID, user: User) -> tuple[Booking, Who]:
    booking, who = locked(booking_id, user)
    if who.actor not in _JOINED:
        raise Forbidden("forbidden")
    if not booking.is_online:
        raise Conflict("meeting_in_person")
    return booking, who
