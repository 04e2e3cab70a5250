"""What the entries of a calendar file take of a time window; run as a program by busy_times, in a process of its own.

The libraries are imported where a file is worked out. What is wrong with one entry costs the others nothing: one that
makes no sense is left out, and so is, by its name, one that repeats beyond measure.
"""

import json
import signal
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.lib.calendars import calendar_excerpt
from app.lib.calendars.busy_times import SECONDS, Busy, Stretch, Unreadable, Window, from_json

if TYPE_CHECKING:
    from icalendar import Calendar, Component

MOST_TIMES = 15_000  # an entry of every hour takes 8,880 in a year
MEMORY = 1024 * 1024 * 1024
_FOR_ALL = 8.0  # seconds of the processor for all entries together, and then for each by itself
_FOR_ONE = 2.5
_AGAIN = 0.5  # it rings once more: amid a finalizer the interpreter swallows what is raised
_UNITS = {"HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1), "SECONDLY": timedelta(seconds=1)}
_WITHIN_A_DAY = ("BYSECOND", "BYMINUTE", "BYHOUR")
_DAY = timedelta(days=1)

# What the libraries raise about entries that make no sense; a lack of memory is none of it.
_STUMBLES = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RuntimeError)


class _TooMuch(BaseException):
    """Working it out takes too long, or it takes too many times; no library puts up with it."""


def stretches(lines: Iterable[bytes], window: Window) -> Busy:
    """Every stretch in the window in which something stands in the file.

    What is free or cancelled or was declined takes no time, nor what we put there ourselves: our own table knows our
    sessions better. A day without times is busy in the window's zone. Raises Unreadable.
    """
    found: list[Stretch] = []
    left_out: list[str] = []
    for calendar in _calendars(calendar_excerpt.lying_ahead(lines, window)):
        taken = _all_taken(calendar, window)
        found = _joined(found + taken.times + list(_said_busy(calendar, window)))
        left_out += taken.left_out
    if len(found) > MOST_TIMES:
        raise Unreadable("too_many")
    return Busy(found, left_out)


def _calendars(excerpt: bytes) -> list["Calendar"]:
    from icalendar import Calendar  # noqa: PLC0415  (see above)

    try:
        found = Calendar.from_ical(excerpt, multiple=True)
    except MemoryError:
        raise
    except Exception as error:  # it may stumble in many ways over what it is given
        raise Unreadable("no_calendar") from error
    if not found:
        raise Unreadable("no_calendar")
    return [each for each in found if isinstance(each, Calendar)]


def _all_taken(calendar: "Calendar", window: Window) -> Busy:
    """What all entries take: together where that can be done, and those that repeat within a day each by itself."""
    often: list[Calendar] = []
    rest = calendar.copy()
    rest.subcomponents = calendar.walk("VTIMEZONE")
    for one in _apart(calendar, window):
        if any(map(_is_often, one.walk("VEVENT"))):
            often.append(one)
        else:
            rest.subcomponents += one.walk("VEVENT")
    try:
        taken = Busy(_worked_out(rest, window, _FOR_ALL))
    except MemoryError:
        raise
    except (Exception, _TooMuch):
        often = [*_apart(rest, window), *often]
        taken = Busy([])
    return _with_each(taken, often, window)


def _with_each(taken: Busy, others: list["Calendar"], window: Window) -> Busy:
    """With what each of the others takes, unless it is too much: then it is named."""
    found = list(taken.times)
    left_out: list[str] = []
    for one in others:
        try:
            times = _worked_out(one, window, _FOR_ONE)
            if len(found) + len(times) > MOST_TIMES:
                raise _TooMuch
            found += times
        except _TooMuch:
            left_out.append(_name(one))
        except _STUMBLES:
            continue
    return Busy(_joined(found), left_out)


def _apart(calendar: "Calendar", window: Window) -> Iterator["Calendar"]:
    """Each entry that makes sense and may take time, with the exceptions to what it repeats, in a calendar of its own."""
    groups: dict[str, list[Component]] = defaultdict(list)
    zones = calendar.walk("VTIMEZONE")
    owners = _owners(calendar, window)
    for number, event in enumerate(calendar.walk("VEVENT")):
        if _prepare(event, window):
            groups[str(event.get("UID", number))].append(event)
    for events in groups.values():
        if all(_is_free(event, window, owners) for event in events):
            continue
        one = calendar.copy()
        one.subcomponents = [*zones, *events]
        yield one


def _worked_out(calendar: "Calendar", window: Window, seconds: float) -> list[Stretch]:
    import recurring_ical_events  # type: ignore[import-untyped]  # noqa: PLC0415  (see above)

    owners = _owners(calendar, window)
    with _at_most(seconds):
        events = recurring_ical_events.of(calendar, skip_bad_series=True).between(window.first, window.last)
        if len(events) > MOST_TIMES:
            raise _TooMuch  # else the speed of the machine would decide whether so many are too many
        taken = [event for event in events if not _is_free(event, window, owners)]
        return _joined([(_instant(each.start, window.zone), _instant(each.end, window.zone)) for each in taken])


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """So long the processor may work on it, or _TooMuch is raised; where the system has no such clock the process ends."""

    def ring(_number: int, _frame: object) -> None:
        raise _TooMuch

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _prepare(event: Any, window: Window) -> bool:
    """Whether the entry makes sense; its end is one that programs mean, and what began long ago begins before the window."""
    try:
        if event.DTSTART is None:
            return False
        _end_day(event)
        end = event.DTEND
        if end is not None and end.year > window.last.year + 1 >= event.DTSTART.year:
            event.DTEND = end.replace(year=window.last.year + 1, day=min(end.day, 28))
        _catch_up(event, window)
    except _STUMBLES:
        return False
    return True


