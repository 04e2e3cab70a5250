"""Telling people: the message is a row in the transaction that causes it; delivery comes after and may be repeated."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from app import clock, outbox
from app.extensions import db
from app.lifecycle import BookingStatus, CheckoutStatus, ProofStatus, RatingStatus, RefundStatus, RescheduleStatus
from app.models import Base, Booking, Checkout, Notification, Proof, Rating, Refund, Reschedule, Role, User
from app.services import mail
from app.services.transaction import transaction

log = logging.getLogger(__name__)

_B, _R = BookingStatus, RefundStatus
_CLAIM = timedelta(minutes=5)  # a worker that died while sending is overtaken after this long
_RETRY = (30, 120, 600, 1800, 3600)  # seconds after a mail server that said no
_MAX_AGE = timedelta(days=3)

# A message is dropped unless its booking still has one of these statuses when it is sent. Absent: always true.
STILL_TRUE: dict[str, frozenset[BookingStatus]] = {
    "request_received": frozenset({_B.PENDING_APPROVAL}),
    "request_sent": frozenset({_B.PENDING_APPROVAL}),
    "request_approved": frozenset({_B.AWAITING_PAYMENT}),
    "booking_confirmed": frozenset({_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED}),
    "booking_confirmed_practitioner": frozenset({_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED}),
    "request_declined": frozenset({_B.DECLINED}),
    "booking_cancelled": frozenset({_B.CANCELLED}),
    "booking_expired": frozenset({_B.EXPIRED}),
    "request_unanswered": frozenset({_B.EXPIRED}),
    "place_offered": frozenset({_B.AWAITING_PAYMENT, _B.PENDING_APPROVAL}),
    "attendee_away": frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT, _B.CONFIRMED}),
    "attendee_comes": frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT, _B.CONFIRMED}),
    "reschedule_proposed": frozenset({_B.CONFIRMED}),
    "reschedule_rejected": frozenset({_B.CONFIRMED}),
    "reschedule_unanswered": frozenset({_B.CONFIRMED}),
    "booking_moved": frozenset({_B.CONFIRMED, _B.IN_PROGRESS}),
    "reservation_lapsed": frozenset({_B.AWAITING_PAYMENT}),
    "payment_due": frozenset({_B.COMPLETED}),
    "fee_due": frozenset({_B.CANCELLED, _B.NO_SHOW}),
    "please_rate": frozenset({_B.COMPLETED}),
    "session_started": frozenset({_B.IN_PROGRESS}),
    "session_completed": frozenset({_B.COMPLETED}),
    "session_no_show": frozenset({_B.NO_SHOW}),
    "meeting_link_changed": frozenset({_B.CONFIRMED, _B.IN_PROGRESS}),
}

# The same by another row, which the message names in its data.
_NAMED: dict[str, type[Base]] = {
    "checkout": Checkout,
    "refund": Refund,
    "proof": Proof,
    "rating": Rating,
    "reschedule": Reschedule,
}
ROW_STILL: dict[str, tuple[str, frozenset[StrEnum]]] = {
    "payment_due": ("checkout", frozenset({CheckoutStatus.OPEN})),
    "fee_due": ("checkout", frozenset({CheckoutStatus.OPEN})),
    "difference_due": ("checkout", frozenset({CheckoutStatus.OPEN})),
    "proof_rejected": ("checkout", frozenset({CheckoutStatus.OPEN})),
    "proof_received": ("proof", frozenset({ProofStatus.WAITING})),
    "proof_waiting": ("proof", frozenset({ProofStatus.WAITING})),
    "reschedule_proposed": ("reschedule", frozenset({RescheduleStatus.OPEN})),
    "payment_offer": ("refund", frozenset({_R.ASKED})),
    "payment_returned": ("refund", frozenset({_R.ASKED, _R.SENT, _R.DONE})),
    "refund_delayed": ("refund", frozenset({_R.FAILED})),
    "refund_failed": ("refund", frozenset({_R.FAILED})),
    "refund_silent": ("refund", frozenset({_R.ASKED, _R.SENT})),
    "rating_received": ("rating", frozenset({RatingStatus.SHOWN})),
    "rating_answered": ("rating", frozenset({RatingStatus.SHOWN})),
    "rating_shown": ("rating", frozenset({RatingStatus.SHOWN})),
    "rating_hidden": ("rating", frozenset({RatingStatus.HIDDEN})),
}


# What only another service knows; it is put here by that service: whether the message is still true.
TRUE_IF: dict[str, Callable[[Notification], bool]] = {}


def tell(
    user_id: int, kind: str, *, booking: Booking | None = None, cause: object = "", data: dict[str, Any] | None = None
) -> bool:
    """Whether this is news: the person will be told once for this cause, in the app at once, by mail when a worker is there."""
    subject = f"{booking.id}:{booking.version}" if booking else ""
    now = clock.now()
    row = {
        "user_id": user_id,
        "kind": kind,
        "booking_id": booking.id if booking else None,
        "data": data or {},
        "dedupe_key": f"{kind}:{user_id}:{subject}:{cause}",
        "created_at": now,
        "due_at": now,
    }
    db.session.flush()  # the booking the message is about comes first
    notice_id = db.session.scalar(_once(row))
    if notice_id is not None:
        outbox.after_commit("app.jobs.notices.deliver", notice_id)
    return notice_id is not None


def _once(row: dict[str, Any]) -> Any:
    """SQL: the message is stored unless it is there already, also by somebody else at this moment; gives its id if new."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Notification).values(row)
    return statement.on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Notification.id)


