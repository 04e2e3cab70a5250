"""The practitioner's diary: what waits, what comes, what a week looks like."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.domain import agenda
from app.domain.lifecycle import TABS, BookingStatus
from app.extensions import db
from app.lib import clock
from app.lib.tables.plans import beside
from app.models import Booking, Practitioner, Slot, TimeOff, User
from app.services import bookings, practice
from app.services.core import batching
from app.services.ledger import attendance_reviews
from app.services.practice import availability, slots

_COMING = 40
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Session:
    """One stretch of the diary and everybody who is booked into it."""

    slot: Slot
    bookings: list[Booking]

    @property
    def title(self) -> str:
        """What it is; the same for everybody in it."""
        return self.bookings[0].title

    @property
    def places(self) -> int:
        """How many places are taken."""
        return sum(booking.places for booking in self.bookings)


@dataclass(frozen=True)
class Day:
    """One local date: when it is open (never in a whole day off), why it differs, the time off that touches it, its sessions."""

    date: date
    openings: list[agenda.Opening]
    note: str
    differs: bool
    off: list[TimeOff]
    sessions: list[Session]


def practice_of(user: User) -> Practitioner | None:
    """The person's own practice, or None before it was founded."""
    return db.session.scalars(select(Practitioner).where(Practitioner.id.in_(Practitioner.ids_of(user)))).one_or_none()


def requests(practitioner: Practitioner) -> list[Booking]:
    """Requests that wait for an answer and can still be answered, the most urgent first."""
    statement = _diary(practitioner).where(Booking.status == BookingStatus.PENDING_APPROVAL)
    rows = db.session.scalars(statement.order_by(Booking.deadline_at, Booking.starts_at)).all()
    with batching.batch(rows):
        return [booking for booking in rows if bookings.status_now(booking) is BookingStatus.PENDING_APPROVAL]


def coming(practitioner: Practitioner) -> list[tuple[date, list[Session]]]:
    """The next sessions that stand, by local date."""
    statement = _diary(practitioner).where(Booking.status.in_(TABS["upcoming"]), Booking.ends_at > clock.now())
    rows = db.session.scalars(statement.order_by(beside(Booking.starts_at), Booking.created_at).limit(_COMING))
    return list(_by_date(_sessions(rows), ZoneInfo(practitioner.zone)).items())


def unfinished(practitioner: Practitioner) -> list[Booking]:
    """Sessions whose time is over and of which nobody has said how they went; what staff decide is not asked."""
    over = _diary(practitioner).where(Booking.status.in_(TABS["upcoming"]), Booking.ends_at <= clock.now())
    statement = over.where(~attendance_reviews.open_for(Booking.id))
    return list(db.session.scalars(statement.order_by(beside(Booking.starts_at)).limit(_COMING)))


def can_start(booking: Booking, user: User) -> bool:
    """Whether the person could start the session at this moment."""
    late_enough = clock.now() >= bookings.possible_from(booking, "start")
    return late_enough and "start" in bookings.actions(booking, user)


def week(practitioner: Practitioner, monday: date) -> list[Day]:
    """Seven local days from `monday`: opening hours and everything that takes time."""
    days = list(agenda.days(monday, monday + timedelta(days=6)))
    booked = _by_date(_sessions(_taking_time(practitioner, days)), ZoneInfo(practitioner.zone))
    weekly: dict[int, list[agenda.Opening]] = defaultdict(list)
    for hours in practice.hours_of(practitioner):
        weekly[hours.weekday].append(agenda.Opening(hours.starts, hours.ends))
    own = practice.exceptions_between(practitioner, days[0], days[-1])
    differing = availability.differing(practitioner, days[0], days[-1], own)
    notes = {each.day: each.note for each in own if each.note}
    notes |= {day: name for day, name in _holiday_names(practitioner, days).items() if day not in notes}
    away = practice.time_off.between(practitioner.id, days[0], days[-1])
    off = {day: [each for each in away if each.first <= day <= each.last] for day in days}
    return [
        Day(
            day,
            _openings(weekly, differing, day, off[day]),
            notes.get(day, ""),
            day in differing,
            off[day],
            booked.get(day, []),
        )
        for day in days
    ]


def _openings(
    weekly: dict[int, list[agenda.Opening]],
    differing: dict[date, agenda.DayRule],
    day: date,
    off: Sequence[TimeOff],
) -> list[agenda.Opening]:
    if any(each.absence.covers(day) for each in off):
        return []
    return list(differing[day].openings) if day in differing else weekly[day.weekday()]


def _holiday_names(practitioner: Practitioner, days: Sequence[date]) -> dict[date, str]:
    found = practice.holidays.between(practitioner, days[0], days[-1], practitioner.user.language)
    return {holiday.day: holiday.name for holiday in found}


def standing_in(practitioner: Practitioner, absences: Sequence[TimeOff]) -> list[list[Booking]]:
    """The bookings that stand in each of these times off, by time."""
    zone = ZoneInfo(practitioner.zone)
    windows = [each.absence.window(zone) for each in absences]
    days = [day for each in absences for day in (each.first, each.last)]
    booked = _taking_time(practitioner, [min(days) - _DAY, max(days) + _DAY]) if days else []
    return [[b for b in booked if not agenda.is_clear((b.starts_at, b.ends_at), [window])] for window in windows]


def booked_on(practitioner: Practitioner, days: Sequence[date]) -> Counter[date]:
    """How many sessions stand on each of the local dates."""
    if not days:
        return Counter()
    zone = ZoneInfo(practitioner.zone)
    return Counter(booking.starts_at.astimezone(zone).date() for booking in _taking_time(practitioner, days))


def _diary(practitioner: Practitioner) -> Select[Booking]:
    mine = select(Booking).where(Booking.practitioner_id == practitioner.id)
    return mine.options(selectinload(Booking.client), selectinload(Booking.slot), selectinload(Booking.practitioner))


def _taking_time(practitioner: Practitioner, days: Sequence[date]) -> list[Booking]:
    zone = ZoneInfo(practitioner.zone)
    last = (clock.now() + slots.HORIZON).date()  # beyond it nothing is booked, and the calendar may end
    begin = agenda.instant(min(*days, last), time(0), zone)
    end = agenda.instant(min(max(days), last) + timedelta(days=1), time(0), zone)
    statement = _diary(practitioner).where(Booking.starts_at >= begin, Booking.starts_at < end)
    rows = db.session.scalars(
        statement.where(Booking.status.not_in(TABS["cancelled"])).order_by(Booking.starts_at)
    ).all()
    with batching.batch(rows):
        return [booking for booking in rows if bookings.status_now(booking) not in TABS["cancelled"]]


def _sessions(rows: Iterable[Booking]) -> list[Session]:
    by_slot: dict[int, list[Booking]] = defaultdict(list)
    for booking in rows:
        by_slot[booking.slot_id].append(booking)
    return [Session(found[0].slot, found) for found in by_slot.values()]


def _by_date(sessions: Iterable[Session], zone: ZoneInfo) -> dict[date, list[Session]]:
    found: dict[date, list[Session]] = defaultdict(list)
    for session in sessions:
        found[session.slot.starts_at.astimezone(zone).date()].append(session)
    return found
