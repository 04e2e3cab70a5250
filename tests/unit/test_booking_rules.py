"""What a service asks of the time it is booked for: values worked out by hand, over clock changes and odd offsets."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.domain import agenda
from app.domain.agenda import Hours
from app.domain.booking_rules import BookingRules, Refusal, Sessions, refusal

LOS_ANGELES, KOLKATA = ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kolkata")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _asked(rules: BookingRules, start: str, now: str, zone: ZoneInfo, held: Sequence[str] = ()) -> Refusal | None:
    return refusal(rules, _at(start), _at(now), zone, Sessions.of(map(_at, held), zone))


@pytest.mark.parametrize(
    ("now", "start", "refused"),
    [
        # 13 March 20:00 (-8); the clock skips an hour at night, so twelve hours later it is 09:00 (-7).
        ("2027-03-14T04:00", "2027-03-14T15:00", Refusal.TOO_SOON),  # 08:00, by the wall twelve hours, in truth eleven
        ("2027-03-14T04:00", "2027-03-14T15:59", Refusal.TOO_SOON),
        ("2027-03-14T04:00", "2027-03-14T16:00", None),
        # 6 November 20:00 (-7); an hour comes twice, so twelve hours later it is 07:00 (-8).
        ("2027-11-07T03:00", "2027-11-07T14:30", Refusal.TOO_SOON),
        ("2027-11-07T03:00", "2027-11-07T15:00", None),
    ],
)
def test_a_notice_is_in_hours_that_pass_whatever_the_clock_does(now: str, start: str, refused: Refusal | None) -> None:
    assert _asked(BookingRules(lead_hours=12), start, now, LOS_ANGELES) is refused


@pytest.mark.parametrize(
    ("zone", "now", "days", "last", "beyond"),
    [
        # 12 March 23:30 in Los Angeles: two days ahead is the 14th, which ends at 07:00 UTC, for the clock has changed.
        (LOS_ANGELES, "2027-03-13T07:30", 2, "2027-03-15T06:30", "2027-03-15T07:00"),
        # 5 November 12:00 (-7): two days ahead is the 7th, which ends at 08:00 UTC.
        (LOS_ANGELES, "2027-11-05T19:00", 2, "2027-11-08T07:30", "2027-11-08T08:00"),
        # 2 June 00:15 in Kolkata, where it is the 1st in UTC: a day ahead is the 3rd, which ends at 18:30 UTC.
        (KOLKATA, "2027-06-01T18:45", 1, "2027-06-03T18:00", "2027-06-03T18:30"),
    ],
)
def test_how_far_ahead_is_counted_in_the_practitioners_own_days(
    zone: ZoneInfo, now: str, days: int, last: str, beyond: str
) -> None:
    rules = BookingRules(days_ahead=days)
    assert _asked(rules, last, now, zone) is None
    assert _asked(rules, beyond, now, zone) is Refusal.TOO_FAR


def test_a_day_is_full_by_the_practitioners_own_date() -> None:
    """23:45 and 00:15 in Kolkata are two days, and one in UTC."""
    rules, now = BookingRules(most_per_day=1), "2027-05-30T00:00"
    late = ["2027-06-01T18:15"]  # 1 June 23:45
    assert _asked(rules, "2027-06-01T18:45", now, KOLKATA, late) is None  # 2 June 00:15
    assert _asked(rules, "2027-05-31T18:30", now, KOLKATA, late) is Refusal.DAY_FULL  # 1 June 00:00
    assert _asked(rules, "2027-05-31T18:29", now, KOLKATA, late) is None  # 31 May 23:59


def test_a_week_begins_on_the_practitioners_own_monday() -> None:
    """Sunday 14 March 23:00 in Los Angeles is Monday in UTC, and a day of 23 hours."""
    rules, now = BookingRules(most_per_week=1), "2027-03-01T00:00"
    sunday = ["2027-03-15T06:00"]
    assert _asked(rules, "2027-03-15T07:00", now, LOS_ANGELES, sunday) is None  # Monday the 15th, 00:00 (-7)
    assert _asked(rules, "2027-03-15T06:59", now, LOS_ANGELES, sunday) is Refusal.WEEK_FULL  # Sunday 23:59
    assert (
        _asked(rules, "2027-03-08T08:00", now, LOS_ANGELES, sunday) is Refusal.WEEK_FULL
    )  # Monday the 8th, 00:00 (-8)
    assert _asked(rules, "2027-03-08T07:59", now, LOS_ANGELES, sunday) is None  # the Sunday before


def test_so_many_are_given_and_not_one_more() -> None:
    rules, now = BookingRules(most_per_day=2, most_per_week=3), "2027-06-01T00:00"
    monday = ["2027-06-07T06:00", "2027-06-07T08:00"]
    assert _asked(rules, "2027-06-07T10:00", now, KOLKATA, monday[:1]) is None
    assert _asked(rules, "2027-06-07T10:00", now, KOLKATA, monday) is Refusal.DAY_FULL
    assert _asked(rules, "2027-06-08T10:00", now, KOLKATA, monday) is None
    assert _asked(rules, "2027-06-09T10:00", now, KOLKATA, [*monday, "2027-06-08T10:00"]) is Refusal.WEEK_FULL


def test_a_place_in_a_session_that_is_held_is_no_further_session() -> None:
    rules, held = BookingRules(lead_hours=12, most_per_day=1), ["2027-06-07T06:00"]
    assert _asked(rules, held[0], "2027-06-01T00:00", KOLKATA, held) is None
    assert _asked(rules, held[0], "2027-06-07T05:00", KOLKATA, held) is Refusal.TOO_SOON


def test_at_once_only_the_number_of_sessions_counts() -> None:
    rules = BookingRules(lead_hours=12, days_ahead=1, most_per_day=1).at_once
    now, start = "2027-06-07T05:00", "2027-06-07T05:05"
    assert _asked(rules, start, now, KOLKATA) is None
    assert _asked(rules, start, now, KOLKATA, ["2027-06-07T08:00"]) is Refusal.DAY_FULL


@pytest.mark.parametrize(
    ("lead_hours", "days_ahead", "possible"),
    [(0, 1, True), (24, 1, True), (25, 1, False), (48, 2, True), (49, 2, False), (2160, None, True)],
)
def test_a_notice_is_not_longer_than_how_far_ahead_can_be_booked(
    lead_hours: int, days_ahead: int | None, possible: bool
) -> None:
    assert BookingRules(lead_hours=lead_hours, days_ahead=days_ahead).can_be_met is possible


def test_own_hours_are_what_both_weeks_have_in_common() -> None:
    """Tuesday 16 to 19 of a practitioner who is open from 9 to 17:30, on the day after a clock change."""
    open_hours = agenda.weekly([Hours(1, time(9), time(12)), Hours(1, time(13), time(17, 30))])
    own = agenda.weekly([Hours(1, time(16), time(19)), Hours(3, time(16), time(19))])
    tuesday = date(2027, 3, 16)
    windows = [agenda.windows(week, {}, tuesday, LOS_ANGELES) for week in (open_hours, own)]
    assert agenda.within(*windows) == [(_at("2027-03-16T23:00"), _at("2027-03-17T00:30"))]
    assert agenda.within(windows[0], []) == []


@pytest.mark.parametrize(
    ("own", "meets"),
    [
        (Hours(1, time(16), time(19)), True),
        (Hours(1, time(17), time(19)), False),
        (Hours(1, time(7), time(9)), False),
        (Hours(1, time(7), time(0)), True),
        (Hours(2, time(9), time(17)), False),
    ],
)
def test_hours_meet_where_they_have_time_in_common(own: Hours, meets: bool) -> None:
    assert own.meets(Hours(1, time(9), time(17))) is meets
    assert own.meets(Hours(1, time(20), time(0))) is (own.weekday == 1 and own.ends == time(0))
