"""Opening hours into instants: pure functions from local rules and a zone to UTC, right over every clock change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
Window = tuple[datetime, datetime]  # an open time, from and until, in UTC


@dataclass(frozen=True)
class Opening:
    """A stretch of local wall time on one day; `ends` 00:00 means midnight at its end."""

    starts: time
    ends: time


@dataclass(frozen=True)
class Hours:
    """One opening on a weekday (0 Monday), in local time; `ends` 00:00 is midnight."""

    weekday: int
    starts: time
    ends: time

    def meets(self, other: "Hours") -> bool:
        """Whether the two have some time in common."""
        return self.weekday == other.weekday and self.starts < _closes(other.ends) and other.starts < _closes(self.ends)


@dataclass(frozen=True)
class DayRule:
    """A date that differs from the week: `openings` replace the usual ones; empty means closed."""

    day: date
    openings: tuple[Opening, ...]


def windows(
    weekly: dict[int, list[Opening]], exceptions: dict[date, DayRule], day: date, zone: ZoneInfo
) -> list[Window]:
    """The windows of `day` that are open, as UTC instants, in order.

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


def _closes(ends: time) -> time:
    # Midnight at the end of a day is later than everything in it.
    return time.max if ends == time(0) else ends


def weekly(hours: Iterable[Hours]) -> dict[int, list[Opening]]:
    """The openings of a week, by weekday."""
    found: dict[int, list[Opening]] = defaultdict(list)
    for each in hours:
        found[each.weekday].append(Opening(each.starts, each.ends))
    return found


def within(found: Iterable[Window], others: Iterable[Window]) -> list[Window]:
    """What of the windows lies inside one of the others as well."""
    pairs = ((max(begin, opens), min(end, closes)) for begin, end in found for opens, closes in others)
    return [(begin, end) for begin, end in pairs if begin < end]


def stretches(found: Iterable[Window]) -> list[Window]:
    """The time that is open without a break: windows that touch, as at midnight, are one."""
    joined: list[Window] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def starts(window: Window, closes: datetime, minutes: int, step: int) -> Iterator[datetime]:
    """Every instant inside `window`, `step` minutes apart, from which `minutes` are open until `closes`.

    Counted from the window's own beginning, so that a day has the same times whichever days are asked for with it.
    """
    begin, end = window
    last = closes - timedelta(minutes=minutes)
    while begin < end and begin <= last:
        yield begin
        begin += timedelta(minutes=step)


def monday_of(day: date) -> date:
    """The Monday of the week `day` is in."""
    return day - timedelta(days=day.weekday())


def days(first: date, last: date) -> Iterable[date]:
    """Every date from `first` to `last`, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
