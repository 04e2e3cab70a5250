"""Time off: local days, or parts of them, on which a practitioner gives no sessions. What is booked in it stays."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.domain import agenda
from app.domain.agenda import Absence
from app.domain.lifecycle import BookingStatus
from app.extensions import db
from app.lib import clock
from app.models import Booking, Practitioner, TimeOff, User
from app.services.accounts.people import clean_text
from app.services.core import batching
from app.services.core.errors import Invalid, NotFound
from app.services.core.transaction import transaction
from app.services.practice.public_profile.profiles import lock_diary, of_user

NAME_LIMIT = 120
LONGEST = 732  # days: two years
_MOST = 200  # that lie ahead
_AHEAD = timedelta(days=3660)  # nobody books further
_DAY = timedelta(days=1)


def coming(practitioner: Practitioner) -> list[TimeOff]:
    """What is not over on the practitioner's own today, in order."""
    return between(practitioner.id, clock.today(practitioner.zone), date.max)


def between(practitioner_id: int, first: date, last: date) -> list[TimeOff]:
    """What touches these local dates, in order."""
    mine = select(TimeOff).where(TimeOff.practitioner_id == practitioner_id, TimeOff.last >= first)
    return list(db.session.scalars(mine.where(TimeOff.first <= last).order_by(TimeOff.first, TimeOff.id)))


def at(practitioner: Practitioner, start: datetime, end: datetime) -> TimeOff | None:
    """The first time off that the stretch from `start` to `end` meets, or None."""
    zone = ZoneInfo(practitioner.zone)
    near = between(practitioner.id, start.astimezone(zone).date() - _DAY, end.astimezone(zone).date() + _DAY)
    return next((each for each in near if not agenda.is_clear((start, end), [each.absence.window(zone)])), None)


def begins_between(practitioner: Practitioner, start: datetime, end: datetime) -> bool:
    """Whether time off begins while a session from `start` to `end` would last."""
    zone = ZoneInfo(practitioner.zone)
    near = between(practitioner.id, start.astimezone(zone).date() - _DAY, end.astimezone(zone).date() + _DAY)
    return any(start <= each.absence.window(zone)[0] < end for each in near)


def is_then(booking: Booking) -> bool:
    """Whether it waits for the practitioner's answer, and they have time off at its time by now."""
    return _then(booking.id)


@batching.batched("booking", bool)
def _then(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    theirs = select(Booking, TimeOff).join(TimeOff, TimeOff.practitioner_id == Booking.practitioner_id)
    asked = theirs.where(Booking.id.in_(ids), Booking.status == BookingStatus.PENDING_APPROVAL)
    rows = db.session.execute(asked.where(TimeOff.last >= clock.now().date() - _DAY)).all()
    zones = {booking.id: ZoneInfo(booking.practitioner.zone) for booking, _ in rows}
    off = [(booking, each.absence.window(zones[booking.id])) for booking, each in rows]
    return {
        booking.id: True for booking, time in off if not agenda.is_clear(time, [(booking.starts_at, booking.ends_at)])
    }


def problems(practitioner: Practitioner, absence: Absence, name: str = "") -> list[Invalid]:
    """Everything that is wrong with it, beside its fields (first, last, last_time, name); nothing where it can be entered."""
    return list(_problems(practitioner, absence, name))


def add(user: User, absence: Absence, name: str = "") -> TimeOff:
    """Nothing can be asked for then any more; what is booked stays, and "free now" ends where it begins.

    Raises NotFound, Invalid (what `problems` names).
    """
    with transaction() as session:
        practitioner = of_user(user)
        # Under the diary's lock: whoever asks for a time has it before this, or reads this.
        lock_diary(practitioner.id)
        for problem in problems(practitioner, absence, name):
            raise problem
        made = TimeOff(
            practitioner_id=practitioner.id,
            first=absence.first,
            last=absence.last,
            starts=absence.starts,
            ends=absence.ends,
            name=clean_text(name),
        )
        session.add(made)
        _end_free_now(practitioner, absence)
        session.flush()
        return made


def remove(user: User, time_off_id: int) -> None:
    """The days are like any others again. Raises NotFound."""
    with transaction() as session:
        practitioner = of_user(user)
        lock_diary(practitioner.id)
        found = session.get(TimeOff, time_off_id)
        if found is None or found.practitioner_id != practitioner.id:
            raise NotFound
        session.delete(found)


def _end_free_now(practitioner: Practitioner, absence: Absence) -> None:
    # Who switches it on again afterwards knows that they have time off.
    begin, end = absence.window(ZoneInfo(practitioner.zone))
    until = practitioner.available_until
    if until is not None and begin < until and clock.now() < end:
        practitioner.available_until = begin if begin > clock.now() else None


def _problems(practitioner: Practitioner, absence: Absence, name: str) -> Iterator[Invalid]:
    if len(clean_text(name)) > NAME_LIMIT:
        yield Invalid("too_long", field="name", most=NAME_LIMIT)
    today = clock.today(practitioner.zone)
    if absence.last - today > _AHEAD or (absence.last - absence.first).days >= LONGEST:
        yield Invalid("time_off_too_long", field="last", days=LONGEST)
    elif absence.is_reversed:
        yield _reversed(absence)
    elif absence.last < today:
        yield Invalid("day_past", field="last")
    else:
        yield from _beside_others(practitioner, absence)


def _reversed(absence: Absence) -> Invalid:
    if absence.last < absence.first:
        return Invalid("range_reversed", field="last")
    return Invalid("hours_reversed", field="last_time")


def _beside_others(practitioner: Practitioner, absence: Absence) -> Iterator[Invalid]:
    zone = ZoneInfo(practitioner.zone)
    others = coming(practitioner)
    if len(others) >= _MOST:
        yield Invalid("too_many", field="first", most=_MOST)
    if crossed := _crossed(others, absence, zone):
        yield Invalid("time_off_crossed", field="first", first=crossed.first, last=crossed.last)


def _crossed(others: Sequence[TimeOff], absence: Absence, zone: ZoneInfo) -> TimeOff | None:
    time = absence.window(zone)
    return next((each for each in others if not agenda.is_clear(time, [each.absence.window(zone)])), None)
