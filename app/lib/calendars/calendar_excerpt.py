"""What of a calendar file lies ahead, line by line (RFC 5545, 3.1): a past of years, and words, are never held in memory.

Nothing is worked out here: an entry is kept unless its dates alone say that it is over, or further away than anybody
books. Of what is kept only the lines stay that say when it is, and how it counts.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from app.lib.calendars.busy_times import Unreadable, Window

MOST_EVENTS = 5_000
MOST_BYTES = 2 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_ZONES_APART = timedelta(days=2)  # how far a date that is read as it stands may be from the instant
_LONGEST_NAME = 80
_OF_CALENDARS = frozenset((b"VERSION", b"PRODID", b"CALSCALE", b"METHOD", b"X-WR-TIMEZONE", b"X-WR-CALNAME"))
_TIMES = frozenset((b"DTSTART", b"DTEND", b"RECURRENCE-ID", b"EXDATE", b"RDATE"))
_STATES = frozenset((b"STATUS", b"TRANSP", b"X-MICROSOFT-CDO-BUSYSTATUS", b"X-MICROSOFT-CDO-ALLDAYEVENT"))
_OF_EVENTS = _TIMES | _STATES | {b"UID", b"SEQUENCE", b"DURATION", b"RRULE"}
_NAME = re.compile(rb"[A-Za-z0-9-]+")
_DATE = re.compile(rb"(\d{4})(\d\d)(\d\d)")
_UNTIL = re.compile(rb"UNTIL=(\d{8})", re.IGNORECASE)
_DURATION = re.compile(rb"\+?P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?)?", re.IGNORECASE)
# A zone that is named by its offset, often without the quotes that its colon needs (RFC 5545, 3.1).
_OFFSET = re.compile(rb';TZID="?(\(?(?:GMT|UTC)([+-])(\d{1,2}):?(\d\d)?\)?[^":;]*)"?(?=[:;])', re.IGNORECASE)
_FIXED = (
    b"BEGIN:VTIMEZONE\r\nTZID:%(name)s\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    b"TZOFFSETFROM:%(offset)s\r\nTZOFFSETTO:%(offset)s\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def lying_ahead(lines: Iterable[bytes], window: Window) -> bytes:
    """Return the file's calendars with those entries that may touch the window.

    Raises Unreadable: no_calendar where the file ends before its end, too_many or too_large where too much lies ahead.
    """
    excerpt = _Excerpt(window)
    for line in _unfolded(lines):
        excerpt.add(line)
    return excerpt.written()


class _Excerpt:
    """What is kept so far: whole calendars, those parts of the present one that have ended, and the part being read."""

    def __init__(self, window: Window) -> None:
        self._first = window.first.date() - _ZONES_APART
        self._last = window.last.date() + _ZONES_APART
        self._open: list[bytes] = []  # the names of what has begun, from the outside in
        self._calendars: list[bytes] = []
        self._head: list[bytes] = []
        self._kept: list[bytes] = []
        self._part: list[bytes] = []
        self._offsets: dict[bytes, bytes] = {}
        self._explained: set[bytes] = set()  # zones that the file brings itself
        self._events = 0
        self._bytes = 0

    def add(self, line: bytes) -> None:
        """The line is read."""
        name = _name_of(line)
        if name == b"BEGIN":
            self._begin(line)
        elif name == b"END":
            self._end(line)
        elif len(self._open) == 1:
            self._keep([line] if name in _OF_CALENDARS else [], self._head)
        elif self._open:
            self._keep(self._of_part(name, line), self._part)

    def written(self) -> bytes:
        """The calendars, which have all ended."""
        if self._open:
            raise Unreadable("no_calendar")
        return b"".join(self._calendars)

    def _begin(self, line: bytes) -> None:
        name = line.partition(b":")[2].strip().upper()
        if self._open or name == b"VCALENDAR":
            self._open.append(name)
        if len(self._open) > 2 and self._open[1] == b"VTIMEZONE":
            self._keep([line], self._part)

    def _end(self, line: bytes) -> None:
        if len(self._open) > 2 and self._open[1] == b"VTIMEZONE":
            self._keep([line], self._part)
        if len(self._open) == 2:
            self._end_part(self._open[1])
        elif len(self._open) == 1:
            self._end_calendar()
        if self._open:
            self._open.pop()

    def _end_part(self, name: bytes) -> None:
        if name == b"VEVENT" and _may_touch(self._part, self._first, self._last):
            self._events += 1
            if self._events > MOST_EVENTS:
                raise Unreadable("too_many")
            self._kept += [b"BEGIN:VEVENT", *self._part, b"END:VEVENT"]
        elif name in (b"VTIMEZONE", b"VFREEBUSY"):
            self._kept += [b"BEGIN:" + name, *self._part, b"END:" + name]
        else:
            self._bytes -= sum(map(len, self._part))
        self._part = []

    def _end_calendar(self) -> None:
        zones = [
            _FIXED % {b"name": name, b"offset": offset}
            for name, offset in self._offsets.items()
            if name not in self._explained
        ]
        lines = b"".join(line + b"\r\n" for line in (*self._head, b"".join(zones).rstrip(), *self._kept) if line)
        self._calendars.append(b"BEGIN:VCALENDAR\r\n" + lines + b"END:VCALENDAR\r\n")
        self._head = []
        self._kept = []
        self._offsets = {}
        self._explained = set()

    def _of_part(self, name: bytes, line: bytes) -> Iterable[bytes]:
        """What is kept of a line of a part of the calendar."""
        if self._open[1] == b"VTIMEZONE":
            if name == b"TZID":
                self._explained.add(line.partition(b":")[2].strip())
            return [line]
        if len(self._open) > 2:
            return []  # an alarm
        if self._open[1] == b"VFREEBUSY":
            return self._periods_ahead(line) if name == b"FREEBUSY" else []
        return self._of_event(name, line) if self._open[1] == b"VEVENT" else []

    def _of_event(self, name: bytes, line: bytes) -> Iterable[bytes]:
        if name in _TIMES:
            return [_OFFSET.sub(self._quoted, line)]
        if name == b"SUMMARY":
            return [line.decode("utf-8", "ignore")[:_LONGEST_NAME].encode()]
        is_declined = name == b"ATTENDEE" and b"DECLINED" in line.upper()
        return [line] if is_declined or name in _OF_EVENTS else []

    def _quoted(self, found: re.Match[bytes]) -> bytes:
        name, sign, hours, minutes = found.groups()
        self._offsets[name] = sign + hours.rjust(2, b"0") + (minutes or b"00")
        return b';TZID="' + name + b'"'

    def _periods_ahead(self, line: bytes) -> Iterator[bytes]:
        said, _, periods = line.rpartition(b":")
        ahead = [each for each in periods.split(b",") if _is_between(_dates_of(each), self._first, self._last)]
        if ahead:
            yield said + b":" + b",".join(ahead)

    def _keep(self, lines: Iterable[bytes], among: list[bytes]) -> None:
        for line in lines:
            self._bytes += len(line)
            among.append(line)
        if self._bytes > MOST_BYTES:
            raise Unreadable("too_large")


def _unfolded(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The file's lines, each with what was folded under it, without their ends."""
    parts: list[bytes] = []
    for each in lines:
        line = each.rstrip(b"\r\n")
        if line[:1] in (b" ", b"\t"):
            parts.append(line[1:])
        elif line:
            if parts:
                yield b"".join(parts).removeprefix(_BOM)
            parts = [line]
    yield b"".join(parts).removeprefix(_BOM)


