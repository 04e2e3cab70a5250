"""Reading bookings: one, a page of them, what their money came to, what happened."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from app.domain.lifecycle import TABS, Actor, AttemptStatus, BookingStatus, RefundStatus, money_word
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Change, Checkout, Practitioner, Role, User
from app.services.bookings.status_changes import WAITING, has_open_payment, role_in
from app.services.core import batching
from app.services.core.errors import Invalid, NotFound
from app.services.ledger import checkouts, journal, refunds, reviews

PAGE = 20
MOST_ROWS = 10_000


def get(booking_id: uuid.UUID, user: User) -> Booking:
    """The booking, if the person has a part in it. Raises NotFound."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    role_in(booking, user)
    return booking


def in_slot(slot_id: int, user: User) -> list[uuid.UUID]:
    """Ids of the bookings in this stretch of time, for who gives the session and for staff.

    Raises NotFound.
    """
    found = list(db.session.scalars(select(Booking).where(Booking.slot_id == slot_id).order_by(Booking.created_at)))
    if not found or (not found[0].practitioner.is_of(user) and user.role is not Role.STAFF):
        raise NotFound
    return [booking.id for booking in found]


def fresh(booking_id: uuid.UUID) -> Booking:
    """The booking as it stands in the database now, whatever was loaded before."""
    return db.session.get_one(Booking, booking_id, populate_existing=True)


@dataclass(frozen=True)
class Page:
    """One page of bookings and how many there are in all."""

    items: list[Booking]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def find(
    user: User,
    *,
    tab: str | None = None,
    status: BookingStatus | None = None,
    q: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    page: int = 1,
) -> Page:
    """The person's bookings: a client's own, a practitioner's diary, all of them for staff.

    Raises Invalid (unknown_tab).
    `since` and `until` are instants between which a session begins.
    """
    statement = _found(user, tab, status, q, since, until)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    order = Booking.starts_at.asc() if tab in ("waiting", "upcoming") else Booking.starts_at.desc()
    page = min(max(1, page), 100_000)
    rows = statement.order_by(order, Booking.created_at.desc()).offset((page - 1) * PAGE).limit(PAGE)
    loaded = rows.options(selectinload(Booking.practitioner), selectinload(Booking.client))
    return Page(list(db.session.scalars(loaded)), page, total)


def every(
    user: User,
    *,
    tab: str | None = None,
    status: BookingStatus | None = None,
    q: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Booking]:
    """The person's bookings without pages, at most ten thousand, the newest first."""
    statement = _found(user, tab, status, q, since, until).order_by(Booking.starts_at.desc()).limit(MOST_ROWS)
    loaded = statement.options(selectinload(Booking.practitioner), selectinload(Booking.client))
    return list(db.session.scalars(loaded))


def _found(
    user: User,
    tab: str | None,
    status: BookingStatus | None,
    q: str,
    since: datetime | None,
    until: datetime | None,
) -> Select[Booking]:
    statement = select(Booking).where(_mine(user))
    if tab:
        if tab not in TABS:
            raise Invalid("unknown_tab", field="tab")
        statement = statement.where(_in_tab(tab))
    if status:
        statement = statement.where(_has_status(status))
    if since:
        statement = statement.where(Booking.starts_at >= since)
    if until:
        statement = statement.where(Booking.starts_at < until)
    return _matching(statement, q) if q else statement


def counts(user: User) -> dict[str, int]:
    """How many bookings the person has in each tab."""
    return {
        tab: db.session.scalar(select(func.count()).select_from(Booking).where(_mine(user), _in_tab(tab))) or 0
        for tab in TABS
    }


def _mine(user: User) -> ColumnElement[bool]:
    if user.role is Role.STAFF:
        return Booking.id.is_not(None)
    theirs = Practitioner.ids_of(user)
    return or_(Booking.client_id == user.id, Booking.practitioner_id.in_(theirs))


def _lapsed() -> ColumnElement[bool]:
    # By the clock: what has lapsed stands among the ended even before a sweep writes it.
    return and_(Booking.status.in_(WAITING), Booking.deadline_at <= clock.now(), not_(has_open_payment(Booking.id)))


def _in_tab(tab: str) -> ColumnElement[bool]:
    return or_(*(_has_status(status) for status in TABS[tab]))


