"""Free times as somebody may ask for them: what is free and kept for who waits is free for nobody else."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.domain.lifecycle import WaitStatus
from app.extensions import db
from app.lib import clock
from app.models import Booking, Service, User, Wait
from app.services.bookings import waiting
from app.services.practice import slots
from app.services.practice.slots import FreeSlot


def free_times(
    service: Service,
    first: date,
    last: date,
    reader: User | None = None,
    minutes: int | None = None,
    moving: Booking | None = None,
) -> list[FreeSlot]:
    """Every time on the practitioner's local dates `first` to `last` that `reader` (None: anybody) could ask for.

    For a session as long as the service, or as `minutes` say, or for one that is to move. Raises Invalid (range_reversed,
    range_too_long).
    """
    found = slots.free_slots(service, first, last, minutes, moving)
    return [slot for slot in for_reader(service, found, reader) if slot.places_left]


def next_free(service: Service, reader: User | None = None, days: int = 7) -> FreeSlot | None:
    """The first time within the next `days` days that `reader` could ask for."""
    today = clock.today(service.practitioner.zone)
    return next(iter(free_times(service, today, today + timedelta(days=days), reader)), None)


def places_left(service: Service, start: datetime, reader: User | None = None) -> int:
    """How many places at `start` the person could ask for."""
    slot = FreeSlot(start, start + timedelta(minutes=service.minutes), slots.places_left(service, start))
    return for_reader(service, [slot], reader)[0].places_left


def for_reader(service: Service, found: Sequence[FreeSlot], reader: User | None) -> list[FreeSlot]:
    """These times, each with the places that are left for `reader` once the waiting list has had its turn."""
    waits = _waits(service, [slot.start for slot in found])
    return [replace(slot, places_left=_left(slot, waits.get(slot.start, []), reader)) for slot in found]


def _waits(service: Service, starts: Collection[datetime]) -> dict[datetime, list[Wait]]:
    """Who waits for these times, by time, the longest first."""
    if not starts:
        return {}
    theirs = select(Wait).where(Wait.service_id == service.id, Wait.status == WaitStatus.WAITING)
    near = theirs.where(Wait.starts_at.between(min(starts), max(starts)))
    by_start: dict[datetime, list[Wait]] = {}
    for wait in db.session.scalars(near.order_by(Wait.created_at, Wait.id)):
        by_start.setdefault(wait.starts_at, []).append(wait)
    return by_start


def _left(slot: FreeSlot, waits: list[Wait], reader: User | None) -> int:
    """What `waiting.settle` and `waiting.is_kept_from` would leave for the reader, without settling anything."""
    left = slot.places_left
    for wait in waits:
        if reader is not None and wait.client_id == reader.id:
            break
        if not left or not waiting.could_be_offered(wait):
            continue
        if wait.places <= left:
            left -= wait.places
        elif clock.now() < slot.start - waiting.TOGETHER:
            return 0
    return left
