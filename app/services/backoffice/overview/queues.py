"""What waits for staff: each queue as a list, and how many stand in it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from app.domain.lifecycle import (
    LIVE_ATTEMPTS,
    AttendanceStatus,
    DisputeStatus,
    PayoutStatus,
    ProofStatus,
    RefundStatus,
)
from app.extensions import db
from app.lib import clock
from app.models import (
    Attempt,
    AttendanceReview,
    Delivery,
    Dispute,
    InboxEntry,
    Notification,
    Payout,
    Proof,
    Refund,
    Review,
)
from app.services.ledger import refunds, reviews
from app.services.payments import waiting_news

SHOWN = 20  # of each queue; whoever clears these sees the next
_MAIL_PATIENCE = timedelta(minutes=10)  # a message that is younger than this is not late

# Each queue's rows, and which come first.
_QUEUES: dict[str, tuple[Callable[[], ColumnElement[bool]], InstrumentedAttribute[Any]]] = {
    "reviews": (reviews.waiting, Review.id),
    "attendance": (lambda: AttendanceReview.status == AttendanceStatus.OPEN, AttendanceReview.opened_at),
    "refunds": (lambda: (Refund.status == RefundStatus.FAILED) | refunds.in_doubt(), Refund.asked_at),
    "payouts": (lambda: Payout.status == PayoutStatus.ASKED, Payout.asked_at),
    "proofs": (lambda: Proof.status == ProofStatus.WAITING, Proof.sent_at),
    "events": (waiting_news.for_staff, InboxEntry.id),
    "messages": (lambda: Delivery.done_at.is_(None) & _is_late(), Delivery.id),
    "disputes": (lambda: Dispute.status == DisputeStatus.OPEN, Dispute.id),
    "waiting": (lambda: Attempt.status.in_(LIVE_ATTEMPTS), Attempt.created_at),
}
_SOONEST = {"disputes": Dispute.respond_by}  # where a deadline counts more than age
NAMES = tuple(_QUEUES)


def total(name: str) -> int:
    """How many stand in the queue."""
    condition, _ = _QUEUES[name]
    return db.session.scalar(select(func.count()).where(condition())) or 0


def totals() -> dict[str, int]:
    """How many stand in each queue."""
    return {name: total(name) for name in NAMES}


def rows(name: str) -> list[Any]:
    """The queue's most urgent or oldest rows; a review comes with its payment."""
    condition, first = _QUEUES[name]
    soonest = [_SOONEST[name].nulls_last()] if name in _SOONEST else []
    found = db.session.scalars(select(first.class_).where(condition()).order_by(*soonest, first).limit(SHOWN)).all()
    return _with_payments(list(found)) if name == "reviews" else list(found)


def _with_payments(found: list[Review]) -> list[tuple[Review, Attempt]]:
    statement = select(Attempt).where(Attempt.id.in_({review.attempt_id for review in found}))
    attempts = {
        attempt.id: attempt for attempt in db.session.scalars(statement.options(selectinload(Attempt.checkout)))
    }
    return [(review, attempts[review.attempt_id]) for review in found]


def _is_late() -> ColumnElement[bool]:
    return Delivery.notification.has(Notification.created_at <= clock.now() - _MAIL_PATIENCE)
