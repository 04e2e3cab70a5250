"""Free times as somebody may ask for them: what is free and kept for who waits is free for nobody else."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.domain import agenda
from app.domain.agenda import DiaryDays
from app.domain.lifecycle import WaitStatus
from app.extensions import db
from app.lib import clock
from app.models import Booking, Service, User, Wait
from app.services.bookings import waiting
from app.services.core import batching
from app.services.practice import slots
from app.services.practice.occupancy import Span
from app.services.practice.slots import FreeSlot

WEEK = timedelta(days=7)


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


def next_free(services: Collection[Service], reader: User | None = None) -> dict[int, FreeSlot | None]:
    """The first time of each service within the next seven days that `reader` could ask for, by the service's id."""
    weeks = {service.id: days_from_today(service, WEEK) for service in services}
    with batching.about("diary", weeks.values()):
        firsts = {service.id: first_free(service, weeks[service.id], reader) for service in services}
    return {service: next(iter(found), None) for service, found in firsts.items()}


def days_from_today(service: Service, length: timedelta) -> DiaryDays:
    """The diary from the practitioner's today on, for so long."""
    today = clock.today(service.practitioner.zone)
    return slots.days_of(service, today, today + length)


def first_free(
    service: Service, days: DiaryDays, reader: User | None = None, most: int = 1, moving: Booking | None = None
) -> list[FreeSlot]:
    """The first so many times on these days that `reader` could ask for, or have `moving` moved to."""
    found: list[FreeSlot] = []
    minutes = moving.minutes if moving else None
    places = moving.places if moving else 1
    # Day by day: most have something free soon, and the rest need not be worked out.
    with batching.about("diary", [days]):
        for day in agenda.days(days.first, days.last):
            near = slots.free_slots(service, day, day, minutes, moving, days)
            found += [slot for slot in for_reader(service, near, reader, days) if slot.places_left >= places]
            if len(found) >= most:
                break
    return found[:most]


def places_left(service: Service, start: datetime, reader: User | None = None) -> int:
    """How many places at `start` the person could ask for."""
    slot = FreeSlot(start, start + timedelta(minutes=service.minutes), slots.places_left(service, start))
    return for_reader(service, [slot], reader)[0].places_left


def for_reader(
    service: Service, found: Sequence[FreeSlot], reader: User | None, days: DiaryDays | None = None
) -> list[FreeSlot]:
    """These times, each with the places that are left for `reader` once the waiting list has had its turn.

    `days` are dates of the diary that they are on, of which all is asked for at once.
    """
    if not found:
        return []
    waits = _waits(days or slots.days_of(service, found[0].start.date(), found[-1].start.date()))
    if not waits:
        return list(found)
    at_these = batching.grouped((wait.starts_at, wait) for wait in waits if wait.service_id == service.id)
    gone = _promised(service, found, waits, reader)
    return [
        replace(slot, places_left=0 if slot in gone else _left(slot, at_these.get(slot.start, []), reader))
        for slot in found
    ]


@batching.batched("diary", list)
def _waits(asked: Collection[DiaryDays]) -> dict[DiaryDays, list[Wait]]:
    """Who waits for times of the diary that may cross those of these days, the longest first."""
    now = clock.now()
    windows = [days.window(now) for days in asked]
    theirs = (
        select(Wait)
        .join(Wait.service)
        .where(
            Service.practitioner_id.in_({days.practitioner_id for days in asked}),
            Wait.status == WaitStatus.WAITING,  # of times that are to come: others are not offered
            Wait.starts_at.between(min(begin for begin, _ in windows), max(end for _, end in windows)),
        )
    )
    ordered = theirs.options(contains_eager(Wait.service)).order_by(Wait.created_at, Wait.id)
    found = batching.grouped((wait.service.practitioner_id, wait) for wait in db.session.scalars(ordered))
    return {days: found.get(days.practitioner_id, []) for days in asked}


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
