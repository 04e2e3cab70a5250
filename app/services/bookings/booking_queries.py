"""Reading bookings: one, a page of them, what their money came to, what happened."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, or_, select, true
from sqlalchemy.orm import contains_eager, selectinload

from app.domain.lifecycle import TABS, Actor, AttemptStatus, BookingStatus, RefundStatus, money_word
from app.extensions import db
from app.lib import clock
from app.lib.tables import pages
from app.models import Attempt, Booking, Change, Checkout, Practitioner, Role, User
from app.services.bookings.status_changes import WAITING, has_open_payment, role_in
from app.services.core import batching
from app.services.core.errors import Invalid, NotFound
from app.services.ledger import checkouts, journal, refunds, reviews

PAGE = 20
MOST_ROWS = 10_000  # in a table to take along
MOST_LISTED = 1_000  # on pages, and counted: older ones are found by naming days
_LAST_PAGE = MOST_LISTED // PAGE
MOST_COUNTED = 100  # beside a tab, where more are "99+"


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
    """One page of bookings and how many there are, as far as anybody counts: see `is_more`."""

    items: list[Booking]
    page: int
    total: int
    is_more: bool = False  # there are more than `total`, found by naming days

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Search:
    """Which bookings: of a tab, in a status, with these words; `since` and `until` are instants between which they begin."""

    tab: str | None = None
    status: BookingStatus | None = None
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def statuses(self) -> tuple[BookingStatus, ...]:
        """The statuses that are looked for. Raises Invalid (unknown_tab)."""
        if self.tab and self.tab not in TABS:
            raise Invalid("unknown_tab", field="tab")
        of_tab = TABS[self.tab] if self.tab else tuple(BookingStatus)
        return tuple(each for each in of_tab if self.status in (None, each))

    @property
    def is_rising(self) -> bool:
        """Whether what begins first comes first: of what is still to come."""
        return self.tab in ("waiting", "upcoming")


def find(user: User, search: Search = Search(), *, page: int = 1) -> Page:
    """The person's bookings: a client's own, a practitioner's diary, all of them for staff.

    Raises Invalid (unknown_tab).
    """
    ways = _ways(user, search)
    total = int(db.session.scalar(select(pages.count_of(ways, MOST_LISTED + 1))) or 0)
    page = min(max(1, page), _LAST_PAGE + 1)
    items = _rows(ways, PAGE, page, is_rising=search.is_rising) if page <= _LAST_PAGE else []
    return Page(items, page, min(total, MOST_LISTED), is_more=total > MOST_LISTED)


def every(user: User, search: Search = Search()) -> list[Booking]:
    """The person's bookings without pages, at most ten thousand, the newest first."""
    return _rows(_ways(user, search), MOST_ROWS)


def counts(user: User, tabs: Collection[str] = tuple(TABS)) -> dict[str, int]:
    """How many bookings the person has in each of these tabs, as far as MOST_COUNTED."""
    sums = [pages.count_of(_counted(user, TABS[tab]), MOST_COUNTED) for tab in tabs]
    found = db.session.execute(select(*sums)).one()
    return {tab: min(count, MOST_COUNTED) for tab, count in zip(tabs, found, strict=True)}


def unpaid(user: User) -> int:
    """How many bookings of the person's wait for a payment."""
    ways = _counted(user, (BookingStatus.AWAITING_PAYMENT,))
    return int(db.session.scalar(select(pages.count_of(ways, MOST_ROWS))) or 0)


# ------------------------------------------------------------------------------------------------ finding them


def _rows(ways: Sequence[pages.Way], size: int, page: int = 1, *, is_rising: bool = False) -> list[Booking]:
    if not ways:
        return []
    begins = Booking.starts_at.asc() if is_rising else Booking.starts_at.desc()
    found = pages.page_of(Booking, ways, (begins, Booking.created_at.desc(), Booking.id.desc()), size, page)
    loaded = found.options(selectinload(Booking.practitioner), selectinload(Booking.client))
    return list(db.session.scalars(loaded))


def _ways(user: User, search: Search) -> list[pages.Way]:
    """The person's sides and the statuses, each pair found by an index in the order of time; no booking is in two."""
    is_any = not (search.tab or search.status or user.role is Role.STAFF)
    kinds = [true()] if is_any else [kind for status in search.statuses for kind in _by_status(status)]
    return [_asked(select(Booking).where(side, kind), search) for side in _sides(user) for kind in kinds]


def _counted(user: User, statuses: Collection[BookingStatus]) -> list[pages.Way]:
    """As `_ways`, without an order: what is alike is counted at once."""
    plain = [each for each in statuses if each not in WAITING]
    kinds: list[ColumnElement[bool]] = [Booking.status.in_(plain)] if plain else []
    kinds += [kind for each in statuses for kind in _by_status(each) if each in WAITING]
    kinds += _lapsed() if BookingStatus.EXPIRED in statuses else []
    return [select(Booking).where(side, kind) for side in _sides(user) for kind in kinds]


def _sides(user: User) -> list[ColumnElement[bool]]:
    """Each found by an index; nobody books with themselves, so no booking is of two."""
    if user.role is Role.STAFF:
        return [true()]
    own = Booking.client_id == user.id
    if user.role is not Role.PRACTITIONER:
        return [own]
    return [own, Booking.practitioner_id == Practitioner.ids_of(user).scalar_subquery()]


def _lapsed() -> list[ColumnElement[bool]]:
    # By the clock: what has lapsed stands among the ended even before a sweep writes it.
    over = and_(Booking.deadline_at <= clock.now(), not_(has_open_payment(Booking.id)))
    return [and_(Booking.status == status, over) for status in WAITING]


def _by_status(status: BookingStatus) -> list[ColumnElement[bool]]:
    """SQL: it is in this status now. Each is found by the one status that is written."""
    plain = Booking.status == status
    if status in WAITING:
        goes_on = or_(Booking.deadline_at.is_(None), Booking.deadline_at > clock.now(), has_open_payment(Booking.id))
        return [and_(plain, goes_on)]
    return [plain, *_lapsed()] if status is BookingStatus.EXPIRED else [plain]


def _asked(way: pages.Way, search: Search) -> pages.Way:
    if search.since:
        way = way.where(Booking.starts_at >= search.since)
    if search.until:
        way = way.where(Booking.starts_at < search.until)
    return _matching(way, search.q) if search.q else way


def _matching(statement: pages.Way, q: str) -> pages.Way:
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
