"""Entries as calendar programs write them: what takes time takes it, what does not leaves it free, and one voids no file."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.lib.calendars import busy_entries
from app.lib.calendars.busy_times import Busy, Stretch, Unreadable, Window, read

NAIROBI = ZoneInfo("Africa/Nairobi")
FIRST = datetime(2027, 3, 1, tzinfo=UTC)
WINDOW = Window(FIRST, FIRST + timedelta(days=370), NAIROBI, frozenset(), frozenset({"amina@clinic.example"}))
_GOOD = "DTSTART:20270302T090000Z\r\nDTEND:20270302T100000Z\r\n"


def _calendar(*events: str, head: str = "") -> bytes:
    body = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20270101T000000Z\r\n{event}END:VEVENT\r\n"
        for n, event in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{head}{body}END:VCALENDAR\r\n".encode()


def _found(content: bytes, window: Window = WINDOW) -> Busy:
    return busy_entries.stretches(content.splitlines(keepends=True), window)


def _times(*events: str, window: Window = WINDOW) -> list[Stretch]:
    return _found(_calendar(*events), window).times


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------ whole days, offsets


@pytest.mark.parametrize(
    "end", ["DTEND;VALUE=DATE:20270305\r\n", "DURATION:PT0S\r\n", "DURATION:P0D\r\n", "", "DURATION:P1D\r\n"]
)
def test_a_day_that_ends_on_itself_is_a_whole_day(end: str) -> None:
    """Old Outlook says DTEND = DTSTART; without an end RFC 5545, 3.6.1, says one day."""
    assert _times(f"DTSTART;VALUE=DATE:20270305\r\n{end}") == [(_at(4, 21), _at(5, 21))]


def test_a_day_of_outlook_that_is_written_as_midnight_is_a_whole_day() -> None:
    midnight = "DTSTART;TZID=Africa/Nairobi:20270305T000000\r\nDTEND;TZID=Africa/Nairobi:20270305T000000\r\n"
    assert _times(f"{midnight}X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\r\n") == [(_at(4, 21), _at(5, 21))]
    assert _times(midnight) == [], "a moment takes no time"


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("GMT+03:00", _at(3, 6)),
        ('"GMT+03:00"', _at(3, 6)),
        ("GMT+0300", _at(3, 6)),
        ("GMT+3", _at(3, 6)),
        ("UTC-05:00", _at(3, 14)),
        ("GMT+05:30", _at(3, 3, 30)),
        ("gmt+5:45", _at(3, 3, 15)),
        ("(UTC+03:00) Nairobi", _at(3, 6)),
        ("Europe/Paris", _at(3, 8)),
        ("Etc/GMT+3", _at(3, 12)),  # the other way round, as that list has it
    ],
)
def test_an_offset_is_read_as_one_with_quotes_and_without(zone: str, begins: datetime) -> None:
    """RFC 5545, 3.1: a colon in a parameter must stand in quotes; programs forget them."""
    event = f"DTSTART;TZID={zone}:20270303T090000\r\nDTEND;TZID={zone}:20270303T100000\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"
    left_out = f"EXDATE;TZID={zone}:20270310T090000\r\n"
    hour = timedelta(hours=1)
    assert _times(event + left_out) == [(begins, begins + hour)]
    week = timedelta(days=7)
    assert _times(event) == [(begins, begins + hour), (begins + week, begins + week + hour)]


def test_an_offset_that_the_file_explains_itself_is_as_it_explains_it() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:GMT+11:00\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        "TZOFFSETFROM:+0400\r\nTZOFFSETTO:+0400\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    event = "DTSTART;TZID=GMT+11:00:20270303T090000\r\nDURATION:PT1H\r\n"
    assert _found(_calendar(event, head=zone)).times == [(_at(3, 5), _at(3, 6))]


# ------------------------------------------------------------------------------------------------ what leaves time free


@pytest.mark.parametrize(
    "free",
    [
        "TRANSP:TRANSPARENT\r\n",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE\r\n",
        "X-MICROSOFT-CDO-BUSYSTATUS:free\r\nTRANSP:OPAQUE\r\n",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:Amina@Clinic.example\r\n",
        "ATTENDEE;CN=Amina;PARTSTAT=declined;EMAIL=amina@clinic.example:urn:uuid:1\r\n",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@x.example\r\nATTENDEE;CN=\"A; long name that folds the\r\n  line\";"
        "PARTSTAT=DECLINED:MAILTO:amina@clinic.example\r\n",
    ],
)  # fmt: skip
def test_what_its_owner_declined_or_marked_as_free_takes_no_time(free: str) -> None:
    """RFC 5545, 3.2.12 and 3.8.2.7; [MS-OXCICAL] 2.1.3.1.1.20.31."""
    assert _times(_GOOD + free) == []


@pytest.mark.parametrize(
    "busy",
    [
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:amina@clinic.example\r\n",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:somebody@else.example\r\n",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:not-amina@clinic.example\r\n",
        'ATTENDEE;SENT-BY="mailto:amina@clinic.example";PARTSTAT=DECLINED:mailto:somebody@else.example\r\n',
    ],
)
def test_what_others_declined_takes_time(busy: str) -> None:
    assert _times(_GOOD + busy) == [(_at(2, 9), _at(2, 10))]


def test_a_calendar_that_is_named_by_an_address_is_its_owners() -> None:
    """Google names a person's main calendar by their address, which need not be the one they log in with here."""
    content = _calendar(
        _GOOD + "ATTENDEE;PARTSTAT=DECLINED:mailto:amina@home.example\r\n", head="X-WR-CALNAME:amina@home.example\r\n"
    )
    assert _found(content).times == []


