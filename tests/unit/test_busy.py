"""Another calendar's file into stretches of time, whatever it holds."""

import time
from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from app.lib.calendars import busy_entries, busy_times, calendar_excerpt
from app.lib.calendars.busy_times import Stretch

NAIROBI = ZoneInfo("Africa/Nairobi")
FIRST = datetime(2027, 3, 1, tzinfo=UTC)
LAST = FIRST + timedelta(days=60)
WINDOW = busy_times.Window(FIRST, LAST, NAIROBI)


def _file(*events: str) -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20270101T000000Z\r\n{event}END:VEVENT\r\n"
        for n, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{body}END:VCALENDAR\r\n".encode()


def _stretches(content: bytes, window: busy_times.Window) -> list[Stretch]:
    return busy_entries.stretches(content.splitlines(keepends=True), window).times


def _at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def test_times_in_utc_in_a_zone_and_without_one() -> None:
    """A time that names no zone is the practitioner's."""
    content = _file(
        "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n",
        "DTSTART;TZID=Europe/Paris:20270303T090000\r\nDURATION:PT30M\r\n",
        "DTSTART:20270304T090000\r\nDTEND:20270304T100000\r\n",
    )
    assert _stretches(content, WINDOW) == [
        (_at(2, 9), _at(2, 10)),
        (_at(3, 8), _at(3, 8, 30)),
        (_at(4, 6), _at(4, 7)),
    ]


def test_a_whole_day_is_the_practitioners_day() -> None:
    content = _file("DTSTART;VALUE=DATE:20270305\r\nDTEND;VALUE=DATE:20270306\r\n")
    assert _stretches(content, WINDOW) == [(_at(4, 21), _at(5, 21))]


def test_what_repeats_is_right_over_a_clock_change_and_skips_what_it_leaves_out() -> None:
    """Complaint 25: nine in Paris is nine in Paris before and after the last Sunday of March."""
    content = _file(
        "DTSTART;TZID=Europe/Paris:20270322T090000\r\nDTEND;TZID=Europe/Paris:20270322T100000\r\n"
        "RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;TZID=Europe/Paris:20270405T090000\r\n"
    )
    assert _stretches(content, WINDOW) == [(_at(22, 8), _at(22, 9)), (_at(29, 7), _at(29, 8))]


def test_free_and_cancelled_entries_take_no_time_and_neighbours_are_one() -> None:
    content = _file(
        "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\nTRANSP:TRANSPARENT\r\n",
        "DTSTART:20270302T110000Z\r\nDTEND:20270302T120000Z\r\nSTATUS:CANCELLED\r\n",
        "DTSTART:20270303T090000Z\r\nDTEND:20270303T100000Z\r\n",
        "DTSTART:20270303T093000Z\r\nDTEND:20270303T110000Z\r\n",
        "DTSTART:20270303T110000Z\r\nDTEND:20270303T120000Z\r\n",
    )
    assert _stretches(content, WINDOW) == [(_at(3, 9), _at(3, 12))]


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>log in</html>", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\n", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"],
)
def test_what_is_no_calendar_says_so(content: bytes) -> None:
    with pytest.raises(busy_times.Unreadable, match="no_calendar"):
        _stretches(content, WINDOW)


def test_more_entries_than_anybody_has_are_refused() -> None:
    one = "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n"
    with pytest.raises(busy_times.Unreadable, match="too_many"):
        _stretches(_file(*[one] * (calendar_excerpt.MOST_EVENTS + 1)), WINDOW)


def test_the_other_process_says_the_same() -> None:
    content = _file(
        "DTSTART;TZID=Europe/Paris:20270303T090000\r\nDURATION:PT30M\r\nSUMMARY:مها\r\n",
        "DTSTART:20270304T090000\r\nDTEND:20270304T100000\r\n",
    )
    assert busy_times.read(content, WINDOW).times == _stretches(content, WINDOW)
    with pytest.raises(busy_times.Unreadable, match="no_calendar"):
        busy_times.read(b"<html>", WINDOW)


def test_a_rule_that_never_comes_true_is_given_up() -> None:
    """A busy feed that is slow to work out: the thirtieth of February of every year there will be, many times."""
    rule = "DTSTART:20200101T000000Z\r\nDTEND:20200101T010000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\n"
    began = time.monotonic()
    with pytest.raises(busy_times.Unreadable, match="too_many"):
        busy_times.read(_file(*[rule] * 500), WINDOW, seconds=3)
    assert time.monotonic() - began < 50  # to the end it takes many minutes


_GOOD = "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n"


@pytest.mark.parametrize(
    "odd",
    [
        "DTSTART:20270303T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=FOO\r\n",
        "DTSTART:20270303T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=x\r\n",
        "SUMMARY:no beginning\r\n",
        "DTSTART:hello\r\nDURATION:PT1H\r\n",
        "DTSTART:20270303T090000Z\r\nDURATION:P9999999D\r\n",
        "DTSTART:99991230T090000Z\r\nDTEND:99991231T235959Z\r\nRRULE:FREQ=DAILY\r\n",
    ],
)
def test_one_odd_entry_does_not_make_all_others_unreadable(odd: str) -> None:
    assert _stretches(_file(odd, _GOOD, odd), WINDOW) == [(_at(2, 9), _at(2, 10))]
    assert busy_times.read(_file(odd, _GOOD), WINDOW).times == [(_at(2, 9), _at(2, 10))]


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:99991231", "DTEND;VALUE=DATE:99960229"])
def test_what_never_ends_is_busy_until_after_the_window(end: str) -> None:
    [(start, until)] = _stretches(_file(f"DTSTART;VALUE=DATE:20270305\r\n{end}\r\n"), WINDOW)
    assert (start, until > LAST) == (_at(4, 21), True)
    content = _file("DTSTART:20270305T090000Z\r\nDTEND:99991231T235959Z\r\n", _GOOD)
    assert [start for start, _ in _stretches(content, WINDOW)] == [_at(2, 9), _at(5, 9)]


def test_a_calendar_that_only_shows_when_its_owner_is_busy_is_read_too() -> None:
    """RFC 5545, 3.6.4: some houses publish nothing but VFREEBUSY; taken for empty, every time of it could be booked."""
    said = (
        "FREEBUSY:20270302T090000Z/20270302T100000Z,20270302T120000Z/PT30M\r\n"
        "FREEBUSY;FBTYPE=FREE:20270303T090000Z/20270303T100000Z\r\n"
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270304T090000Z/PT1H\r\n"
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260304T090000Z/PT1H\r\n"
    )
    content = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VFREEBUSY\r\nUID:1\r\n{said}END:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    expected = [(_at(2, 9), _at(2, 10)), (_at(2, 12), _at(2, 12, 30)), (_at(4, 9), _at(4, 10))]
    assert _stretches(content.encode(), WINDOW) == busy_times.read(content.encode(), WINDOW).times == expected


def test_a_reader_that_stumbles_says_that_it_is_no_calendar_and_not_that_it_is_too_much() -> None:
    with resources.files("tzdata.zoneinfo.Africa").joinpath("Nairobi").open("rb") as data:
        zone = ZoneInfo.from_file(data, "No/Such_Zone")  # the other process does not find it
    with pytest.raises(busy_times.Unreadable, match="no_calendar"):
        busy_times.read(_file(_GOOD), busy_times.Window(FIRST, LAST, zone))
