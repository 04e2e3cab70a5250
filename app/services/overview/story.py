"""Finding a payment by anything people have at hand, and telling its whole story."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import Attempt, Booking, Change, Checkout, InboxEntry, Notification, Refund, Review, User
from app.services.errors import NotFound
from app.services.refunds import of_attempts as refund_rows

_MOST = 30
_SHORTEST = 3  # fewer letters would find everybody


@dataclass(frozen=True)
class Found:
    """What a search found, the newest first."""

    attempts: list[Attempt]
    bookings: list[Booking]


@dataclass(frozen=True)
class Step:
    """One thing that happened: exactly one of the three is there; a change of a refund brings its refund."""

    at: datetime
    change: Change | None = None
    news: InboxEntry | None = None
    message: Notification | None = None
    refund: Refund | None = None


@dataclass(frozen=True)
class Story:
    """Everything known of one payment, in the order it happened."""

    attempt: Attempt
    steps: list[Step]
    refunds: list[Refund]
    reviews: list[Review]
    others: list[Attempt]  # other tries to pay the same


def attempt(attempt_id: uuid.UUID) -> Attempt:
    """The payment as the tables have it now. Raises NotFound."""
    found = db.session.get(Attempt, attempt_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def search(q: str) -> Found:
    """Payments and bookings that a reference, a phone number, an e-mail address or a name points at."""
    q = q.strip()
    if len(q) < _SHORTEST:
        return Found([], [])
    payments = select(Attempt).join(Checkout).join(User, User.id == Checkout.client_id)
    payments = payments.where(or_(_by_reference(q), _by_person(q))).order_by(Attempt.created_at.desc()).limit(_MOST)
    booked = select(Booking).join(User, User.id == Booking.client_id).where(or_(_by_booking(q), _by_person(q)))
    booked = booked.options(selectinload(Booking.client), selectinload(Booking.practitioner))
    booked = booked.order_by(Booking.created_at.desc()).limit(_MOST)
    return Found(list(db.session.scalars(payments)), list(db.session.scalars(booked)))


def tell(attempt_id: uuid.UUID) -> Story:
    """The payment's story. Raises NotFound."""
    found = attempt(attempt_id)
    refunds = refund_rows([found.id])
    reviews = list(db.session.scalars(select(Review).where(Review.attempt_id == found.id).order_by(Review.id)))
    steps = [*_changes(found, refunds, reviews), *_news(found), *_messages(found)]
    tries = select(Attempt).where(Attempt.checkout_id == found.checkout_id, Attempt.id != found.id)
    others = list(db.session.scalars(tries.order_by(Attempt.created_at)))
    return Story(found, sorted(steps, key=lambda step: step.at), refunds, reviews, others)


# ------------------------------------------------------------------------------------------------ searching


def _by_reference(q: str) -> ColumnElement[bool]:
    any_case = (q, q.upper(), q.lower())
    by_refund = select(Refund.attempt_id).where(or_(Refund.key.in_(any_case), Refund.provider_ref.in_(any_case)))
    conditions = [
        Attempt.reference == q.upper(),
        Attempt.provider_ref.in_(any_case),
        Attempt.charge_ref.in_(any_case),
        Attempt.id.in_(by_refund),
    ]
    if (digits := _digits(q)) is not None:
        conditions.append(Attempt.phone.contains(digits))
    if (key := _uuid(q)) is not None:
        conditions += [Attempt.id == key, Attempt.checkout_id == key, Checkout.booking_id == key]
    return or_(*conditions)


def _by_booking(q: str) -> ColumnElement[bool]:
    key = _uuid(q)
    by_payment = select(Checkout.booking_id).join(Attempt).where(_by_reference(q), Checkout.booking_id.is_not(None))
    found = Booking.id.in_(by_payment)
    return or_(found, Booking.id == key) if key else found


def _by_person(q: str) -> ColumnElement[bool]:
    email, name = func.lower(User.email), User.name.icontains(q, autoescape=True)
    found = or_(email.contains(q.lower(), autoescape=True), name)
    digits = _digits(q)
    return or_(found, User.phone.contains(digits)) if digits else found


def _digits(q: str) -> str | None:
    """The digits of a phone number, without country code or leading zero; None when `q` is no number."""
    digits = re.sub(r"[\s().+-]", "", q)
    return digits.lstrip("0")[-9:] if digits.isdecimal() and len(digits) >= 6 else None


def _uuid(q: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(q)
    except ValueError:
        return None


# ------------------------------------------------------------------------------------------------ the story


def _changes(attempt: Attempt, refunds: Sequence[Refund], reviews: Sequence[Review]) -> list[Step]:
    by_id = {str(refund.id): refund for refund in refunds}
    subjects = {
        "attempt": [str(attempt.id)],
        "checkout": [str(attempt.checkout_id)],
        "booking": [str(attempt.checkout.booking_id)],
        "refund": list(by_id),
        "review": [str(review.id) for review in reviews],
    }
    mine = [and_(Change.subject == name, Change.subject_id.in_(ids)) for name, ids in subjects.items()]
    rows = db.session.scalars(select(Change).where(or_(*mine)).order_by(Change.id))
    return [Step(row.at, change=row, refund=by_id.get(row.subject_id)) for row in rows]


def _news(attempt: Attempt) -> list[Step]:
    rows = db.session.scalars(select(InboxEntry).where(InboxEntry.attempt_id == attempt.id).order_by(InboxEntry.id))
    return [Step(row.received_at, news=row) for row in rows]


def _messages(attempt: Attempt) -> list[Step]:
    booking_id = attempt.checkout.booking_id
    if booking_id is None:
        return []
    statement = select(Notification).where(Notification.booking_id == booking_id).order_by(Notification.id)
    rows = db.session.scalars(statement.options(selectinload(Notification.user)))
    return [Step(row.created_at, message=row) for row in rows]
