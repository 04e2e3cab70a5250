"""A booking's status: changed here alone, under its locks, by the table, with a row in the trail."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from app.domain.lifecycle import (
    CONTESTABLE,
    TABS,
    Actor,
    AttemptStatus,
    BookingStatus,
    NotAllowed,
    PendingOperation,
    booking_rule,
)
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Checkout, Role, User
from app.services.core import batching
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, lock, record
from app.services.ledger import attendance_reviews

WAITING = TABS["waiting"]


def status_now(booking: Booking) -> BookingStatus:
    """The status by the clock: a lapsed deadline counts although no sweep has written it yet."""
    if is_overdue(booking, clock.now()) and not is_unresolved(booking):
        return BookingStatus.EXPIRED
    return booking.status


def role_in(booking: Booking, user: User) -> Actor:
    """The role the person has in this booking. Raises NotFound: a stranger learns nothing."""
    if user.id == booking.client_id:
        return Actor.CLIENT
    if booking.practitioner.is_of(user):
        return Actor.PRACTITIONER
    if user.role is Role.STAFF:
        return Actor.STAFF
    raise NotFound


def is_overdue(booking: Booking, now: datetime) -> bool:
    """Whether the deadline of a waiting booking has passed."""
    return booking.status in WAITING and booking.deadline_at is not None and booking.deadline_at <= now


def is_unresolved(booking: Booking) -> bool:
    """Whether nobody knows yet what becomes of a payment for the booking."""
    return _unresolved(booking.id)


@batching.batched("booking", bool)
def _unresolved(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    theirs = select(Booking.id).where(Booking.id.in_(ids), has_open_payment(Booking.id))
    return dict.fromkeys(db.session.scalars(theirs), True)


def has_open_payment(booking_id: object) -> ColumnElement[bool]:
    """SQL: the outcome of a payment for this booking is open.

    Money reserved until an answer is not: we decide about it.
    """
    under_way = Attempt.status.in_((AttemptStatus.CREATED, AttemptStatus.PROCESSING))
    taken = or_(Checkout.manual_capture.is_(False), Attempt.pending_operation == PendingOperation.CAPTURE)
    being_taken = and_(Attempt.status == AttemptStatus.AUTHORISED, taken)
    return exists().where(
        Checkout.booking_id == booking_id, Attempt.checkout_id == Checkout.id, or_(under_way, being_taken)
    )


def locked(booking_id: uuid.UUID, user: User) -> tuple[Booking, Who]:
    """The booking, locked, and the part the person plays in it. Raises NotFound."""
    booking = lock_with_checkout(booking_id)
    if booking is None:
        raise NotFound
    return booking, Who(role_in(booking, user), user.id)


def lock_with_checkout(booking_id: uuid.UUID) -> Booking | None:
    """The booking, locked after all its attempts and checkouts, in everybody's order of locks.

    None when there is none.
    """
    while True:
        found = _payments_of(booking_id)
        until_here = db.session.begin_nested()
        for model, key in found:
            lock(model, key)
        booking = lock(Booking, booking_id)
        if booking is None or _payments_of(booking_id) == found:
            until_here.commit()
            return booking
        # While the booking was waited for, its holder opened a payment. Locked after the booking it would be a deadlock
        # with whoever has it and waits for the booking: let go, and once more in order.
        until_here.rollback()


def _payments_of(booking_id: uuid.UUID) -> list[tuple[type[Attempt | Checkout], uuid.UUID]]:
    """What is locked before the booking, in order: attempts and then checkouts, the oldest first."""
    of_bills = select(Attempt.created_at, Attempt.id, Checkout.created_at, Checkout.id).select_from(Checkout)
    statement = of_bills.outerjoin(Attempt, Attempt.checkout_id == Checkout.id).where(Checkout.booking_id == booking_id)
    rows = db.session.execute(statement).all()
    attempts = sorted({(at, key) for at, key, *_ in rows if key})
    checkouts = sorted({(at, key) for *_, at, key in rows})
    return [*((Attempt, key) for _, key in attempts), *((Checkout, key) for _, key in checkouts)]


def target_of(booking: Booking, action: str, who: Who, *, by_clock: bool = True) -> BookingStatus:
    """The status that `action` leads to, by the table and by the clock. Raises Conflict (not_allowed)."""
    status = status_now(booking) if by_clock else booking.status
    in_review = booking.status in CONTESTABLE and attendance_reviews.is_open(booking.id)
    try:
        return booking_rule(status, action, who.actor, in_review=in_review)
    except NotAllowed:
        raise Conflict("not_allowed", action=action, status=status.value) from None


def transition(booking: Booking, action: str, who: Who, *, why: str = "", by_clock: bool = True) -> None:
    """The booking has the status that `action` leads to, and the trail says so.

    Raises Conflict (not_allowed).
    """
    set_status(booking, target_of(booking, action, who, by_clock=by_clock), who, why=why)


def set_status(booking: Booking, target: BookingStatus, who: Who, *, why: str = "") -> None:
    """The booking has this status, and the trail says so."""
    record("booking", booking.id, booking.status, target, who, why=why, booking_id=booking.id)
    booking.status = target
    booking.version += 1
