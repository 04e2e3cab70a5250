"""What the database itself refuses of slots, whatever the application thinks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.models import Practitioner, Slot
from tests.support.world import World

_MONDAY = datetime(2030, 1, 7, 9, tzinfo=UTC)
_DAY = timedelta(days=1)


@pytest.mark.both_engines
def test_no_slot_is_longer_than_a_day_so_that_what_is_taken_is_found_by_when_it_begins(world: World) -> None:
    service = world.service(world.practitioner())
    _add(world, service, _MONDAY, _MONDAY + _DAY)
    with pytest.raises(IntegrityError):
        _add(world, service, _MONDAY + 2 * _DAY, _MONDAY + 3 * _DAY + timedelta(minutes=1))


@pytest.mark.both_engines
@pytest.mark.parametrize(("begin", "end"), [(-1, 1), (0, 1), (1, 2), (-1, 4), (2, 4)])
def test_no_open_slot_lies_across_another_however_many_there_are(world: World, begin: int, end: int) -> None:
    service = world.service(world.practitioner())
    for hour in (-30, -8, 0, 6, 30):  # the third of them lasts from 0 to 3
        _add(world, service, _at(hour), _at(hour + 3))
    with pytest.raises(IntegrityError):
        _add(world, service, _at(begin), _at(end))
    _add(world, service, _at(3), _at(6))


def _at(hour: int) -> datetime:
    return _MONDAY + timedelta(hours=hour)


def _add(world: World, service: int, begin: datetime, end: datetime) -> None:
    times: dict[str, Any] = {"starts_at": begin, "ends_at": end, "busy_from": begin, "busy_until": end}
    with world.rows() as session:
        diary = session.scalars(select(Practitioner.id)).one()
        session.add(Slot(practitioner_id=diary, service_id=service, capacity=1, closed_at=None, **times))
        try:
            session.commit()
        finally:
            session.rollback()
