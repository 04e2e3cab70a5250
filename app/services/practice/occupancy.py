"""What is taken of a practitioner's time: slots and the places of them that are held."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select

from app.domain.agenda import DiaryDays, Window
from app.extensions import db
from app.lib import clock
from app.models import Booking, GuestHold, Hold, Service, Slot
from app.services.core import batching

LONGEST = timedelta(days=1)  # of a slot, with its breaks: the database refuses longer ones


@dataclass(frozen=True)
class Span:
    """The time a service would take from `start` on.

    It is as long as the service unless `minutes` say otherwise, and has room for who has `agreed` to more places.
    Who agreed to be `alone` is alone there, also in what has become a group.
    """

    service: Service
    start: datetime
    minutes: int | None = None
    agreed: int = 1
    alone: bool = False

    @property
    def end(self) -> datetime:
        """When it is over (UTC)."""
        return self.start + timedelta(minutes=self.minutes or self.service.minutes)

    @property
    def busy(self) -> tuple[datetime, datetime]:
        """With the breaks before and after."""
        before = timedelta(minutes=self.service.buffer_before)
        after = timedelta(minutes=self.service.buffer_after)
        return self.start - before, self.end + after

    @property
    def places(self) -> int:
        """How many there are: the service's of today, and never fewer than were agreed."""
        return 1 if self.alone else max(self.service.places, self.agreed)

    def is_at(self, slot: Slot) -> bool:
        """Whether the slot is of this service, at this very time."""
        return (slot.service_id, slot.starts_at, slot.ends_at) == (self.service.id, self.start, self.end)


@dataclass(frozen=True)
class TakenSlot:
    """A slot and how many of its places are held."""

    slot: Slot
    places: int


def live(now: datetime) -> ColumnElement[bool]:
    """SQL: the hold counts at `now`.

    Decided by the clock: no worker has to run for a lapsed place to be free.
    """
    return and_(Hold.released_at.is_(None), or_(Hold.expires_at.is_(None), Hold.expires_at > now))


def is_live(hold: Hold, now: datetime) -> bool:
    """Whether a hold at hand counts at `now`."""
    return hold.released_at is None and (hold.expires_at is None or hold.expires_at > now)


def free_places(span: Span, others: Sequence[TakenSlot]) -> int:
    """How many places of the service are free in this time, beside what is taken."""
    busy_from, busy_until = span.busy
    free = span.places
    for other in others:
        if not other.places or other.slot.busy_until <= busy_from or busy_until <= other.slot.busy_from:
            continue
        if not span.is_at(other.slot):
            return 0
        free = min(capacity(other.slot, span.service), span.places) - other.places
    return free


def is_alone(booking: Booking) -> bool:
    """Whether the booking's session was agreed to be for one, whatever its service is by now."""
    return db.session.get_one(Slot, booking.slot_id).capacity == 1


def capacity(slot: Slot, service: Service) -> int:
    """How many places the slot has: a group's grow with its service's, and who was to be alone stays alone."""
    return max(slot.capacity, service.places) if slot.capacity > 1 else slot.capacity


def sessions_between(
    service: Service, start: datetime, end: datetime, *, without: uuid.UUID | None = None
) -> list[datetime]:
    """When the sessions of the service begin that hold a place now, between two instants; not that of `without` alone."""
    now = clock.now()
    held = select(Hold.id).where(Hold.slot_id == Slot.id, live(now))
    if without is not None:
        held = held.where(Hold.booking_id != without)
    guests = select(GuestHold.id).where(GuestHold.slot_id == Slot.id, GuestHold.expires_at > now)
    here = select(Slot.starts_at).where(Slot.service_id == service.id, Slot.starts_at >= start, Slot.starts_at < end)
    return list(db.session.scalars(here.where(or_(held.exists(), guests.exists())).distinct()))


def _guests(now: datetime) -> ScalarSelect[int]:
    """How many places of the slot are kept for who has no account yet."""
    kept = select(func.coalesce(func.sum(GuestHold.places), 0))
    return kept.where(GuestHold.slot_id == Slot.id, GuestHold.expires_at > now).scalar_subquery()


def taken_between(
    practitioner_id: int, start: datetime, end: datetime, now: datetime, *, without: uuid.UUID | None = None
) -> list[TakenSlot]:
    """What is held between two instants, breaks included, also for guests.

    The places of the booking `without` are left out, as it is to move.
    """
    counted = live(now) if without is None else and_(live(now), Hold.booking_id != without)
    mine = _taken((start, end), now, counted).where(Slot.practitioner_id == practitioner_id)
    found = db.session.execute(mine.execution_options(populate_existing=True))
    return [TakenSlot(slot, int(count)) for slot, count in found]


def taken_on(days: DiaryDays) -> list[TakenSlot]:
    """What is held on these days and is not over, or in their whole weeks; for who shows it."""
    return _taken_on(days)


@batching.batched("diary", list)
def _taken_on(asked: Collection[DiaryDays]) -> dict[DiaryDays, list[TakenSlot]]:
    now = clock.now()
    windows = [days.window(now) for days in asked]
    window = (min(begin for begin, _ in windows), max(end for _, end in windows))
    theirs = _taken(window, now, live(now)).where(Slot.practitioner_id.in_({days.practitioner_id for days in asked}))
    rows = db.session.execute(theirs)
    found = batching.grouped((slot.practitioner_id, TakenSlot(slot, int(count))) for slot, count in rows)
    return {days: found.get(days.practitioner_id, []) for days in asked}


def _taken(window: Window, now: datetime, counted: ColumnElement[bool]) -> Select[Slot, int]:
    """SQL: open slots that have some of the time, each with its places that are held or kept for guests."""
    places = func.coalesce(func.sum(Hold.places), 0) + _guests(now)
    start, end = window
    return (
        select(Slot, places)
        .outerjoin(Hold, and_(Hold.slot_id == Slot.id, counted))
        # What began longer ago is over: so the index is read between two times, and not from the first there ever was.
        .where(Slot.closed_at.is_(None), Slot.busy_from.between(start - LONGEST, end))
        .where(Slot.busy_from < end, Slot.busy_until > start)
        .group_by(Slot.id)
        .order_by(Slot.id)
    )
