"""Reading ratings: one, pages of them, what they come to.

The public ones are read by everybody, without a login.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import Actor, BookingStatus
from app.extensions import db
from app.models import Booking, Practitioner, Rating, Role, User
from app.services import bookings
from app.services.core import batching
from app.services.core.errors import NotFound

PAGE = 10
_FARTHEST_PAGE = 10**6


@dataclass(frozen=True)
class Summary:
    """What some ratings come to: their average with one decimal, None without any, and their number."""

    average: Decimal | None
    count: int


@dataclass(frozen=True)
class Received:
    """What a practitioner was given: all that counts, the public part, how often each number of stars."""

    all: Summary
    public: Summary
    by_stars: dict[int, int]


@dataclass(frozen=True)
class Page:
    """One page of ratings and how many there are in all."""

    items: list[Rating]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True)
class Attendance:
    """How many sessions with one practitioner a client came to, and to how many not."""

    came: int
    missed: int


# ------------------------------------------------------------------------------------------------ one


def get(rating_id: uuid.UUID, user: User) -> Rating:
    """The rating, if the person wrote it, received it or is staff. Raises NotFound."""
    rating = db.session.get(Rating, rating_id)
    if rating is None:
        raise NotFound
    role_in(rating, user)
    return rating


def role_in(rating: Rating, user: User) -> Actor:
    """The role the person has in the rated session. Raises NotFound."""
    return bookings.role_in(rating.booking, user)


def of_booking(booking: Booking) -> Rating | None:
    """The client's rating of the booking, hidden or not."""
    return _of_clients(booking.id)


@batching.batched("booking", lambda: None)
def _of_clients(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Rating | None]:
    theirs = select(Rating).join(Booking, Booking.id == Rating.booking_id).where(Rating.user_id == Booking.client_id)
    return {rating.booking_id: rating for rating in db.session.scalars(theirs.where(Booking.id.in_(ids)))}


# ------------------------------------------------------------------------------------------------ pages of them


def public(practitioner: Practitioner, page: int = 1) -> Page:
    """What everybody may read about the practitioner, the newest first."""
    return _page(and_(_counts_publicly(), Rating.practitioner_id == practitioner.id), page)


def find(user: User, page: int = 1) -> Page:
    """What the person wrote or received, the newest first, hidden ones too; for staff all there is."""
    theirs = Practitioner.ids_of(user)
    mine = (Rating.user_id == user.id) | Rating.practitioner_id.in_(theirs)
    return _page(true() if user.role is Role.STAFF else mine, page)


def _page(which: ColumnElement[bool], page: int) -> Page:
    total = db.session.scalar(select(func.count()).select_from(Rating).where(which)) or 0
    page = min(max(1, page), _FARTHEST_PAGE)
    statement = select(Rating).where(which).order_by(Rating.created_at.desc(), Rating.id)
    loaded = statement.options(selectinload(Rating.user), selectinload(Rating.booking))
    return Page(list(db.session.scalars(loaded.offset((page - 1) * PAGE).limit(PAGE))), page, total)


# ------------------------------------------------------------------------------------------------ what they come to


def summary(practitioner: Practitioner) -> Summary:
    """What the practitioner's public ratings come to (report S2-15).

    Private and hidden ones are not in it.
    """
    return summaries([practitioner])[practitioner.id]


def summaries(practitioners: Sequence[Practitioner]) -> dict[int, Summary]:
    """What each practitioner's public ratings come to, by practitioner id."""
    ids = [practitioner.id for practitioner in practitioners]
    statement = (
        select(Rating.practitioner_id, func.sum(Rating.stars), func.count())
        .where(_counts_publicly(), Rating.practitioner_id.in_(ids))
        .group_by(Rating.practitioner_id)
    )
    found = {key: _summary(total, count) for key, total, count in db.session.execute(statement)}
    return {key: found.get(key, _summary(0, 0)) for key in ids}


def received(practitioner: Practitioner) -> Received:
    """What the practitioner's ratings come to for them: private ones count here, hidden ones do not."""
    statement = (
        select(Rating.stars, Rating.public, func.count())
        .where(Rating.practitioner_id == practitioner.id, Rating.hidden_at.is_(None))
        .group_by(Rating.stars, Rating.public)
    )
    rows = [(stars, is_public, count) for stars, is_public, count in db.session.execute(statement)]
    return Received(
        all=_of_rows([(stars, count) for stars, _, count in rows]),
        public=_of_rows([(stars, count) for stars, is_public, count in rows if is_public]),
        by_stars={n: sum(count for stars, _, count in rows if stars == n) for n in range(5, 0, -1)},
    )


def attendance(booking: Booking) -> Attendance:
    """How reliably the booking's client came to sessions with its practitioner so far (report S2-14)."""
    together = (Booking.client_id == booking.client_id) & (Booking.practitioner_id == booking.practitioner_id)
    statement = select(Booking.status, func.count()).where(together).group_by(Booking.status)
    counted = {row[0]: row[1] for row in db.session.execute(statement)}
    return Attendance(counted.get(BookingStatus.COMPLETED, 0), counted.get(BookingStatus.NO_SHOW, 0))


def _counts_publicly() -> ColumnElement[bool]:
    return and_(Rating.public.is_(True), Rating.hidden_at.is_(None))


def _of_rows(rows: list[tuple[int, int]]) -> Summary:
    return _summary(sum(stars * count for stars, count in rows), sum(count for _, count in rows))


def _summary(total: int, count: int) -> Summary:
    if not count:
        return Summary(None, 0)
    average = (Decimal(int(total)) / count).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Summary(average, count)
