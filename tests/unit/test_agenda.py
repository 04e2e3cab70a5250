"""Local rules into instants, over both clock changes (complaint 25)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import DayRule, Opening, days, starts, stretches, windows

PARIS, NAIROBI, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("Africa/Nairobi"), ZoneInfo("America/New_York")
NINE_TO_FIVE = {weekday: [Opening(time(9), time(17))] for weekday in range(7)}


def test_hours_are_local_time_whatever_the_season() -> None:
    winter = windows(NINE_TO_FIVE, {}, date(2027, 1, 15), PARIS)
    summer = windows(NINE_TO_FIVE, {}, date(2027, 7, 15), PARIS)
    assert winter[0][0] == datetime(2027, 1, 15, 8, tzinfo=UTC)
    assert summer[0][0] == datetime(2027, 7, 15, 7, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2027, 10, 31), 25), (date(2027, 6, 1), 24)])
def test_a_day_open_from_midnight_to_midnight_has_its_real_length(day: date, hours: int) -> None:
    all_day = {weekday: [Opening(time(0), time(0))] for weekday in range(7)}
    [(begin, end)] = windows(all_day, {}, day, PARIS)
    assert end - begin == timedelta(hours=hours)
    assert len(list(starts((begin, end), end, 60, 60))) == hours


def test_a_start_inside_the_skipped_hour_means_the_moment_after_it() -> None:
    early = {6: [Opening(time(2, 30), time(4))]}
    [(begin, _)] = windows(early, {}, date(2027, 3, 28), PARIS)
    assert begin == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert begin.astimezone(PARIS).time() == time(3, 30)


def test_an_opening_wholly_inside_the_skipped_hour_is_never_negative() -> None:
    inside = {6: [Opening(time(2, 15), time(2, 45))]}
    for begin, end in windows(inside, {}, date(2027, 3, 28), PARIS):
        assert begin < end


def test_no_session_ever_runs_past_the_closing_time_on_a_clock_change() -> None:
    for day in (date(2027, 3, 14), date(2027, 11, 7)):
        night = {6: [Opening(time(0), time(4))]}
        for window in windows(night, {}, day, NEW_YORK):
            for start in starts(window, window[1], 60, 30):
                assert start + timedelta(minutes=60) <= window[1]


def test_an_exception_replaces_the_week_and_an_empty_one_closes_the_day() -> None:
    day = date(2027, 6, 7)
    closed = {day: DayRule(day, ())}
    late = {day: DayRule(day, (Opening(time(18), time(20)),))}
    assert windows(NINE_TO_FIVE, closed, day, NAIROBI) == []
    assert windows(NINE_TO_FIVE, late, day, NAIROBI)[0][0] == datetime(2027, 6, 7, 15, tzinfo=UTC)


def test_sessions_begin_every_step_and_end_inside_the_window() -> None:
    begin = datetime(2027, 6, 7, 6, tzinfo=UTC)
    end = begin + timedelta(hours=2)
    assert list(starts((begin, end), end, 50, 60)) == [begin, begin + timedelta(hours=1)]


def test_windows_that_touch_are_one_stretch_and_those_with_a_gap_are_two() -> None:
    nine, ten, noon, one = (datetime(2027, 6, 7, hour, tzinfo=UTC) for hour in (9, 10, 12, 13))
    assert stretches([(ten, noon), (nine, ten)]) == [(nine, noon)]
    assert stretches([(noon, one), (nine, ten)]) == [(nine, ten), (noon, one)]
    assert list(starts((nine, ten), noon, 90, 30)) == [nine, nine + timedelta(minutes=30)], "none after the window"


def test_days_are_counted_from_first_to_last() -> None:
    assert [d.day for d in days(date(2027, 6, 29), date(2027, 7, 1))] == [29, 30, 1]
