"""When another calendar is busy: its file into stretches of time. The file may be anybody's and anything.

Some rules take for ever to work out and some files fill any memory, so that is done in a process of its own, which is
this file run as a script: it knows neither the application nor its environment, and is ended when it takes too much.
The libraries are imported there, where a file is worked out: who only asks needs none of them.
"""

import json
import logging
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Calendar, Component, Event

log = logging.getLogger("app.busy")  # a name that operators filter by

MOST_EVENTS = 5_000
MOST_TIMES = 5_000
SECONDS = 20
MEMORY = 1024 * 1024 * 1024
_KEPT = ("PATH", "PYTHONPATH", "PYTHONTZPATH", "TZDIR", "SYSTEMROOT")  # of the environment, to find the libraries
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
_WITHIN_A_DAY = ("BYSECOND", "BYMINUTE", "BYHOUR")

# What the libraries raise about entries that make no sense; a lack of memory is none of it.
_STUMBLES = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, RuntimeError)

Stretch = tuple[datetime, datetime]


class Unreadable(ValueError):
    """The file is no calendar, or too much of one; `args[0]` is a key of words.FEED_PROBLEMS."""


@dataclass(frozen=True)
class Window:
    """Between which instants to look, the zone of times that name none, the domain of our own entries."""

    first: datetime
    last: datetime
    zone: ZoneInfo
    own: str = ""


def read(content: bytes, window: Window, seconds: float = SECONDS) -> list[Stretch]:
    """The file's `stretches`, worked out in a process of its own within `seconds`. Raises Unreadable."""
    asked = [window.first.isoformat(), window.last.isoformat(), window.zone.key, window.own]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # -P: the folder of this file is no place to import from; it has a queue.py of its own.
    command = [sys.executable, "-P", "-X", "utf8", str(Path(__file__).resolve()), *asked]
    try:
        done = subprocess.run(  # noqa: S603  (our own file, by our own Python)
            command, input=content, capture_output=True, timeout=seconds, env=kept, check=True
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        code = getattr(error, "returncode", 0)
        log.warning("calendar.given_up error=%s code=%s", type(error).__name__, code)
        # Below zero it was ended from outside, for what it took; else it stumbled over what it read.
        took_too_much = isinstance(error, subprocess.TimeoutExpired) or code < 0
        raise Unreadable("too_many" if took_too_much else "no_calendar") from None
    if "problem" in told:
        raise Unreadable(told["problem"])
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in told["times"]]


def stretches(content: bytes, window: Window) -> list[Stretch]:
    """Every stretch in the window in which something stands, in UTC, in order and joined where they touch.

    What is free ("transparent") or cancelled takes no time, nor what we put there ourselves: our own table knows our
    sessions better. A day without times is busy in the window's zone. An entry that makes no sense is left out.
    Raises Unreadable.
    """
    calendar = _read(content, window)
    found = _all_taken(calendar, window)
    for published in calendar.walk("VFREEBUSY"):
        found += _said_busy(published, window)
    if len(found) > MOST_TIMES:
        raise Unreadable("too_many")
    return list(_joined(sorted(one for one in found if one[0] < one[1])))


def _all_taken(calendar: "Calendar", window: Window) -> list[Stretch]:
    """What all entries take; where the library stumbles over one, all others are worked out without it."""
    try:
        return _worked_out(calendar, window)
    except (Unreadable, MemoryError):
        raise
    except Exception:  # it may stumble in many ways over what it is given
        return [stretch for one in _apart(calendar) for stretch in _or_nothing(one, window)]


def _or_nothing(calendar: "Calendar", window: Window) -> list[Stretch]:
    try:
        return _worked_out(calendar, window)
    except Unreadable:
        raise
    except _STUMBLES:
        return []


def _worked_out(calendar: "Calendar", window: Window) -> list[Stretch]:
    import recurring_ical_events  # type: ignore[import-untyped]  # noqa: PLC0415  (see above)

    found: list[Stretch] = []
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(window.first, window.last):
        found += _taken(event, window)
        if len(found) > MOST_TIMES:
            raise Unreadable("too_many")
    return found


def _apart(calendar: "Calendar") -> Iterator["Calendar"]:
    """Each entry, with the exceptions to what it repeats, in a calendar of its own."""
    groups: dict[str, list[Component]] = defaultdict(list)
    for number, event in enumerate(calendar.walk("VEVENT")):
        groups[str(event.get("UID", number))].append(event)
    for events in groups.values():
        one = calendar.copy()
        one.subcomponents = events
        yield one


def _read(content: bytes, window: Window) -> "Calendar":
    from icalendar import Calendar  # noqa: PLC0415  (see above)

    try:
        calendar = Calendar.from_ical(content)
    except MemoryError:
        raise
    except Exception as error:
        raise Unreadable("no_calendar") from error
    if not isinstance(calendar, Calendar) or calendar.name != "VCALENDAR":
        raise Unreadable("no_calendar")
    if len(calendar.walk("VEVENT")) > MOST_EVENTS:
        raise Unreadable("too_many")
    calendar.subcomponents = [
        part for part in calendar.subcomponents if part.name != "VEVENT" or _prepare(part, window)
    ]
    return calendar


def _prepare(event: Any, window: Window) -> bool:
    """Whether the entry makes sense; one that goes on for ever ends soon after the window. Raises Unreadable."""
    try:
        start = event.DTSTART
        end = event.DTEND
        if start is None:
            return False
        if end is not None and end.year > window.last.year + 1 >= start.year:
            event.DTEND = end.replace(year=window.last.year + 1, day=min(end.day, 28))
        too_often = _is_too_often(event)
    except _STUMBLES:
        return False
    if too_often:
        raise Unreadable("too_many")
    return True


def _is_too_often(event: "Component") -> bool:
    """Whether it repeats within a day: no session does, and working it out could take for ever."""
    rules: Any = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        often = {str(word).upper() for word in rule.get("FREQ", [])}
        if often & _TOO_OFTEN or any(len(rule.get(part, [])) > 1 for part in _WITHIN_A_DAY):
            return True
    return False


def _said_busy(published: "Component", window: Window) -> Iterator[Stretch]:
    """What a calendar that shows only when its owner is busy says; in it every time stands by itself."""
    periods: Any = published.get("FREEBUSY")
    for period in periods if isinstance(periods, list) else [periods] if periods else []:
        if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        with suppress(*_STUMBLES):
            start, end = (_instant(moment, window.zone) for moment in (period.start, period.end))
            yield max(start, window.first), min(end, window.last)


def _taken(event: "Event", window: Window) -> Iterator[Stretch]:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    ours = window.own and str(event.get("UID", "")).endswith(f"@{window.own}")
    if free or ours or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    start = event.start
    end = event.end
    if start is not None and end is not None:
        yield _instant(start, window.zone), _instant(end, window.zone)


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _joined(ordered: list[Stretch]) -> Iterator[Stretch]:
    current: Stretch | None = None
    for start, end in ordered:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


# ------------------------------------------------------------------------------------------------ the other process


def _confine() -> None:
    """This process may take so much and no more, where the system can hold it to that."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  (there is none on Windows)

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _main() -> None:
    first, last, zone, own = sys.argv[1:]
    window = Window(datetime.fromisoformat(first), datetime.fromisoformat(last), ZoneInfo(zone), own)
    try:
        found = stretches(sys.stdin.buffer.read(), window)
        told: dict[str, Any] = {"times": [[start.isoformat(), end.isoformat()] for start, end in found]}
    except Unreadable as problem:
        told = {"problem": problem.args[0]}
    except MemoryError:
        told = {"problem": "too_many"}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _confine()
    _main()
