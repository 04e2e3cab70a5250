"""Which times are free, and taking them: the only code that touches slots and holds."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.extensions import db
from app.lib import clock
from app.models import Booking, Hold, Practitioner, Service, Slot
from app.services.core.errors import Conflict, Invalid
from app.services.core.transaction import lock
from app.services.practice import availability, external_calendars

MAX_DAYS = 62
HORIZON = timedelta(days=3660)  # nobody books further ahead; it also keeps arithmetic inside the calendar


@dataclass(frozen=True)
class FreeSlot:
    """A time that can be booked now; both ends in UTC."""

    start: datetime
    end: datetime
    places_left: int


@dataclass(frozen=True)
class _Wish:
    """A stretch of time somebody wants for a service; as long as the service unless `minutes` say otherwise."""

    service: Service
    start: datetime
    minutes: int | None = None

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes or self.service.minutes)

    @property
    def busy(self) -> tuple[datetime, datetime]:
        """With the breaks before and after."""
        before, after = (timedelta(minutes=m) for m in (self.service.buffer_before, self.service.buffer_after))
        return self.start - before, self.end + after

    def is_at(self, slot: Slot) -> bool:
        return (slot.service_id, slot.starts_at, slot.ends_at) == (self.service.id, self.start, self.end)


@dataclass(frozen=True)
class _Taken:
    slot: Slot
    places: int


def live(now: datetime) -> ColumnElement[bool]:
    """SQL: the hold counts at `now`. Decided by the clock: no worker has to run for a lapsed place to be free."""
    return and_(Hold.released_at.is_(None), or_(Hold.expires_at.is_(None), Hold.expires_at > now))


def is_live(hold: Hold, now: datetime) -> bool:
    """The same for one row at hand."""
    return hold.released_at is None and (hold.expires_at is None or hold.expires_at > now)


def free_slots(service: Service, first: date, last: date) -> list[FreeSlot]:
    """Every time of `service` that begins on the practitioner's local dates `first` to `last` and has places left.

    Raises Invalid (range_reversed, range_too_long) beyond 62 days.
    """
    if last < first:
        raise Invalid("range_reversed", field="to")
    if (last - first).days >= MAX_DAYS:
        raise Invalid("range_too_long", field="to", days=MAX_DAYS)
    return [offer for offer in times(service, first, last) if offer.places_left > 0]


def times(service: Service, first: date, last: date) -> list[FreeSlot]:
    """The same with the times that are full; not with those at which the practitioner's other calendars are busy."""
    now = clock.now()
    first, last = max(first, now.date() - timedelta(days=1)), min(last, (now + HORIZON).date())
    candidates = [start for start in availability.starts(service, first, last) if start > now]
    if not candidates:
        return []
    wishes = [_Wish(service, start) for start in candidates]
    taken = _taken(service.practitioner_id, wishes[0].busy[0], wishes[-1].busy[1], now)
    elsewhere = external_calendars.taken(service.practitioner_id, wishes[0].busy[0], wishes[-1].busy[1])
    return [
        FreeSlot(w.start, w.end, max(0, _left(w, taken)))
        for w in wishes
        if not external_calendars.is_in(w.busy, elsewhere)
    ]


def next_free(service: Service, days: int = 7) -> FreeSlot | None:
    """The first time of `service` that is free within the next `days` days."""
    today = clock.now().astimezone(ZoneInfo(service.practitioner.zone)).date()
    return next(iter(free_slots(service, today, today + timedelta(days=days))), None)


def check_sane(start: datetime) -> None:
    """`start` is an instant somebody could mean. Raises Invalid (slot_past, slot_not_offered)."""
    now = clock.now()
    if start.replace(tzinfo=None) < now.replace(tzinfo=None) - timedelta(days=2):
        raise Invalid("slot_past", field="start")
    if start.replace(tzinfo=None) > now.replace(tzinfo=None) + HORIZON:
        raise Invalid("slot_not_offered", field="start")