def test_one_declined_time_of_a_series_leaves_the_others() -> None:
    series = "DTSTART:20270302T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\n"
    declined = (
        "RECURRENCE-ID:20270303T090000Z\r\nDTSTART:20270303T090000Z\r\nDURATION:PT1H\r\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:amina@clinic.example\r\n"
    )
    content = _calendar(series, declined).replace(b"UID:1", b"UID:0")
    assert _found(content).times == [(_at(2, 9), _at(2, 10)), (_at(4, 9), _at(4, 10))]


def test_our_own_sessions_are_known_by_their_names_alone() -> None:
    """Finding 9: another practitioner's invitation has the same domain, and takes time."""
    content = _calendar(_GOOD, "DTSTART:20270303T090000Z\r\nDTEND:20270303T100000Z\r\n")
    ours = replace(WINDOW, own=frozenset({"0"}))
    assert _found(content, ours).times == read(content, ours).times == [(_at(3, 9), _at(3, 10))]


# ------------------------------------------------------------------------------------------------ what repeats a lot


def test_an_entry_of_every_hour_is_worked_out_within_the_window() -> None:
    hourly = "DTSTART:19700101T000000Z\r\nDTEND:19700101T001500Z\r\nRRULE:FREQ=HOURLY\r\n"
    found = _found(_calendar(hourly, _GOOD))
    assert found.left_out == []
    assert (_at(2, 9), _at(2, 10, 15)) in found.times, "the hour and the quarter that follows it"
    assert (_at(2, 11), _at(2, 11, 15)) in found.times
    assert len(found.times) > 8_000


def test_an_entry_of_some_hours_a_day_keeps_its_beat() -> None:
    every_five = (
        "DTSTART;TZID=Africa/Nairobi:20260101T030000\r\nDURATION:PT10M\r\nRRULE:FREQ=HOURLY;INTERVAL=5;BYDAY=TU\r\n"
    )
    origin = datetime(2026, 1, 1, 3, tzinfo=NAIROBI)
    found = _times(every_five)
    assert found[0][0] >= FIRST
    assert all((start - origin).total_seconds() % (5 * 3600) == 0 for start, _ in found)
    assert all(start.astimezone(NAIROBI).weekday() == 1 for start, _ in found)
    assert len(found) > 200
    at_nine_and_one = "DTSTART:20260101T090000Z\r\nDURATION:PT10M\r\nRRULE:FREQ=DAILY;BYHOUR=9,13\r\n"
    assert _times(at_nine_and_one)[:2] == [(_at(1, 9), _at(1, 9, 10)), (_at(1, 13), _at(1, 13, 10))]


# What is raised amid a finalizer is swallowed and told as a warning; then it is raised again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY;BYSECOND=1,2"])
def test_what_repeats_beyond_measure_is_told_by_name_and_voids_nothing(rule: str) -> None:
    """A file of one line must not keep a worker busy for hours."""
    often = f"SUMMARY:Look at the oven\r\nDTSTART:19700101T000000Z\r\nDTEND:19700101T000001Z\r\nRRULE:{rule}\r\n"
    assert _found(_calendar(often, _GOOD)) == Busy([(_at(2, 9), _at(2, 10))], ["Look at the oven"])


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=HOURLY"])
def test_what_repeats_and_is_free_is_not_even_looked_at(rule: str) -> None:
    often = f"DTSTART:19700101T000000Z\r\nDTEND:19700101T000001Z\r\nRRULE:{rule}\r\nTRANSP:TRANSPARENT\r\n"
    assert _found(_calendar(often, _GOOD)) == Busy([(_at(2, 9), _at(2, 10))], [])


def test_a_rule_that_never_comes_true_is_told_by_name_and_voids_nothing() -> None:
    never = (
        "SUMMARY:Leap\r\nDTSTART:20200101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n"
    )
    assert read(_calendar(never, _GOOD), WINDOW) == Busy([(_at(2, 9), _at(2, 10))], ["Leap"])


# ------------------------------------------------------------------------------------------------ several calendars


def test_a_file_of_two_calendars_is_read_whole() -> None:
    """RFC 5545, 3.4: a stream may hold several."""
    second = _calendar("DTSTART:20270303T090000Z\r\nDTEND:20270303T100000Z\r\n")
    assert _found(_calendar(_GOOD) + second).times == [(_at(2, 9), _at(2, 10)), (_at(3, 9), _at(3, 10))]


@pytest.mark.parametrize("cut", [b"END:VCALENDAR\r\n", b"END:VEVENT\r\nEND:VCALENDAR\r\n"])
def test_a_file_that_is_still_being_written_is_no_calendar(cut: bytes) -> None:
    """What has not come yet would be free: what was read before counts on."""
    whole = _calendar(_GOOD)
    for content in (whole.removesuffix(cut), whole + whole.removesuffix(cut)):
        with pytest.raises(Unreadable, match="no_calendar"):
            _found(content)
