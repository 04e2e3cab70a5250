"""Days that were closed one by one are time off in ranges, and on the way back every day of a range is closed again."""

from datetime import date, time
from typing import Any

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.domain.agenda import Absence
from app.extensions import db
from app.models import DayException, TimeOff, User
from app.services import practice
from tests.support.world import World

_BEFORE = "0029"
_CLOSE = text(
    "INSERT INTO day_exceptions (practitioner_id, day, starts, ends, note) VALUES (:who, :day, NULL, NULL, :note)"
)
_CLOSED = text("SELECT day, note FROM day_exceptions WHERE starts IS NULL ORDER BY day")


def _row(off: TimeOff) -> tuple[Any, ...]:
    return (off.first, off.last, off.starts, off.ends, off.name)


def test_days_off_in_a_row_are_one_range_and_days_with_hours_stay(world: World) -> None:
    owner = world.practitioner()
    days = {"2030-08-01": "Leave", "2030-08-02": "Leave", "2030-08-03": "Fair", "2030-08-05": "Fair"}
    with world.app.app_context():
        user = db.session.get_one(User, owner.user_id)
        who = practice.of_user(user).id
        practice.add_exception(user, date(2030, 8, 4), time(9), time(10))
        db.session.remove()
        try:
            downgrade(revision=_BEFORE)
            for day, note in days.items():
                db.session.execute(_CLOSE, {"who": who, "day": day, "note": note})
            db.session.commit()
            db.session.remove()
        finally:
            upgrade()
    first, second, third, fifth = (date(2030, 8, day) for day in (1, 2, 3, 5))
    assert [_row(off) for off in world.all(TimeOff)] == [
        (first, second, None, None, "Leave"),
        (third, third, None, None, "Fair"),
        (fifth, fifth, None, None, "Fair"),
    ]
    assert [(each.day, each.starts) for each in world.all(DayException)] == [(date(2030, 8, 4), time(9))]


def test_on_the_way_back_whoever_is_away_for_a_part_of_a_day_is_closed_on_it(world: World) -> None:
    owner = world.practitioner()
    with world.app.app_context():
        user = db.session.get_one(User, owner.user_id)
        practice.add_exception(user, date(2030, 8, 2), time(9), time(10))
        practice.time_off.add(user, Absence(date(2030, 8, 1), date(2030, 8, 2), time(14), time(9, 30)), "Leave")
        db.session.remove()
        try:
            downgrade(revision=_BEFORE)
            closed = [(str(day), note) for day, note in db.session.execute(_CLOSED)]
            db.session.remove()
        finally:
            upgrade()
    assert closed == [("2030-08-01", "Leave"), ("2030-08-02", "Leave")]
    assert [_row(off) for off in world.all(TimeOff)] == [(date(2030, 8, 1), date(2030, 8, 2), None, None, "Leave")]