def check_offered(service: Service, start: datetime) -> None:
    """`start` is one of the times the service is given at. Raises Invalid (slot_past, slot_not_offered), Conflict (slot_taken)."""
    if start <= clock.now():
        raise Invalid("slot_past", field="start")
    if not is_given_at(service, start):
        raise Invalid("slot_not_offered", field="start")
    if is_busy(service, start):
        raise Conflict("slot_taken", field="start")


def is_given_at(service: Service, start: datetime) -> bool:
    """Whether the hours and days of its practitioner have the service begin then."""
    day = start.astimezone(ZoneInfo(service.practitioner.zone)).date()
    # The day before too: a window that ends at midnight may hold a start that a zone change has moved.
    return start in availability.starts(service, day - timedelta(days=1), day)


def is_busy(service: Service, start: datetime, minutes: int | None = None) -> bool:
    """Whether the practitioner has something else then, as their other calendars say; what is booked stays all the same."""
    time = _Wish(service, start, minutes).busy
    return external_calendars.is_in(time, external_calendars.taken(service.practitioner_id, *time))


def may_be_taken(service: Service, start: datetime, minutes: int) -> bool:
    """Whether what nobody holds may still be booked then: the time lies ahead, is open, and not busy elsewhere."""
    end = start + timedelta(minutes=minutes)
    return start > clock.now() and availability.gives(service, start, end) and not is_busy(service, start, minutes)


def places_left(service: Service, start: datetime, minutes: int | None = None) -> int:
    """How many places of `service` are free at `start`, by the clock and by the table; see may_be_taken for the rest."""
    wish = _Wish(service, start, minutes)
    return _left(wish, _taken(service.practitioner_id, *wish.busy, clock.now()))


def could_shift(booking: Booking, start: datetime, minutes: int) -> bool:
    """Whether the booking's places would be free at another time, its own present ones left out of account."""
    wish = _Wish(booking.service, start, minutes)
    others = _taken(booking.practitioner_id, *wish.busy, clock.now(), without=booking.id)
    return _left(wish, others) >= booking.places


def take(service: Service, start: datetime, places: int, minutes: int | None = None) -> Slot:
    """The slot at `start`, with room for `places`, under the diary's lock. Raises Conflict (slot_taken).

    The caller adds the hold in the same transaction.
    """
    lock(Practitioner, service.practitioner_id)
    now, wish = clock.now(), _Wish(service, start, minutes)
    overlapping = _taken(service.practitioner_id, *wish.busy, now)
    if _left(wish, overlapping) < places:
        raise Conflict("slot_taken", field="start")
    return _slot_at(wish, overlapping, now)


def shift(booking: Booking, start: datetime, minutes: int) -> None:
    """The booking has its places at the new time for good, and the old ones are free; or nothing has changed.

    Inside the caller's transaction, which is undone with the error. Raises Conflict (slot_taken).
    """
    lock(Practitioner, booking.practitioner_id)
    row, now = _hold_of(booking), clock.now()
    if row is None:
        raise LookupError(f"no hold for {booking.id}")
    row.released_at = now
    db.session.flush()
    slot = take(booking.service, start, booking.places, minutes)
    row.slot_id, row.taken_at, row.expires_at, row.released_at = slot.id, now, None, None
    booking.slot_id, booking.starts_at, booking.ends_at = slot.id, slot.starts_at, slot.ends_at
    db.session.flush()


def hold(slot: Slot, booking_id: uuid.UUID, places: int, expires_at: datetime | None) -> Hold:
    """`places` of `slot` are the booking's until `expires_at` (None: for good)."""
    row = Hold(
        slot_id=slot.id,
        booking_id=booking_id,
        places=places,
        taken_at=clock.now(),
        expires_at=expires_at,
        released_at=None,
    )
    db.session.add(row)
    db.session.flush()
    return row


