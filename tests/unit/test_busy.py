"""Another calendar's file into stretches of time, whatever it holds."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app import busy

NAIROBI = ZoneInfo("Africa/Nairobi")
FIRST = datetime(2027, 3, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=60)
WINDOW = busy.Window(FIRST, LAST, NAIROBI, "kikao.example")


def _file(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20270101T000000Z\r\n{event}END:VEVENT\r\n"
        for n, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{body}END:VCALENDAR\r\n".encode()


def _at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def test_times_in_utc_in_a_zone_and_without_one() -> None:
    """A time that names no zone is the practitioner's."""
    content = _file(
        "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n",
        "DTSTART;TZID=Europe/Paris:20270303T090000\r\nDURATION:PT30M\r\n",
        "DTSTART:20270304T090000\r\nDTEND:20270304T100000\r\n",
    )
    assert busy.stretches(content, WINDOW) == [
        (_at(2, 9), _at(2, 10)),
        (_at(3, 8), _at(3, 8, 30)),
        (_at(4, 6), _at(4, 7)),
    ]


def test_a_whole_day_is_the_practitioners_day() -> None:
    content = _file("DTSTART;VALUE=DATE:20270305\r\nDTEND;VALUE=DATE:20270306\r\n")
    assert busy.stretches(content, WINDOW) == [(_at(4, 21), _at(5, 21))]


def test_what_repeats_is_right_over_a_clock_change_and_skips_what_it_leaves_out() -> None:
    """Complaint 25: nine in Paris is nine in Paris before and after the last Sunday of March."""
    content = _file(
        "DTSTART;TZID=Europe/Paris:20270322T090000\r\nDTEND;TZID=Europe/Paris:20270322T100000\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Paris:20270405T090000\r\n"
    )
    assert busy.stretches(content, WINDOW) == [(_at(22, 8), _at(22, 9)), (_at(29, 7), _at(29, 8))]


def test_free_and_cancelled_entries_take_no_time_and_neighbours_are_one() -> None:
    content = _file(
        "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\nTRANSP:TRANSPARENT\r\n",
        "DTSTART:20270302T110000Z\r\nDTEND:20270302T120000Z\r\nSTATUS:CANCELLED\r\n",
        "DTSTART:20270303T090000Z\r\nDTEND:20270303T100000Z\r\n",
        "DTSTART:20270303T093000Z\r\nDTEND:20270303T110000Z\r\n",
        "DTSTART:20270303T110000Z\r\nDTEND:20270303T120000Z\r\n",
    )
    assert busy.stretches(content, WINDOW) == [(_at(3, 9), _at(3, 12))]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>log in</html>", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"],
)
def test_what_is_no_calendar_says_so(content: bytes) -> None:
    with pytest.raises(busy.Unreadable, match="no_calendar"):
        busy.stretches(content, WINDOW)


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3", "FREQ=DAILY;BYSECOND=1,2"]
)
def test_what_repeats_within_a_day_is_not_worked_out(rule: str) -> None:
    """A file of one line must not keep a worker busy for hours."""
    content = _file(f"DTSTART:19700101T000000Z\r\nDTEND:19700101T000001Z\r\nRRULE:{rule}\r\n")
    with pytest.raises(busy.Unreadable, match="too_many"):
        busy.stretches(content, WINDOW)


def test_more_entries_than_anybody_has_are_refused() -> None:
    one = "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n"
    with pytest.raises(busy.Unreadable, match="too_many"):
        busy.stretches(_file(*[one] * (busy.MOST_EVENTS + 1)), WINDOW)


def test_our_own_sessions_are_not_counted_again() -> None:
    """Invitations put them into that calendar: a group would be full after its first booking."""
    content = _file("DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n").replace(b"UID:0", b"UID:0@kikao.example")
    assert busy.stretches(content, WINDOW) == []
    other = content.replace(b"kikao.example", b"elsewhere.example")
    assert busy.stretches(other, WINDOW) == [(_at(2, 9), _at(2, 10))]


def test_the_other_process_says_the_same() -> None:
    content = _file(
        "DTSTART;TZID=Europe/Paris:20270303T090000\r\nDURATION:PT30M\r\nSUMMARY:مها\r\n",
        "DTSTART:20270304T090000\r\nDTEND:20270304T100000\r\n",
    )
    assert busy.read(content, WINDOW) == busy.stretches(content, WINDOW)
    with pytest.raises(busy.Unreadable, match="no_calendar"):
        busy.read(b"<html>", WINDOW)


def test_a_rule_that_never_comes_true_is_given_up() -> None:
    """A busy feed that is slow to work out: the thirtieth of February of every year there will be, many times."""
    rule = "DTSTART:20200101T000000Z\r\nDTEND:20200101T010000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\n"
    began = time.monotonic()
    with pytest.raises(busy.Unreadable, match="too_many"):
        busy.read(_file(*[rule] * 500), WINDOW, seconds=3)
    assert time.monotonic() - began < 8
