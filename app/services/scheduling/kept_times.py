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
from app.services.core import batching
from app.services.practice import slots
from app.services.practice.occupancy import Span
from app.services.practice.slots import FreeSlot

_LONGEST = timedelta(days=1)  # of a session and the breaks around it


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
    waits = _waits(service.practitioner_id, [slot.start for slot in found])
    at_these = batching.grouped((wait.starts_at, wait) for wait in waits if wait.service_id == service.id)
    gone = _promised(service, found, waits, reader)
    return [
        replace(slot, places_left=0 if slot in gone else _left(slot, at_these.get(slot.start, []), reader))
        for slot in found
    ]


def _waits(practitioner_id: int, starts: Collection[datetime]) -> list[Wait]:
    """Who waits for times of the diary that may cross these, the longest first."""
    if not starts:
        return []
    theirs = select(Wait).join(Wait.service).where(Service.practitioner_id == practitioner_id)
    near = theirs.where(Wait.starts_at.between(min(starts) - _LONGEST, max(starts) + _LONGEST))
    return list(db.session.scalars(near.where(Wait.status == WaitStatus.WAITING).order_by(Wait.created_at, Wait.id)))


def _promised(service: Service, found: Sequence[FreeSlot], waits: Sequence[Wait], reader: User | None) -> set[FreeSlot]:
    """Those that cross another time which is free, and which somebody else waits for: `waiting.settle` would offer them that."""
    gone: set[FreeSlot] = set()
    for wait in waits:
        is_theirs = reader is not None and wait.client_id == reader.id
        crossed = [] if is_theirs else [slot for slot in found if slot.places_left and _is_crossed(service, slot, wait)]
        enough = crossed and slots.places_left(wait.service, wait.starts_at) >= wait.places
        if enough and waiting.could_be_offered(wait):
            gone.update(crossed)
    return gone


def _is_crossed(service: Service, slot: FreeSlot, wait: Wait) -> bool:
    if (wait.service_id, wait.starts_at) == (service.id, slot.start):
        return False
    minutes = (slot.end - slot.start) // timedelta(minutes=1)
    return waiting.crosses(wait, Span(service, slot.start, minutes).busy)


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
