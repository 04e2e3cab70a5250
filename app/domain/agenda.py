"""Opening hours into instants: pure functions from local rules and a zone to UTC, right over every clock change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MIDNIGHT = time(0)
_WEEK = 7 * 24 * 60  # minutes
_REACH = 3 * _DAY  # more than any two zones differ, and than a session with its breaks is long
_UTC = ZoneInfo("UTC")
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


@dataclass(frozen=True)
class ClassTime:
    """When a group meets every week: a weekday (0 Monday) and a local wall time."""

    weekday: int
    starts: time


@dataclass(frozen=True)
class DiaryDays:
    """Local dates of one practitioner's diary, both included: what is known of them is asked for at once.

    Of `whole_weeks` where it also has to be known what there was in them already.
    """

    practitioner_id: int
    first: date
    last: date
    whole_weeks: bool = False

    @property
    def around(self) -> tuple[date, date]:
        """Dates with all that a session on these can run into, or out of."""
        return self.first - _REACH, self.last + _REACH

    def window(self, now: datetime) -> Window:
        """From and until when (UTC) they last in any zone, with what can run into them and out of them; not what is over."""
        first, last = self.around
        if self.whole_weeks:
            first = monday_of(first)
            last = monday_of(last) + timedelta(days=6)
        begin = instant(first, _MIDNIGHT, _UTC)
        return begin if self.whole_weeks else max(begin, now), instant(last, _MIDNIGHT, _UTC)


@dataclass(frozen=True)
class Absence:
    """Local days off, both included; from a time on the first, until a time on the last, where there is one."""

    first: date
    last: date
    starts: time | None = None
    ends: time | None = None

    @property
    def is_reversed(self) -> bool:
        """Whether it ends before it begins, or as it does."""
        begins = (self.first, self.starts or _MIDNIGHT)
        ends = (self.last + _DAY, _MIDNIGHT) if self._is_to_midnight else (self.last, self.ends or _MIDNIGHT)
        return self.last < self.first or ends <= begins

    def window(self, zone: ZoneInfo) -> Window:
        """From and until when (UTC). An end that happens twice, or never, means the later moment: nothing is given meanwhile."""
        begin = instant(self.first, self.starts or _MIDNIGHT, zone)
        if self.ends is None or self._is_to_midnight:
            return begin, instant(self.last + _DAY, _MIDNIGHT, zone)
        return begin, max(instant(self.last, self.ends.replace(fold=fold), zone) for fold in (0, 1))

    def covers(self, day: date) -> bool:
        """Whether it takes the whole of the local date."""
        begins = (self.first, self.starts or _MIDNIGHT) <= (day, _MIDNIGHT)
        return begins and (day < self.last or (day == self.last and self._is_to_midnight))

    @property
    def _is_to_midnight(self) -> bool:
        return self.ends in (None, _MIDNIGHT)


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


def class_starts(
    classes: Iterable[ClassTime], exceptions: dict[date, DayRule], day: date, minutes: int, zone: ZoneInfo
) -> list[datetime]:
    """When the classes of `day` begin, each `minutes` long (UTC), whatever the weekly hours are.

    On a date that differs from the week those remain that its own openings hold. A class belongs to the day it begins on.
    """
    begun = [instant(day, each.starts, zone) for each in classes if each.weekday == day.weekday()]
    if day not in exceptions:
        return sorted(begun)
    open_ = stretches(windows({}, exceptions, day, zone))
    length = timedelta(minutes=minutes)
    return sorted(at for at in begun if any(opens <= at and at + length <= closes for opens, closes in open_))


def is_clear(time_: Window, off: Iterable[Window]) -> bool:
    """Whether nothing of it lies in any of these."""
    return not any(begin < time_[1] and time_[0] < end for begin, end in off)


def crossing_class(classes: Iterable[ClassTime], minutes: int) -> tuple[ClassTime, ClassTime] | None:
    """Two classes of the week, each `minutes` long, of which the second begins before the first is over; or None.

    The week goes round: Sunday night runs into Monday. A class longer than a week would cross itself; none is.
    """
    ordered = sorted(classes, key=_minute_of_week)
    for before, after in pairwise([*ordered, *ordered[:1]]):
        gap = _minute_of_week(after) - _minute_of_week(before)
        if len(ordered) > 1 and (gap if after is not ordered[0] else gap + _WEEK) < minutes:
            return before, after
    return None


def _minute_of_week(one: ClassTime) -> int:
    return one.weekday * 1440 + one.starts.hour * 60 + one.starts.minute


def days(first: date, last: date) -> Iterable[date]:
    """Every date from `first` to `last`, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
