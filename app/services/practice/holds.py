"""Taking places, keeping them and letting them go: the only code that writes slots and holds.

Guests' too: places that count as taken while somebody without an account proves their address, and are nobody's right.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Booking, GuestHold, Hold, Practitioner, Service, Slot, User
from app.services.core import outbox
from app.services.core.errors import Conflict
from app.services.core.transaction import lock, transaction
from app.services.practice import availability, external_calendars
from app.services.practice.occupancy import Span, TakenSlot, capacity, free_places, is_alone, is_live, taken_between
from app.services.practice.public_profile.profiles import lock_diary

_GUEST_LIFE = timedelta(minutes=15)  # of a code (accounts/mailed_codes)
_GUESTS_MOST = 5  # of one practitioner's at once: a stranger who can write to many addresses closes no diary


def take(service: Service, start: datetime, places: int, minutes: int | None = None, *, alone: bool = False) -> Slot:
    """The slot at `start`, with room for `places`, or for who is to be `alone`. Raises Conflict (slot_taken).

    Under the diary's lock.
    The caller adds the hold in the same transaction.
    """
    lock(Practitioner, service.practitioner_id)
    now = clock.now()
    span = Span(service, start, minutes, places, alone)
    overlapping = taken_between(service.practitioner_id, *span.busy, now)
    if free_places(span, overlapping) < places:
        raise Conflict("slot_taken", field="start")
    _tell_rivals(service.practitioner_id)
    return _slot_at(span, overlapping, now)


def _tell_rivals(practitioner_id: int) -> None:
    # Others may be paying for the same time at this moment: what is open for them at a gateway is closed after the commit.
    outbox.after_commit("app.jobs.payments.close_lost", practitioner_id)


def shift(booking: Booking, start: datetime, minutes: int) -> None:
    """The booking has its places at the new time for good, and the old ones are free.

    Inside the caller's transaction, which is undone with the error. Raises Conflict (slot_taken).
    """
    lock_diary(booking.practitioner_id)
    row = _hold_of(booking)
    if row is None:
        raise LookupError(f"no hold for {booking.id}")
    now = clock.now()
    row.released_at = now
    db.session.flush()
    slot = take(booking.service, start, booking.places, minutes, alone=is_alone(booking))
    row.slot_id = slot.id
    _hold_on(row, now, until=None)
    booking.slot_id = slot.id
    booking.starts_at = slot.starts_at
    booking.ends_at = slot.ends_at
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


def try_extend(booking: Booking, expires_at: datetime) -> bool:
    """The booking holds its places until `expires_at`; a lapsed hold is taken again if there is room.

    Returns whether it holds them.
    """
    return _try_renew(booking, expires_at)


def try_secure(booking: Booking) -> bool:
    """The booking has its places for good; a lapsed or released hold is taken again if there is room.

    Returns whether it has them.
    """
    return _try_renew(booking, None)


def release(booking: Booking) -> None:
    """The booking's places are free at once."""
    row = _hold_of(booking)
    if row is not None and row.released_at is None:
        row.released_at = clock.now()


def keep_for_guest(service: Service, start: datetime, places: int, key: str) -> None:
    """The places are kept for who has this key, unless too many of this diary are kept so. Raises Conflict (slot_taken)."""
    slot = take(service, start, places)
    if _kept_for_guests(service.practitioner_id) >= _GUESTS_MOST:
        return
    until = min(clock.now() + _GUEST_LIFE, start)
    db.session.add(GuestHold(slot_id=slot.id, key=key, places=places, expires_at=until))
    db.session.flush()


def let_guest_go(key: str | None) -> None:
    """What was kept for this key is free, or its owner's to book."""
    if key:
        db.session.execute(delete(GuestHold).where(GuestHold.key == key))


def kept_until(key: str | None) -> datetime | None:
    """Until when places are kept for this key (UTC); None where none are."""
    kept = select(GuestHold.expires_at).where(GuestHold.key == key, GuestHold.expires_at > clock.now())
    return db.session.scalars(kept).one_or_none()


def _over() -> Select[int]:
    return select(GuestHold.id).where(GuestHold.expires_at <= moments.now())