def _has_status(status: BookingStatus) -> ColumnElement[bool]:
    plain = Booking.status == status
    if status in WAITING:
        return and_(plain, or_(Booking.deadline_at.is_(None), not_(_lapsed())))
    return or_(plain, _lapsed()) if status is BookingStatus.EXPIRED else plain


def _matching(statement: Select[Booking], q: str) -> Select[Booking]:
    like = f"%{q.strip().replace('%', '').replace('_', '')}%"
    return (
        statement.join(Booking.practitioner)
        .join(Booking.client)
        .where(or_(Booking.title.ilike(like), Practitioner.name.ilike(like), User.name.ilike(like)))
    )


def to_pay(booking: Booking, user: User) -> Checkout | None:
    """The bill the person can pay now; not one that staff look at, or whose amount is reserved and only has to be taken."""
    checkout = checkouts.open_for(booking) if user.id == booking.client_id else None
    if checkout is None or not checkouts.is_payable(checkout):
        return None
    tries = [attempt for attempt in attempts_of(booking) if attempt.checkout_id == checkout.id]
    if any(reviews.open_reasons(attempt.id) for attempt in tries):
        return None
    reserved = any(attempt.status is AttemptStatus.AUTHORISED for attempt in tries)
    return None if checkout.manual_capture and reserved else checkout


def attempts_of(booking: Booking) -> list[Attempt]:
    """Every try to pay for the booking, oldest first."""
    return _attempts(booking.id)


@batching.batched("booking", list)
def _attempts(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Attempt]]:
    statement = select(Checkout.booking_id, Attempt).join(Attempt.checkout).where(Checkout.booking_id.in_(ids))
    loaded = statement.options(contains_eager(Attempt.checkout)).order_by(Attempt.created_at, Attempt.id)
    rows = db.session.execute(loaded)
    found = batching.grouped((booking_id, attempt) for booking_id, attempt in rows if booking_id)
    batching.include("attempt", [attempt.id for attempts in found.values() for attempt in attempts])
    return found


def paid_attempts(booking: Booking) -> list[Attempt]:
    """The tries that brought the money asked for; one whose amount is in doubt is left to staff."""
    return paid_of(attempts_of(booking))


def paid_of(attempts: list[Attempt]) -> list[Attempt]:
    """Those of a booking's tries that brought the money asked for."""
    paid = [attempt for attempt in attempts if attempt.status is AttemptStatus.PAID]
    return [attempt for attempt in paid if not reviews.is_in_doubt(attempt)]


def money_of(booking: Booking) -> str:
    """The booking's one word about its money, computed from the rows."""
    attempts = attempts_of(booking)
    owed = booking.mode.is_paid_after and is_owed(booking)  # elsewhere what is owed comes after a payment
    if not attempts:
        return "due" if owed else "none"
    back = [refund.status for refund in refunds.of_booking(booking.id)]
    in_review = sum(len(reviews.open_reasons(attempt.id)) for attempt in attempts)
    kept = journal.kept_for(booking.id, booking.currency).amount
    price = booking.price_amount
    return money_word([a.status for a in attempts], back, in_review, kept, price, owed=owed)


def is_owed(booking: Booking) -> bool:
    """Whether the client owes something for the booking."""
    bill = checkouts.open_for(booking)
    return bill is not None and checkouts.is_owed(bill)


@dataclass(frozen=True)
class Happening:
    """One thing that happened to a booking: what changed, who did it (`name` if a person), when and why."""

    at: datetime
    subject: str
    status: str
    actor: Actor
    actor_id: int | None
    name: str
    why: str


def story(booking: Booking) -> list[Happening]:
    """What happened and when, oldest first; whoever shows it decides who may read why."""
    rows = select(Change, User.name).outerjoin(User, User.id == Change.actor_id).where(Change.booking_id == booking.id)
    found = db.session.execute(rows.order_by(Change.at, Change.id))
    return [Happening(c.at, c.subject, _happened(c), c.actor, c.actor_id, name or "", c.why) for c, name in found]


def _happened(change: Change) -> str:
    """What people are told of a change: the status it led to, unless how it came to it says more."""
    if (change.subject, change.to_status, change.why) == ("refund", RefundStatus.DONE, "credit"):
        return "credited"  # money became credit instead of going back
    step = (change.subject, change.to_status, change.actor)
    approved = step == ("booking", BookingStatus.AWAITING_PAYMENT, Actor.PRACTITIONER)
    return "approved" if approved else change.to_status
