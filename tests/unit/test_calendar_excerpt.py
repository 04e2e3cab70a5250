"""What of a calendar file lies ahead: its past counts against no limit, and a limit there is."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.lib.calendars import busy_entries, calendar_excerpt
from app.lib.calendars.busy_times import Unreadable, Window

FIRST = datetime(2027, 3, 1, tzinfo=UTC)
WINDOW = Window(FIRST, FIRST + timedelta(days=370), ZoneInfo("Africa/Nairobi"))
_AHEAD = "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n"
_LINK = "DESCRIPTION:" + "Join the meeting here. " * 40 + "\r\n"


def _file(*events: str, more: str = "") -> list[bytes]:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}END:VEVENT\r\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{more}{body}END:VCALENDAR\r\n".encode().splitlines(keepends=True)


def _past(number: int) -> str:
    start = datetime(2024, 3, 1, 6, tzinfo=UTC) + timedelta(hours=number)
    return f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\n{_LINK}"


def test_three_busy_years_pass_and_the_next_appointment_is_seen() -> None:
    """Finding 2: 5,000 entries and 2 MB were counted with the past."""
    lines = _file(*(_past(number) for number in range(6_000)), _AHEAD + _LINK)
    assert sum(map(len, lines)) > 5_000_000
    assert busy_entries.stretches(lines, WINDOW).times == [
        (datetime(2027, 3, 2, 9, tzinfo=UTC), datetime(2027, 3, 2, 10, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    "entry",
    [
        "DTSTART:20240302T090000Z\r\nDTEND:20270302T100000Z\r\n",
        "DTSTART:20240302T090000Z\r\nDURATION:P2000D\r\n",
        "DTSTART:20240302T090000Z\r\nDURATION:PT30000H\r\n",
        "DTSTART:20240302T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\n",
        "DTSTART:20240302T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;UNTIL=20270401T000000Z\r\n",
        "DTSTART:20240302T090000Z\r\nDURATION:PT1H\r\nRDATE:20270302T090000Z\r\n",
        "DTSTART;VALUE=DATE:20270228\r\n",
        "RECURRENCE-ID:20270302T090000Z\r\nDTSTART:20240302T090000Z\r\n",  # else the series would take its old time
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20240302T090000Z\r\nDTSTART:20240302T100000Z\r\n",
        "DTSTART:20270302T090000Z\r\nDTEND:20240302T100000Z\r\n",
        "DTSTART:hello\r\n",
    ],
)
def test_what_may_reach_into_the_time_ahead_is_kept(entry: str) -> None:
    assert b"UID:0" in calendar_excerpt.lying_ahead(_file(entry), WINDOW)


@pytest.mark.parametrize(
    "entry",
    [
        "DTSTART:20240302T090000Z\r\nDTEND:20240302T100000Z\r\n",
        "DTSTART:20240302T090000Z\r\n",
        "DTSTART:20240302T090000Z\r\nDURATION:P1W\r\n",
        "DTSTART;TZID=Europe/Paris:20240302T090000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;UNTIL=20250401T000000Z\r\n",
        "RECURRENCE-ID:20240303T090000Z\r\nDTSTART:20240302T090000Z\r\n",
        "DTSTART:20290302T090000Z\r\nDTEND:20290302T100000Z\r\n",
    ],
)
def test_what_is_over_or_further_than_anybody_books_is_dropped(entry: str) -> None:
    assert b"UID:0" not in calendar_excerpt.lying_ahead(_file(entry), WINDOW)


def test_words_alarms_and_tasks_are_dropped_and_folded_lines_are_whole() -> None:
    alarm = "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nDTSTART:19990101T000000Z\r\nEND:VALARM\r\n"
    task = "BEGIN:VTODO\r\nUID:task\r\nDTSTART:20270302T090000Z\r\nEND:VTODO\r\n"
    folded = "DTSTART:20270\r\n 302T0900\r\n\t00Z\r\nDESCRIPTION:Dent\r\n ist\r\n"
    kept = calendar_excerpt.lying_ahead(_file(folded + alarm, more=task), WINDOW)
    assert b"DTSTART:20270302T090000Z\r\n" in kept
    for gone in (b"ist", b"VALARM", b"1999", b"task", b"VTODO"):
        assert gone not in kept


def _endless(entry: str) -> Iterator[bytes]:
    yield b"BEGIN:VCALENDAR\r\n"
    for number in itertools.count():
        yield from f"BEGIN:VEVENT\r\nUID:{number}\r\n{entry}END:VEVENT\r\n".encode().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [(_AHEAD, "too_many"), (_AHEAD + "EXDATE:20270302T090000Z" + ",20270302T090000Z" * 5_000 + "\r\n", "too_large")],
)
def test_what_lies_ahead_without_end_is_given_up(entry: str, problem: str) -> None:
    with pytest.raises(Unreadable, match=problem):
        calendar_excerpt.lying_ahead(_endless(entry), WINDOW)


def test_one_entry_without_end_is_given_up() -> None:
    lines = itertools.chain(
        [b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\n"], itertools.repeat(b"EXDATE:20270302T090000Z\r\n")
    )
    with pytest.raises(Unreadable, match="too_large"):
        calendar_excerpt.lying_ahead(lines, WINDOW)


def test_the_busy_times_of_the_past_are_dropped_too() -> None:
    """RFC 5545, 3.6.4."""
    past = ",".join(["20240302T090000Z/PT1H"] * 3_000)
    said = f"BEGIN:VFREEBUSY\r\nUID:1\r\nFREEBUSY;FBTYPE=BUSY:{past},20270302T090000Z/PT1H\r\nEND:VFREEBUSY\r\n"
    kept = calendar_excerpt.lying_ahead(_file(more=said), WINDOW)
    assert b"FREEBUSY;FBTYPE=BUSY:20270302T090000Z/PT1H\r\n" in kept
    assert b"2024" not in kept