@found_by(_over)
def forget_guests() -> int:
    """How many that have ended are gone; they had stopped counting by the clock. In a transaction of its own."""
    found = list(db.session.scalars(_over().limit(1000)))
    if not found:
        return 0
    with transaction():
        db.session.execute(delete(GuestHold).where(GuestHold.id.in_(found)))
    return len(found)


def _try_renew(booking: Booking, expires_at: datetime | None) -> bool:
    diary = lock_diary(booking.practitioner_id)
    now = clock.now()
    found = _place_of(booking, diary) if diary else None
    if found is None:
        return False
    row, slot = found
    if not is_live(row, now):
        if not _is_given(slot):
            return False
        others = taken_between(slot.practitioner_id, slot.busy_from, slot.busy_until, now)
        if not _has_room(slot, others, row.places):
            return False
        _reopen(slot, others, now)
        _tell_rivals(slot.practitioner_id)
    _hold_on(row, now, until=expires_at)
    return True


def _hold_on(row: Hold, now: datetime, *, until: datetime | None) -> None:
    row.taken_at = now
    row.expires_at = until
    row.released_at = None


def _is_given(slot: Slot) -> bool:
    # Its practitioner may not give it any more, or be busy in another calendar.
    if not availability.gives(db.session.get_one(Service, slot.service_id), slot.starts_at, slot.ends_at):
        return False
    time = (slot.busy_from, slot.busy_until)
    return not external_calendars.is_in(time, external_calendars.taken(slot.practitioner_id, *time))


def _has_room(slot: Slot, overlapping: list[TakenSlot], places: int) -> bool:
    # It may have been closed since, and others may stand in its time.
    if any(each.places for each in overlapping if each.slot.id != slot.id):
        return False
    most = capacity(slot, db.session.get_one(Service, slot.service_id))
    return places + sum(each.places for each in overlapping if each.slot.id == slot.id) <= most


def _reopen(slot: Slot, overlapping: list[TakenSlot], now: datetime) -> None:
    for other in overlapping:
        if other.slot.id != slot.id:
            other.slot.closed_at = now
    db.session.flush()
    slot.closed_at = None
    slot.capacity = capacity(slot, db.session.get_one(Service, slot.service_id))
    db.session.flush()


def _hold_of(booking: Booking) -> Hold | None:
    statement = select(Hold).where(Hold.booking_id == booking.id).execution_options(populate_existing=True)
    return db.session.scalars(statement).one_or_none()


def _place_of(booking: Booking, diary: Practitioner) -> tuple[Hold, Slot] | None:
    """What the booking holds; whose the diary is comes along, as they are told what becomes of it."""
    rows = select(Hold, Slot, User).join(Slot, Slot.id == Hold.slot_id).join(User, User.id == diary.user_id)
    statement = rows.where(Hold.booking_id == booking.id).execution_options(populate_existing=True)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        return None
    set_committed_value(diary, "user", row[2])
    return row[0], row[1]


def _slot_at(span: Span, overlapping: list[TakenSlot], now: datetime) -> Slot:
    found = None
    for other in overlapping:
        if other.places or _same(other.slot, span):
            found = other.slot
        else:
            other.slot.closed_at = now  # nobody holds it any more, and its time is needed
    db.session.flush()
    if found is None:
        found = _new_slot(span)
        db.session.add(found)
    found.capacity = capacity(found, span.service)
    db.session.flush()
    return found


def _new_slot(span: Span) -> Slot:
    busy_from, busy_until = span.busy
    return Slot(
        practitioner_id=span.service.practitioner_id,
        service_id=span.service.id,
        starts_at=span.start,
        ends_at=span.end,
        busy_from=busy_from,
        busy_until=busy_until,
        capacity=span.places,
        closed_at=None,
    )


def _same(slot: Slot, span: Span) -> bool:
    # A service whose length or buffers were edited since gets a new slot once the old one is empty.
    return span.is_at(slot) and (slot.busy_from, slot.busy_until, slot.capacity) == (*span.busy, span.places)


def _kept_for_guests(practitioner_id: int) -> int:
    theirs = select(func.count()).select_from(GuestHold).join(GuestHold.slot)
    return (
        db.session.scalar(theirs.where(Slot.practitioner_id == practitioner_id, GuestHold.expires_at > clock.now()))
        or 0
    )