def _end_day(event: Any) -> None:
    """A day that ends where it begins is a whole one: old Outlook says so, and RFC 5545, 3.6.1, of one without an end."""
    start = event.DTSTART
    is_day = not isinstance(start, datetime) or str(event.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE"
    length = event.DURATION
    ends_there = length == timedelta() if event.DTEND is None else start == event.DTEND
    if not is_day or not ends_there:
        return
    event.pop("DURATION", None)
    event.DTEND = start + _DAY


def _catch_up(event: Any, window: Window) -> None:
    """What repeats within a day for ever begins shortly before the window, in its beat: else all its past is worked out."""
    rules = _rules(event)
    unit = _UNITS.get(str((rules[0].get("FREQ") or [""])[0]).upper()) if len(rules) == 1 else None
    start = event.DTSTART
    if unit is None or rules[0].get("COUNT") or not isinstance(start, datetime):
        return
    step = unit * int((rules[0].get("INTERVAL") or [1])[0])
    end = event.DTEND
    length = end - start if end is not None else event.DURATION or timedelta()
    behind = window.first - _DAY - length - _instant(start, window.zone)
    if behind > step:
        by = behind // step * step
        event.DTSTART = start + by
        if end is not None:
            event.DTEND = end + by


def _rules(event: Any) -> list[Any]:
    rules = event.get("RRULE")
    return rules if isinstance(rules, list) else [rules] if rules else []


def _is_often(event: "Component") -> bool:
    """Whether it repeats within a day: no session does, and working it out could take for ever."""
    return any(
        {str(word).upper() for word in rule.get("FREQ", [])} & set(_UNITS)
        or any(len(rule.get(part, [])) > 1 for part in _WITHIN_A_DAY)
        for rule in _rules(event)
    )


def _name(calendar: "Calendar") -> str:
    return next((str(event["SUMMARY"]) for event in calendar.walk("VEVENT") if "SUMMARY" in event), "…")


def _is_free(event: "Component", window: Window, owners: frozenset[str]) -> bool:
    """Whether it leaves its time free: by RFC 5545, 3.8.2.7 or 3.8.1.11, or [MS-OXCICAL] 2.1.3.1.1.20.31; or is ours."""
    return (
        str(event.get("UID", "")).lower() in window.own
        or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        or str(event.get("STATUS", "")).upper() == "CANCELLED"
        or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
        or _is_declined(event, owners)
    )


def _is_declined(event: "Component", owners: frozenset[str]) -> bool:
    """Whether an owner of the calendar has said that they do not come (RFC 5545, 3.2.12)."""
    guests: Any = event.get("ATTENDEE", [])
    for guest in guests if isinstance(guests, list) else [guests]:
        named = {str(guest).lower().removeprefix("mailto:"), str(guest.params.get("EMAIL", "")).lower()}
        if named & owners and str(guest.params.get("PARTSTAT", "")).upper() == "DECLINED":
            return True
    return False


def _owners(calendar: "Calendar", window: Window) -> frozenset[str]:
    """Google names a person's main calendar by their address."""
    return window.owners | {str(calendar.get("X-WR-CALNAME", "")).strip().lower()} - {""}


def _said_busy(calendar: "Calendar", window: Window) -> Iterator[Stretch]:
    """What a calendar that shows only when its owner is busy says; in it every time stands by itself."""
    for published in calendar.walk("VFREEBUSY"):
        periods: Any = published.get("FREEBUSY")
        for period in periods if isinstance(periods, list) else [periods] if periods else []:
            if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            with suppress(*_STUMBLES):
                start, end = (_instant(moment, window.zone) for moment in (period.start, period.end))
                yield max(start, window.first), min(end, window.last)


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _joined(found: list[Stretch]) -> list[Stretch]:
    """The stretches in order, one where they touch, without those that are none."""
    joined: list[Stretch] = []
    for start, end in sorted(one for one in found if one[0] < one[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


# ------------------------------------------------------------------------------------------------ the other process


def _confine() -> None:
    """This process may take so much and no more, where the system can hold it to that."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  (there is none on Windows)

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _main() -> None:
    window = from_json(sys.stdin.buffer.readline())
    try:
        found = stretches(sys.stdin.buffer, window)
        times = [[start.isoformat(), end.isoformat()] for start, end in found.times]
        told: dict[str, Any] = {"times": times, "left_out": found.left_out}
    except Unreadable as problem:
        told = {"problem": problem.args[0]}
    except MemoryError:
        told = {"problem": "too_many"}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _confine()
    _main()
