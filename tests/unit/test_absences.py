"""Time off and fixed times into instants, worked out by hand in zones that change their clocks (issue 13, 12)."""

import subprocess
import sys
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import Absence, ClassTime, DayRule, Opening, class_starts, crossing_class, is_clear
from config import ROOT

LOS_ANGELES, LORD_HOWE, APIA = (ZoneInfo(z) for z in ("America/Los_Angeles", "Australia/Lord_Howe", "Pacific/Apia"))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "absence", "begins", "ends"),
    [
        # Los Angeles springs forward on 14 March 2027: the whole day has 23 hours, from 08:00 UTC to 07:00 UTC.
        (LOS_ANGELES, Absence(date(2027, 3, 14), date(2027, 3, 14)), "2027-03-14T08:00", "2027-03-15T07:00"),
        # and back on 7 November: 25 hours.
        (LOS_ANGELES, Absence(date(2027, 11, 7), date(2027, 11, 7)), "2027-11-07T07:00", "2027-11-08T08:00"),
        # Until 01:30, which happens twice that night: until the second, 09:30 UTC.
        (LOS_ANGELES, Absence(date(2027, 11, 6), date(2027, 11, 7), time(18), time(1, 30)), "2027-11-07T01:00", "2027-11-07T09:30"),
        # Until 02:30, which never happens that night: the moment after, 03:30 of summer, 10:30 UTC.
        (LOS_ANGELES, Absence(date(2027, 3, 13), date(2027, 3, 14), None, time(2, 30)), "2027-03-13T08:00", "2027-03-14T10:30"),
        # Lord Howe goes back by half an hour on 4 April 2027 at 02:00 (+11 to +10:30): 01:45 happens at 14:45 and 15:15 UTC.
        (LORD_HOWE, Absence(date(2027, 4, 4), date(2027, 4, 4), None, time(1, 45)), "2027-04-03T13:00", "2027-04-03T15:15"),
        # A whole week there, the change inside it: +11 at its beginning, +10:30 at its end.
        (LORD_HOWE, Absence(date(2027, 3, 29), date(2027, 4, 4)), "2027-03-28T13:00", "2027-04-04T13:30"),
        # Apia is thirteen hours ahead: its 12 January begins on the 11th in UTC.
        (APIA, Absence(date(2027, 1, 12), date(2027, 1, 13)), "2027-01-11T11:00", "2027-01-13T11:00"),
    ],
)  # fmt: skip
def test_time_off_is_as_long_as_the_local_clock_says(zone: ZoneInfo, absence: Absence, begins: str, ends: str) -> None:
    assert absence.window(zone) == (_utc(begins), _utc(ends))


@pytest.mark.parametrize(
    ("absence", "is_reversed"),
    [
        (Absence(date(2027, 8, 2), date(2027, 8, 1)), True),
        (Absence(date(2027, 8, 1), date(2027, 8, 1)), False),
        (Absence(date(2027, 8, 1), date(2027, 8, 1), time(14), time(14)), True),
        (Absence(date(2027, 8, 1), date(2027, 8, 1), time(14), time(13)), True),
        (Absence(date(2027, 8, 1), date(2027, 8, 2), time(14), time(13)), False),
        (Absence(date(2027, 8, 1), date(2027, 8, 1), time(14), None), False),
        (Absence(date(2027, 8, 1), date(2027, 8, 1), time(14), time(0)), False),  # midnight at its end
    ],
)
def test_time_off_ends_after_it_begins(absence: Absence, is_reversed: bool) -> None:
    assert absence.is_reversed is is_reversed


def test_what_touches_time_off_is_clear_of_it() -> None:
    off = [(_utc("2027-08-01T10:00"), _utc("2027-08-01T12:00"))]
    assert is_clear((_utc("2027-08-01T09:00"), _utc("2027-08-01T10:00")), off)
    assert is_clear((_utc("2027-08-01T12:00"), _utc("2027-08-01T13:00")), off)
    assert not is_clear((_utc("2027-08-01T09:30"), _utc("2027-08-01T10:01")), off)
    assert not is_clear((_utc("2027-08-01T09:00"), _utc("2027-08-01T13:00")), off)


TUESDAYS = [ClassTime(1, time(18)), ClassTime(1, time(9))]


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        (LOS_ANGELES, date(2027, 3, 9), ["2027-03-09T17:00", "2027-03-10T02:00"]),  # eight hours behind
        (LOS_ANGELES, date(2027, 3, 16), ["2027-03-16T16:00", "2027-03-17T01:00"]),  # seven, after the change
        (LORD_HOWE, date(2027, 3, 30), ["2027-03-29T22:00", "2027-03-30T07:00"]),
        (LORD_HOWE, date(2027, 4, 6), ["2027-04-05T22:30", "2027-04-06T07:30"]),
        (APIA, date(2027, 1, 12), ["2027-01-11T20:00", "2027-01-12T05:00"]),
        (APIA, date(2027, 1, 13), []),
    ],
)
def test_a_class_at_six_is_at_six_on_both_sides_of_a_clock_change(zone: ZoneInfo, day: date, starts: list[str]) -> None:
    assert class_starts(TUESDAYS, {}, day, 60, zone) == [_utc(start) for start in starts]


def test_on_a_day_with_hours_of_its_own_those_classes_remain_that_they_hold() -> None:
    tuesday = date(2027, 3, 16)
    own = {tuesday: DayRule(tuesday, (Opening(time(8), time(10)), Opening(time(18), time(18, 59))))}
    assert class_starts(TUESDAYS, own, tuesday, 60, LOS_ANGELES) == [_utc("2027-03-16T16:00")]
    assert class_starts(TUESDAYS, {tuesday: DayRule(tuesday, ())}, tuesday, 60, LOS_ANGELES) == []


@pytest.mark.parametrize(
    ("classes", "minutes", "crosses"),
    [
        ([(1, "18:00"), (1, "19:00")], 60, False),
        ([(1, "18:00"), (1, "18:59")], 60, True),
        ([(6, "23:30"), (0, "00:15")], 60, True),  # Sunday night runs into Monday
        ([(6, "23:30"), (0, "00:30")], 60, False),
        ([(1, "18:00")], 720, False),
        ([(1, "18:00"), (3, "18:00"), (3, "18:30"), (5, "09:00")], 45, True),
    ],
)
def test_a_class_that_begins_inside_another_is_found(
    classes: list[tuple[int, str]], minutes: int, crosses: bool
) -> None:
    found = crossing_class([ClassTime(day, time.fromisoformat(wall)) for day, wall in classes], minutes)
    assert (found is not None) is crosses


def test_nobody_loads_the_library_of_holidays_who_asks_for_none() -> None:
    """It is large, and few processes ever ask."""
    asked = "import sys, app.factory, app.blueprints.practice, app.blueprints.api; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=ROOT, check=False).returncode == 0
