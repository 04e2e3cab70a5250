"""Sessions of which staff are to say who came: while one is open, nothing of its money is decided by anybody else."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select

from app.domain.lifecycle import ATTENDANCE_MOVES, Actor, AttendanceClaim, AttendanceStatus
from app.extensions import db
from app.lib import chance, clock
from app.lib.tables.plans import beside
from app.models import AttendanceReview, Booking, Change, Notification, Practitioner, User
from app.services.core import batching
from app.services.core.transaction import Who, record
from app.services.notifications import notices

_SIDES = (Actor.CLIENT, Actor.PRACTITIONER)
_TOLD = ("side", "said")  # the trail's words for what a side says of what happened


@dataclass(frozen=True)
class Said:
    """What one side wrote about who came, for staff; `is_opening`: with the act that opened the look at it."""

    at: datetime
    actor: Actor
    text: str
    is_opening: bool


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


def say(review: AttendanceReview, who: Who, text: str) -> None:
    """What this side says happened stands beside what it said before. In the caller's transaction, which has locked the booking."""
    subject, step = _TOLD
    before = step if any(not each.is_opening for each in said(review)) else ""
    record(subject, review.id, before, step, who, why=text, booking_id=review.booking_id)
    db.session.flush()


def said(review: AttendanceReview) -> list[Said]:
    """What the two sides wrote about it, the oldest first."""
    of_it = (Change.subject_id == str(review.id), Change.subject.in_(("attendance", _TOLD[0])))
    by_them = (Change.actor.in_(_SIDES), Change.why != "")
    rows = db.session.scalars(select(Change).where(*of_it, *by_them).order_by(Change.id))
    return [Said(row.at, row.actor, row.why, row.subject != _TOLD[0]) for row in rows]


def unanswered_by(user: User) -> ColumnElement[bool]:
    """SQL, of bookings: staff are to say who came, and the practitioner, who this person is, has not said what happened."""
    # Staff look at a booking once, so what was said of it was said of this.
    by_practitioner = (beside(Change.subject) == _TOLD[0], Change.actor == Actor.PRACTITIONER)
    told = exists().where(Change.booking_id == Booking.id, *by_practitioner)
    looked_at = select(AttendanceReview.booking_id).where(AttendanceReview.status == AttendanceStatus.OPEN)
    return and_(beside(Booking.practitioner_id).in_(Practitioner.ids_of(user)), Booking.id.in_(looked_at), ~told)


def close(review: AttendanceReview, action: str, who: Who, why: str) -> None:
    """It is decided, by the booking's move of this name. In the caller's transaction."""
    target = ATTENDANCE_MOVES[action][review.status]
    record("attendance", review.id, review.status, target, who, why=why, booking_id=review.booking_id)
    review.status = target
    review.decided_at = clock.now()
    db.session.flush()
