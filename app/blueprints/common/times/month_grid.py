"""Free days as a month's grid and as a strip, in the reader's zone and by the customs of the reader's language."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import flask_babel
from flask_babel import gettext as _

from app import words
from app.blueprints.common.answers import clock_face
from app.lib import clock
from app.models import Booking, Service, User
from app.services.practice import booking_rules, slots
from app.services.practice.slots import FreeSlot
from app.services.scheduling import kept_times

AHEAD = 12  # months
_APART = timedelta(days=2)  # more than any two zones: the reader's first may be the practitioner's thirtieth
_MANY = 5  # free times that make a day an easy one
_STRIP = 7  # days side by side on a small phone

FreeDays = dict[date, list[FreeSlot]]


@dataclass(frozen=True)
class Cell:
    """A day; `url` only where something is free, or all of it is full and one can wait."""

    date: date
    number: int
    url: str | None
    label: str
    many: bool
    full: bool
    today: bool
    current: bool


def first_of(text: str, zone: ZoneInfo) -> date:
    """The first day of the month "2026-11" names; of the present one for anything that cannot be shown."""
    this = clock.today(zone.key).replace(day=1)
    try:
        wanted = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  (a month has no zone)
    except ValueError:
        return this
    return wanted if this <= wanted <= step(this, AHEAD) else this


def month_of(first: date) -> tuple[date, date]:
    """The first and the last day of the month that begins then."""
    return first, step(first, 1) - timedelta(days=1)


def step(first: date, months: int) -> date:
    """The first day of the month that many months on."""
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def free_days(
    service: Service,
    span: tuple[date, date],
    zone: ZoneInfo,
    free: Callable[[Service, date, date], list[FreeSlot]],
    places: int = 1,
) -> FreeDays:
    """The times between two dates that `free` gives and that have so many places (0: full ones too), by the reader's date.

    One day more at each end is asked for: zones differ.
    """
    days: FreeDays = {}
    first, last = span
    for slot in free(service, first - timedelta(days=1), last + timedelta(days=1)):
        day = slot.start.astimezone(zone).date()
        if first <= day <= last and slot.places_left >= places:
            days.setdefault(day, []).append(slot)
    return days


def with_free(days: FreeDays) -> list[date]:
    """The days on which something is free, in order."""
    return [day for day in sorted(days) if any(time.places_left for time in days[day])]


def step_on(service: Service, first: date, zone: ZoneInfo) -> date | None:
    """The next month that can be looked at; None where it is too far ahead to be booked."""
    following = step(first, 1)
    is_shown = first < step(clock.today(zone.key).replace(day=1), AHEAD)
    return following if is_shown and not _is_too_far(service, following - _APART) else None


def next_day(
    service: Service, first: date, zone: ZoneInfo, reader: User | None = None, moving: Booking | None = None
) -> date | None:
    """The reader's first date after the month on which something is free to them, or `moving` may move to."""
    begin = month_of(first)[1] - timedelta(days=1)  # in the practitioner's zone it may be on the day before
    last = min(filter(None, (step(clock.today(zone.key).replace(day=1), AHEAD + 1), booking_rules.last_day(service))))
    if last < begin:
        return None
    found = kept_times.first_free(service, slots.days_of(service, begin, last), reader, moving=moving)
    return found[0].start.astimezone(zone).date() if found else None


def how_far(service: Service, first: date) -> str:
    """Until when the service can be booked, where that is before the month's end; else empty."""
    days_ahead = service.days_ahead
    return words.ahead(days_ahead) if days_ahead and _is_too_far(service, month_of(first)[1]) else ""


def _is_too_far(service: Service, day: date) -> bool:
    last = booking_rules.last_day(service)
    return last is not None and last < day


def weekdays() -> list[tuple[str, str]]:
    """Short and long names of the weekdays, from the first day of the reader's week."""
    names = list(zip(clock_face.weekday_heads(), clock_face.weekday_names(), strict=True))
    begins = flask_babel.get_locale().first_week_day
    return names[begins:] + names[:begins]


def weeks(
    first: date, days: FreeDays, today: date, current: date | None, url: Callable[[date], str]
) -> list[list[Cell | None]]:
    """The grid, week by week from today's on; None where days that are over would stand, or another month's."""
    grid = calendar.Calendar(flask_babel.get_locale().first_week_day).monthdatescalendar(first.year, first.month)

    def shown(day: date) -> Cell | None:
        is_shown = day.month == first.month and day >= today
        return cell(day, days.get(day, []), today, current, url) if is_shown else None

    return [[shown(day) for day in week] for week in grid if week[-1] >= today]


def strip(days: FreeDays, today: date, current: date | None, url: Callable[[date], str]) -> list[Cell]:
    """The seven days of `days` among which the current one is: a week of them that have something."""
    every = sorted(days)
    begin = every.index(current) // _STRIP * _STRIP if current in days else 0
    return [cell(day, days[day], today, current, url) for day in every[begin : begin + _STRIP]]


def cell(day: date, times: list[FreeSlot], today: date, current: date | None, url: Callable[[date], str]) -> Cell:
    """The day as a link, with what a screen reader says of it."""
    name = flask_babel.format_date(day, "EEEE d MMMM")
    free = sum(1 for time in times if time.places_left)
    is_full = bool(times) and not free
    label = _("%(day)s: full", day=name) if is_full else _("%(day)s, free times: %(count)s", day=name, count=free)
    return Cell(day, day.day, url(day) if times else None, label, free >= _MANY, is_full, day == today, day == current)