def _name_of(line: bytes) -> bytes:
    found = _NAME.match(line)
    return found.group().upper() if found else b""


def _may_touch(event: list[bytes], first: date, last: date) -> bool:
    """Whether the entry, or one that it stands for in a series, may lie between two days."""
    said = {_name_of(line): line for line in event}
    rule = said.get(b"RRULE", b"")
    until = _UNTIL.search(rule)
    is_of_more = b"RANGE=" in said.get(b"RECURRENCE-ID", b"").upper()
    if is_of_more or b"RDATE" in said or (rule and not until):
        return True
    dates = _dates_of(_value(said, b"DTSTART") + b"/" + (_value(said, b"DTEND") or _value(said, b"DURATION")))
    if until and dates:
        dates.append(_later(_date(until.group(1)) or date.max, max(dates) - min(dates)))
    if b"RECURRENCE-ID" in said:
        dates.append(_date(_value(said, b"RECURRENCE-ID")) or date.max)
    return _is_between(dates, first, last)


def _value(said: dict[bytes, bytes], name: bytes) -> bytes:
    return said.get(name, b"").rpartition(b":")[2].strip()


def _dates_of(period: bytes) -> list[date]:
    """The dates of a beginning and an end or length, as they stand there; none where they make no sense."""
    beginning, _, ending = period.partition(b"/")
    start = _date(beginning)
    if start is None:
        return []
    length = _DURATION.match(ending)
    if length is None:
        return [start, _date(ending) or start]
    weeks, days, hours = (int(part or 0) for part in length.groups())
    return [start, _later(start, timedelta(weeks=weeks, days=days + hours // 24 + 1))]


def _date(said: bytes) -> date | None:
    found = _DATE.match(said.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _later(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return date.max


def _is_between(dates: list[date], first: date, last: date) -> bool:
    """Whether what has these dates may lie there; of what has none that is not known."""
    return not dates or (max(dates) >= first and min(dates) <= last)
