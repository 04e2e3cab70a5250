"""Days that differ from the week are those of the practitioner's own calendar, wherever they live."""

from datetime import UTC, date, datetime

import pytest

from app.domain.agenda import Absence
from app.lib import clock
from app.models import User
from app.services import practice
from app.services.core.errors import Invalid
from tests.support.world import World

# Zone, an instant, and the date that calendars show there then: all of them another one than Greenwich's.
EVENINGS = [
    ("America/Los_Angeles", "2027-01-12T01:30", "2027-01-11"),
    ("Pacific/Honolulu", "2027-01-12T00:30", "2027-01-11"),
    ("America/New_York", "2027-07-12T00:30", "2027-07-11"),
]


@pytest.mark.parametrize(("zone", "now", "today"), EVENINGS)
def test_today_can_be_closed_in_the_evening_and_opened_again(world: World, zone: str, now: str, today: str) -> None:
    """Finding 6: in Los Angeles at 17:30 today is not over because Greenwich's is."""
    clock.use(lambda: datetime.fromisoformat(now).replace(tzinfo=UTC))
    owner = world.practitioner(zone=zone)
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        day = date.fromisoformat(today)
        practice.time_off.add(user, Absence(day, day), "Closed")
        [closed] = practice.time_off.coming(practice.of_user(user))
        assert closed.first == day
        practice.time_off.remove(user, closed.id)
        assert practice.time_off.coming(practice.of_user(user)) == []


def test_a_day_that_is_over_where_the_practitioner_is_cannot_be_closed(world: World) -> None:
    clock.use(lambda: datetime(2027, 1, 11, 12, 30, tzinfo=UTC))  # it is the 12th in Apia already
    owner = world.practitioner(zone="Pacific/Apia")
    with world.rows() as session, pytest.raises(Invalid) as refused:
        practice.time_off.add(session.get_one(User, owner.user_id), Absence(date(2027, 1, 11), date(2027, 1, 11)))
    assert refused.value.code == "day_past"
