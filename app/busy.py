"""When another calendar is busy: its file into stretches of time. Pure; the file may be anybody's and anything."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar, Component, Event

MOST_EVENTS = 5_000
MOST_TIMES = 5_000
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
_WITHIN_A_DAY = ("BYSECOND", "BYMINUTE", "BYHOUR")

Stretch = tuple[datetime, datetime]


class Unreadable(ValueError):
    """The file is no calendar, or too much of one; `args[0]` is a key of words.FEED_PROBLEMS."""


def stretches(content: bytes, first: datetime, last: datetime, zone: ZoneInfo) -> list[Stretch]:
    """Every stretch between `first` and `last` in which something stands, in UTC, in order and joined where they touch.

    What is free ("transparent") or cancelled takes no time. A day without times is busy in `zone`. Raises Unreadable.
    """
    calendar = _read(content)
    found: list[Stretch] = []
    try:
        for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(first, last):
            found += _taken(event, zone)
            if len(found) > MOST_TIMES:
                raise Unreadable("too_many")
    except Unreadable:
        raise
    except Exception as error:  # the library may stumble in many ways over what it is given
        raise Unreadable("no_calendar") from error
    return list(_joined(sorted(one for one in found if one[0] < one[1])))


def _read(content: bytes) -> Calendar:
    try:
        calendar = Calendar.from_ical(content)
    except Exception as error:
        raise Unreadable("no_calendar") from error
    if not isinstance(calendar, Calendar) or calendar.name != "VCALENDAR":
        raise Unreadable("no_calendar")
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS or any(_is_too_often(event) for event in events):
        raise Unreadable("too_many")
    return calendar


def _is_too_often(event: Component) -> bool:
    """Whether it repeats within a day: no session does, and working it out could take for ever."""
    rules: Any = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        often = {str(word).upper() for word in rule.get("FREQ", [])}
        if often & _TOO_OFTEN or any(len(rule.get(part, [])) > 1 for part in _WITHIN_A_DAY):
            return True
    return False


def _taken(event: Event, zone: ZoneInfo) -> Iterator[Stretch]:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    if free or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    start, end = event.start, event.end
    if start is not None and end is not None:
        yield _instant(start, zone), _instant(end, zone)


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(0), zone)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _joined(ordered: list[Stretch]) -> Iterator[Stretch]:
    current: Stretch | None = None
    for start, end in ordered:
        if current is not None and start <= current[1] + timedelta(0):
            current = (current[0], max(current[1], end))
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current
