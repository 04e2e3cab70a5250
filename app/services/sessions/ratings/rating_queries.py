"""Reading ratings: one, pages of them, what they come to.

The public ones are read by everybody, without a login.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import aliased, selectinload

from app.domain.lifecycle import Actor, BookingStatus
from app.extensions import db
from app.models import Booking, Practitioner, Rating, Role, User
from app.services import bookings
from app.services.core import batching
from app.services.core.errors import NotFound
from app.services.ledger import attendance_reviews

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


def given_by(booking: Booking, part: Actor) -> Rating | None:
    """The rating that this side of the booking gave, hidden or not."""
    return next((each for each in _of_bookings(booking.id) if each.of_client is (part is Actor.PRACTITIONER)), None)


@batching.batched("booking", list)
def _of_bookings(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Rating]]:
    found: dict[uuid.UUID, list[Rating]] = {}
    for rating in db.session.scalars(select(Rating).where(Rating.booking_id.in_(ids))):
        found.setdefault(rating.booking_id, []).append(rating)
    return found


# ------------------------------------------------------------------------------------------------ pages of them


def public(practitioner: Practitioner, page: int = 1) -> Page:
    """What everybody may read about the practitioner, the newest first."""
    return _page(and_(_counts_publicly(), Rating.practitioner_id == practitioner.id), page)


def find(user: User, page: int = 1) -> Page:
    """What the person wrote or received, the newest first, hidden ones too; for staff all there is."""
    theirs = Practitioner.ids_of(user)
    mine = or_(Rating.user_id == user.id, Rating.practitioner_id.in_(theirs), about(user))
    return _page(true() if user.role is Role.STAFF else mine, page)


def received_page(practitioner: Practitioner, page: int = 1) -> Page:
    """What the practitioner's clients wrote, the newest first, hidden ones too."""
    return _page(and_(Rating.practitioner_id == practitioner.id, Rating.of_client.is_(False)), page)


def received_as_client(user: User, page: int = 1) -> Page:
    """What practitioners wrote about the person, the newest first, hidden ones too."""
    return _page(about(user), page)


def about(user: User) -> ColumnElement[bool]:
    """SQL: practitioners' ratings of the person as their client."""
    theirs = select(Booking.id).where(Booking.client_id == user.id)
    return and_(Rating.of_client, Rating.booking_id.in_(theirs))


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
        .where(Rating.practitioner_id == practitioner.id, Rating.of_client.is_(False), Rating.hidden_at.is_(None))
        .group_by(Rating.stars, Rating.public)
    )
    rows = [(stars, is_public, count) for stars, is_public, count in db.session.execute(statement)]
    return Received(
        all=_of_rows([(stars, count) for stars, _, count in rows]),
        public=_of_rows([(stars, count) for stars, is_public, count in rows if is_public]),
        by_stars={n: sum(count for stars, _, count in rows if stars == n) for n in range(5, 0, -1)},
    )


def summary_of_client(booking: Booking) -> Summary:
    """What practitioners' ratings of the booking's client come to, whoever gave them.

    Hidden ones are not in it, nor those of sessions that turned out not to have taken place or of which it is open who came.
    """
    return _of_clients(booking.id)


@batching.batched("booking", lambda: Summary(None, 0))
def _of_clients(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Summary]:
    asked = aliased(Booking)
    statement = (
        select(asked.id, func.sum(Rating.stars), func.count())
        .join(Booking, Booking.client_id == asked.client_id)
        .join(Rating, Rating.booking_id == Booking.id)
        .where(asked.id.in_(ids), _counts_of_client())
        .group_by(asked.id)
    )
    return {key: _summary(total, count) for key, total, count in db.session.execute(statement)}


def summary_of_person(user: User) -> Summary:
    """What practitioners' ratings of the person come to, as who they ask next sees it."""
    theirs = select(func.sum(Rating.stars), func.count()).join(Booking, Booking.id == Rating.booking_id)
    total, count = db.session.execute(theirs.where(Booking.client_id == user.id, _counts_of_client())).one()
    return _summary(total or 0, count)


def _counts_of_client() -> ColumnElement[bool]:
    took_place = and_(Booking.status == BookingStatus.COMPLETED, ~attendance_reviews.open_for(Booking.id))
    return and_(Rating.of_client, Rating.hidden_at.is_(None), took_place)


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