def tell_staff(
    kind: str, *, booking: Booking | None = None, cause: object = "", data: dict[str, Any] | None = None
) -> None:
    """Every member of staff will be told."""
    for user_id in db.session.scalars(select(User.id).where(User.role == Role.STAFF, User.active.is_(True))):
        tell(user_id, kind, booking=booking, cause=cause, data=data)


def deliver(notice_id: int) -> None:
    """The message is mailed, or dropped because it is no longer true. Nothing happens if somebody else is at it."""
    if not _claim(notice_id):
        return
    notice = db.session.get_one(Notification, notice_id)
    if not _is_true(notice):
        _settle(notice_id, "stale")
        return
    try:
        mail.send(notice)
    except mail.Undelivered as error:
        log.warning("mail.failed notice=%s error=%s", notice_id, error)
        _put_off(notice_id)
        return
    except Exception:  # a mistake in a template must not send the same mail off every few minutes
        db.session.rollback()
        _put_off(notice_id)
        raise
    _settle(notice_id, "sent")


def due() -> list[int]:
    """Ids of messages that wait to be mailed, oldest first."""
    now = clock.now()
    statement = (
        select(Notification.id)
        .where(Notification.mailed_at.is_(None), Notification.due_at <= now)
        .where(or_(Notification.claimed_at.is_(None), Notification.claimed_at <= now - _CLAIM))
        .order_by(Notification.id)
        .limit(500)
    )
    return list(db.session.scalars(statement))


def for_user(user: User, limit: int = 50) -> list[Notification]:
    """The person's messages, newest first."""
    statement = (
        select(Notification).where(Notification.user_id == user.id).order_by(Notification.id.desc()).limit(limit)
    )
    return list(db.session.scalars(statement))


def unread(user: User) -> int:
    """How many messages the person has not seen."""
    statement = select(func.count()).where(Notification.user_id == user.id, Notification.read_at.is_(None))
    return int(db.session.scalar(statement) or 0)


def mark_read(user: User) -> None:
    """All of the person's messages are seen."""
    with transaction() as session:
        statement = select(Notification).where(Notification.user_id == user.id, Notification.read_at.is_(None))
        for notice in session.scalars(statement):
            notice.read_at = clock.now()


def _is_true(notice: Notification) -> bool:
    if notice.created_at < clock.now() - _MAX_AGE:
        return False
    allowed = STILL_TRUE.get(notice.kind)
    by_booking = allowed is None or notice.booking is None or notice.booking.status in allowed
    is_true = TRUE_IF.get(notice.kind)
    return by_booking and _is_true_of_row(notice) and (is_true is None or is_true(notice))


def _is_true_of_row(notice: Notification) -> bool:
    name, allowed = ROW_STILL.get(notice.kind, ("", frozenset[StrEnum]()))
    row: Any = db.session.get(_NAMED[name], uuid.UUID(notice.data[name])) if notice.data.get(name) else None
    if row is None:
        return True
    # A choice that has been made, or whose time is over, is not offered any more.
    return row.status in allowed and ("until" not in notice.data or row.offer_until is not None)


def _claim(notice_id: int) -> bool:
    with transaction() as session:
        now = clock.now()
        statement = (
            select(Notification)
            .where(Notification.id == notice_id, Notification.mailed_at.is_(None), Notification.due_at <= now)
            .where(or_(Notification.claimed_at.is_(None), Notification.claimed_at <= now - _CLAIM))
            .with_for_update(skip_locked=True, key_share=True)
            .execution_options(populate_existing=True)
        )
        notice = session.scalars(statement).one_or_none()
        if notice is None:
            return False
        notice.claimed_at, notice.tries = now, notice.tries + 1
        return True


def _settle(notice_id: int, outcome: str) -> None:
    def done(notice: Notification, now: datetime) -> None:
        notice.mailed_at, notice.outcome = now, outcome

    _change(notice_id, done)


def _put_off(notice_id: int) -> None:
    def later(notice: Notification, now: datetime) -> None:
        notice.claimed_at = None
        notice.due_at = now + timedelta(seconds=_RETRY[min(notice.tries, len(_RETRY)) - 1])

    _change(notice_id, later)


def _change(notice_id: int, change: Callable[[Notification, datetime], None]) -> None:
    with transaction() as session:
        change(session.get_one(Notification, notice_id), clock.now())
