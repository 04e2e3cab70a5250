"""When a practitioner gives sessions: weekly hours, days that differ, holidays, time off, "free now". Not what is booked."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CompoundSelect, null, select, union_all

from app.domain import agenda
from app.extensions import db
from app.models import DayException, Practitioner, Service, TimeOff, WeeklyHours
from app.services.core import batching
from app.services.practice import holidays, time_off

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Said:
    """The rows of what a practitioner has said: hours of the week, dates with hours of their own, and time off."""

    weekly: dict[int, list[agenda.Opening]] = field(default_factory=dict)
    own: dict[date, list[agenda.Opening]] = field(default_factory=dict)
    off: list[agenda.Absence] = field(default_factory=list)


@dataclass(frozen=True)
class _Rules:
    """What a practitioner has said of some local dates, and of one more at each end."""

    zone: ZoneInfo
    weekly: dict[int, list[agenda.Opening]]
    differing: dict[date, agenda.DayRule]
    off: list[agenda.Window]

    def windows(self, first: date, last: date) -> dict[date, list[agenda.Window]]:
        """What is open on each date, not counting time off."""
        days = agenda.days(first, last)
        return {day: agenda.windows(self.weekly, self.differing, day, self.zone) for day in days}


def starts(
    service: Service, first: date, last: date, minutes: int | None = None, days: agenda.DiaryDays | None = None
) -> list[datetime]:
    """Every instant on these local dates at which the service, or one of its sessions of `minutes`, may begin, in order.

    A group with fixed times begins at those alone; others inside the practitioner's hours, and their own where they have any.
    `days` are dates with these among them, of which all is asked for at once.
    """
    length = timedelta(minutes=minutes or service.minutes)
    rules = _rules(service.practitioner, first, last + _DAY + length, days)
    found = _class_starts(service, rules, first, last, length) if service.class_times else None
    if found is None:
        found = _open_starts(service, rules, first, last, length)
    return sorted(start for start in set(found) if agenda.is_clear((start, start + length), rules.off))


def gives(service: Service, start: datetime, end: datetime) -> bool:
    """Whether a place that nobody holds may still be taken then: the service is sold, the time is open.

    Any time inside the hours will do, not just one that can be asked for: steps and lengths may have been edited since. A time
    outside them is open only while the practitioner is free now. A group with fixed times begins at one of them. The hours of
    the service itself bind who asks, not who paid.
    """
    return service.is_sold and (gives_at_once(service, start, end) or _is_open(service, start, end))


def gives_at_once(service: Service, start: datetime, end: datetime, days: agenda.DiaryDays | None = None) -> bool:
    """Whether "free now" lets the service be given then, whatever the hours say: never a group with fixed times, nor in person.

    Who switches it on in their time off means it; into time off that is still to begin no session runs. `days` as `starts`.
    """
    practitioner = service.practitioner
    until = practitioner.available_until
    if until is None or start > until or not service.is_online or service.class_times:
        return False
    if days is None:
        return not time_off.begins_between(practitioner, start, end)
    zone = ZoneInfo(practitioner.zone)
    return not any(start <= each.window(zone)[0] < end for each in _said(days).off)


def _is_open(service: Service, start: datetime, end: datetime) -> bool:
    zone = ZoneInfo(service.practitioner.zone)
    # The day before too: a window that ends at midnight may hold a start that a zone change has moved.
    first = start.astimezone(zone).date() - _DAY
    last = end.astimezone(zone).date()
    if service.class_times:
        return start in starts(service, first, last, (end - start) // timedelta(minutes=1))
    rules = _rules(service.practitioner, first, last)
    stretches = agenda.stretches(window for windows in rules.windows(first, last).values() for window in windows)
    is_inside = any(opens <= start and end <= closes for opens, closes in stretches)
    return is_inside and agenda.is_clear((start, end), rules.off)


def _open_starts(service: Service, rules: _Rules, first: date, last: date, length: timedelta) -> Iterable[datetime]:
    by_day = _own_windows(service, rules, first, last + _DAY + length)
    stretches = agenda.stretches(window for windows in by_day.values() for window in windows)
    for window in (window for day, windows in by_day.items() if day <= last for window in windows):
        minutes = length // timedelta(minutes=1)
        yield from agenda.starts(window, _closing(window, stretches), minutes, service.step_minutes)


def _class_starts(service: Service, rules: _Rules, first: date, last: date, length: timedelta) -> Iterable[datetime]:
    minutes = length // timedelta(minutes=1)
    for day in agenda.days(first, last):
        yield from agenda.class_starts(service.classes, rules.differing, day, minutes, rules.zone)


def _closing(window: agenda.Window, stretches: list[agenda.Window]) -> datetime:
    """When the stretch ends that the window is in."""
    return next(closes for opens, closes in stretches if opens <= window[0] < closes)


def _own_windows(service: Service, rules: _Rules, first: date, last: date) -> dict[date, list[agenda.Window]]:
    by_day = rules.windows(first, last)
    if not service.own_hours:
        return by_day
    own = agenda.weekly(service.own_hours)
    return {day: agenda.within(found, agenda.windows(own, {}, day, rules.zone)) for day, found in by_day.items()}


def _rules(practitioner: Practitioner, first: date, last: date, days: agenda.DiaryDays | None = None) -> _Rules:
    said = _said(days or agenda.DiaryDays(practitioner.id, first, last))
    zone = ZoneInfo(practitioner.zone)
    near = [each for each in said.off if each.first <= last + _DAY and first - _DAY <= each.last]
    own = {day: openings for day, openings in said.own.items() if first <= day <= last}
    off = [each.window(zone) for each in near]
    return _Rules(zone, said.weekly, _differing(practitioner, first, last, own), off)


def differing(
    practitioner: Practitioner, first: date, last: date, own: Iterable[DayException]
) -> dict[date, agenda.DayRule]:
    """The dates that differ from the week: holidays are closed, unless the date has hours of its own."""
    openings = batching.grouped((each.day, agenda.Opening(each.starts, each.ends)) for each in own)
    return _differing(practitioner, first, last, openings)


def _differing(
    practitioner: Practitioner, first: date, last: date, own: dict[date, list[agenda.Opening]]
) -> dict[date, agenda.DayRule]:
    closed: dict[date, list[agenda.Opening]] = {day: [] for day in holidays.closed(practitioner, first, last)}
    return {day: agenda.DayRule(day, tuple(openings)) for day, openings in (closed | own).items()}


@batching.batched("diary", _Said)
def _said(asked: Collection[agenda.DiaryDays]) -> dict[agenda.DiaryDays, _Said]:
    ids = {days.practitioner_id for days in asked}
    first = min(days.around[0] for days in asked)
    last = max(days.around[1] for days in asked)
    found: dict[int, _Said] = defaultdict(_Said)
    for practitioner_id, weekday, day, until, begin, end in db.session.execute(_all_said(ids, first, last)):
        said = found[practitioner_id]
        if weekday is not None:
            said.weekly.setdefault(weekday, []).append(agenda.Opening(begin, end))
        elif until is None:
            said.own.setdefault(day, []).append(agenda.Opening(begin, end))
        else:
            said.off.append(agenda.Absence(day, until, begin, end))
    return {days: found[days.practitioner_id] for days in asked}


def _all_said(ids: Collection[int], first: date, last: date) -> CompoundSelect[Any]:
    """SQL: practitioner, weekday, date, last date of time off, from when to when; what it is says which of them are null."""
    off = select(TimeOff.practitioner_id, null(), TimeOff.first, TimeOff.last, TimeOff.starts, TimeOff.ends)
    off = off.where(TimeOff.practitioner_id.in_(ids), TimeOff.last >= first, TimeOff.first <= last)
    weekly = select(
        WeeklyHours.practitioner_id, WeeklyHours.weekday, null(), null(), WeeklyHours.starts, WeeklyHours.ends
    ).where(WeeklyHours.practitioner_id.in_(ids))
    own = select(
        DayException.practitioner_id, null(), DayException.day, null(), DayException.starts, DayException.ends
    ).where(DayException.practitioner_id.in_(ids), DayException.day.between(first, last))
    return union_all(off, weekly, own)
