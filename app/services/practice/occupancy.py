"""What is taken of a practitioner's time: slots and the places of them that are held."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select

from app.extensions import db
from app.lib import clock
from app.models import Booking, GuestHold, Hold, Service, Slot


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
    held = select(Hold.slot_id).where(live(now))
    if without is not None:
        held = held.where(Hold.booking_id != without)
    guests = select(GuestHold.slot_id).where(GuestHold.expires_at > now)
    here = select(Slot.starts_at).where(Slot.service_id == service.id, Slot.starts_at >= start, Slot.starts_at < end)
    return list(db.session.scalars(here.where(or_(Slot.id.in_(held), Slot.id.in_(guests))).distinct()))


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
    places = func.coalesce(func.sum(Hold.places), 0) + _guests(now)
    counted = live(now) if without is None else and_(live(now), Hold.booking_id != without)
    statement = (
        select(Slot, places)
        .outerjoin(Hold, and_(Hold.slot_id == Slot.id, counted))
        .where(Slot.practitioner_id == practitioner_id, Slot.closed_at.is_(None))
        .where(Slot.busy_from < end, Slot.busy_until > start)
        .group_by(Slot.id)
        .order_by(Slot.id)
        .execution_options(populate_existing=True)
    )
    return [TakenSlot(slot, int(count)) for slot, count in db.session.execute(statement)]
