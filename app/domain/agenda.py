"""Opening hours into instants: pure functions from local rules and a zone to UTC, right over every clock change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """A stretch of local wall time on one day; `ends` 00:00 means midnight at its end."""

    starts: time
    ends: time


@dataclass(frozen=True)
class DayRule:
    """A date that differs from the week: `openings` replace the usual ones; empty means closed."""

    day: date
    openings: tuple[Opening, ...]


def windows(
    weekly: dict[int, list[Opening]], exceptions: dict[date, DayRule], day: date, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """The stretches of `day` that are open, as UTC instants, in order.

    A wall time that a clock change skips means the moment after the gap; one that happens twice means its first
    occurrence at a start and at an end alike, so hours across the change keep their real length.
    """
    rule = exceptions.get(day)
    openings = rule.openings if rule else weekly.get(day.weekday(), [])
    found = []
    for opening in sorted(openings, key=lambda o: o.starts):
        last_day = day + _DAY if opening.ends == time(0) else day
        begin = instant(day, opening.starts, zone)
        end = instant(last_day, opening.ends, zone)
        if begin < end:
            found.append((begin, end))
    return found


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time in `zone`."""
    return datetime.combine(day, wall, zone).astimezone(UTC)


def starts(window: tuple[datetime, datetime], minutes: int, step: int) -> Iterator[datetime]:
    """Every instant at which a session of `minutes` may begin inside `window`, `step` minutes apart."""
    begin, end = window
    while begin + timedelta(minutes=minutes) <= end:
        yield begin
        begin += timedelta(minutes=step)


def days(first: date, last: date) -> Iterable[date]:
    """Every date from `first` to `last`, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