def extend(booking: Booking, expires_at: datetime) -> bool:
    """Whether the booking keeps its places until `expires_at`; a lapsed hold is taken again if there is room."""
    return _renew(booking, expires_at)


def secure(booking: Booking) -> bool:
    """Whether the booking has its places for good; a lapsed or released hold is taken again if there is room."""
    return _renew(booking, None)


def release(booking: Booking) -> None:
    """The booking's places are free at once."""
    row = _hold_of(booking)
    if row is not None and row.released_at is None:
        row.released_at = clock.now()


def _renew(booking: Booking, expires_at: datetime | None) -> bool:
    lock(Practitioner, booking.practitioner_id)
    now = clock.now()
    row = _hold_of(booking)
    if row is None:
        return False
    slot = db.session.get_one(Slot, row.slot_id)
    if not is_live(row, now) and not _room_again(slot, row.places, now):
        return False
    row.taken_at, row.expires_at, row.released_at = now, expires_at, None
    db.session.flush()
    return True


def _room_again(slot: Slot, places: int, now: datetime) -> bool:
    # The slot may have been closed since, its practitioner may not give it any more, and others may stand in its time, here
    # or in another calendar.
    time = (slot.busy_from, slot.busy_until)
    if not availability.gives(db.session.get_one(Service, slot.service_id), slot.starts_at, slot.ends_at):
        return False
    if external_calendars.is_in(time, external_calendars.taken(slot.practitioner_id, *time)):
        return False
    overlapping = _taken(slot.practitioner_id, *time, now)
    if any(t.slot.id != slot.id and t.places for t in overlapping):
        return False
    if places + sum(t.places for t in overlapping if t.slot.id == slot.id) > slot.capacity:
        return False
    for other in overlapping:
        if other.slot.id != slot.id:
            other.slot.closed_at = now
    db.session.flush()
    slot.closed_at = None
    db.session.flush()
    return True


def _hold_of(booking: Booking) -> Hold | None:
    statement = select(Hold).where(Hold.booking_id == booking.id).execution_options(populate_existing=True)
    return db.session.scalars(statement).one_or_none()


def _slot_at(wish: _Wish, overlapping: list[_Taken], now: datetime) -> Slot:
    found = None
    for taken in overlapping:
        if taken.places or _same(taken.slot, wish):
            found = taken.slot
        else:
            taken.slot.closed_at = now  # nobody holds it any more, and its time is needed
    db.session.flush()
    if found is None:
        found = _new_slot(wish)
        db.session.add(found)
        db.session.flush()
    return found


def _new_slot(wish: _Wish) -> Slot:
    busy_from, busy_until = wish.busy
    return Slot(
        practitioner_id=wish.service.practitioner_id,
        service_id=wish.service.id,
        starts_at=wish.start,
        ends_at=wish.end,
        busy_from=busy_from,
        busy_until=busy_until,
        capacity=wish.service.places,
        closed_at=None,
    )


def _same(slot: Slot, wish: _Wish) -> bool:
    # A service whose length or buffers were edited since gets a new slot once the old one is empty.
    return wish.is_at(slot) and (slot.busy_from, slot.busy_until, slot.capacity) == (*wish.busy, wish.service.places)


def _left(wish: _Wish, taken: Sequence[_Taken]) -> int:
    busy_from, busy_until = wish.busy
    left = wish.service.places
    for other in taken:
        if not other.places or other.slot.busy_until <= busy_from or busy_until <= other.slot.busy_from:
            continue
        if not wish.is_at(other.slot):
            return 0
        left = min(other.slot.capacity, wish.service.places) - other.places
    return left


def _taken(
    practitioner_id: int, start: datetime, end: datetime, now: datetime, *, without: uuid.UUID | None = None
) -> list[_Taken]:
    places = func.coalesce(func.sum(Hold.places), 0)
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
    return [_Taken(slot, int(count)) for slot, count in db.session.execute(statement)]
