"""The practitioner's diary has local days: a session late in the evening of UTC is tomorrow's in Nairobi."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.domain import agenda
from app.extensions import db
from app.lib import clock
from app.models import Practitioner, User
from app.services import practice
from app.services.backoffice.overview import diary
from tests.support.world import World

NAIROBI = ZoneInfo("Africa/Nairobi")


def _tonight(world: World) -> date:
    """A session at 22:00 UTC of some day, which is 01:00 of the next in Nairobi: that day."""
    service = world.service(world.practitioner(zone=NAIROBI.key))
    start = (clock.now() + timedelta(days=2)).replace(hour=22, minute=0, second=0, microsecond=0)
    world.booked(world.person(), service, start=start.isoformat())
    return start.date() + timedelta(days=1)


def test_a_session_stands_under_the_practitioners_own_date(world: World) -> None:
    """Months and weeks, the list of what comes, and the count beside a date to be closed say the same day."""
    day = _tonight(world)
    with world.app.app_context():
        own = db.session.get_one(Practitioner, 1)
        assert [found for found, _ in diary.coming(own)] == [day]
        week = diary.week(own, agenda.monday_of(day))
        assert [each.date for each in week if each.sessions] == [day]
        assert diary.booked_on(own, [day - timedelta(days=1), day]) == {day: 1}


@pytest.mark.parametrize(
    ("starts", "ends", "open_days"),
    [(None, None, 4), (time(12), None, 5), (None, time(12), 5), (time(0), time(0), 4)],
)
def test_the_week_says_open_on_no_day_that_is_wholly_time_off(
    world: World, starts: time | None, ends: time | None, open_days: int
) -> None:
    owner = world.practitioner()
    with world.app.app_context():
        user = db.session.get_one(User, owner.user_id)
        own = db.session.get_one(Practitioner, 1)
        monday = agenda.monday_of(clock.today(own.zone)) + timedelta(days=7)
        before = [day.date for day in diary.week(own, monday) if day.openings]
        practice.time_off.add(user, agenda.Absence(before[0], before[2], starts, ends))
        open_now = [day.date for day in diary.week(own, monday) if day.openings]
        assert len(open_now) == open_days
        assert before[1] not in open_now
        assert set(before[3:]) <= set(open_now)


def test_today_is_the_practitioners_own_day(world: World) -> None:
    """From 21:00 UTC on it is tomorrow in Nairobi."""
    evening = clock.now().replace(hour=21, minute=30, second=0, microsecond=0)
    world.move(seconds=(evening - clock.now()).total_seconds())
    assert clock.today(NAIROBI.key) == evening.date() + timedelta(days=1)
    assert clock.today("UTC") == datetime.date(evening)
