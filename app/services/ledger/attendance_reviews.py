"""Sessions of which staff are to say who came: while one is open, nothing of its money is decided by anybody else."""

import uuid
from collections.abc import Collection

from sqlalchemy import ColumnElement, exists, select

from app.domain.lifecycle import ATTENDANCE_MOVES, AttendanceClaim, AttendanceStatus
from app.extensions import db
from app.lib import chance, clock
from app.models import AttendanceReview, Booking, Notification
from app.services.core import batching
from app.services.core.transaction import Who, record
from app.services.notifications import notices


def is_open(booking_id: uuid.UUID | None) -> bool:
    """Whether staff are to say who came to the session."""
    return booking_id is not None and _open(booking_id)


def awaits_staff(notice: Notification) -> bool:
    """Whether staff are still to say who came to the session the message is about."""
    return is_open(notice.booking_id)


@batching.batched("booking", bool)
def _open(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    theirs = select(AttendanceReview.booking_id).where(AttendanceReview.booking_id.in_(ids))
    return dict.fromkeys(db.session.scalars(theirs.where(AttendanceReview.status == AttendanceStatus.OPEN)), True)


def open_for(booking_id: object) -> ColumnElement[bool]:
    """SQL: staff are to say who came to the session."""
    return exists().where(AttendanceReview.booking_id == booking_id, AttendanceReview.status == AttendanceStatus.OPEN)


def last_of(booking: Booking) -> AttendanceReview | None:
    """The latest look at who came to the session, decided or not."""
    return _last(booking.id)


@batching.batched("booking", lambda: None)
def _last(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, AttendanceReview | None]:
    theirs = select(AttendanceReview).where(AttendanceReview.booking_id.in_(ids))
    return {each.booking_id: each for each in db.session.scalars(theirs.order_by(AttendanceReview.opened_at))}


def open_review(booking: Booking, claim: AttendanceClaim, who: Who, why: str) -> None:
    """Staff will say who came; they and both sides know. In the caller's transaction, which has locked the booking."""
    review = AttendanceReview(
        id=chance.new_id(),
        booking_id=booking.id,
        claim=claim,
        status=AttendanceStatus.OPEN,
        opened_at=clock.now(),
    )
    db.session.add(review)
    db.session.flush()
    record("attendance", review.id, "", review.status, who, why=why, booking_id=booking.id)
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "attendance_contested", booking=booking, cause=review.id)
    notices.tell_staff("attendance_review", booking=booking, cause=review.id)


def close(review: AttendanceReview, action: str, who: Who, why: str) -> None:
    """It is decided, by the booking's move of this name. In the caller's transaction."""
    target = ATTENDANCE_MOVES[action][review.status]
    record("attendance", review.id, review.status, target, who, why=why, booking_id=review.booking_id)
    review.status = target
    review.decided_at = clock.now()
    db.session.flush()
