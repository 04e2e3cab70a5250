"""When a practitioner can be booked: weekly hours, and dates that differ."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, time

from sqlalchemy import delete, select

from app.domain.agenda import Hours
from app.extensions import db
from app.lib import clock
from app.models import DayException, Practitioner, User, WeeklyHours
from app.services.accounts.people import clean_text
from app.services.core.errors import Invalid, NotFound
from app.services.core.transaction import transaction
from app.services.practice.profiles import of_user

HOURS_LIMIT = 60
STRETCHES = 3  # of one weekday, as many as pages show


def hours_of(practitioner: Practitioner) -> list[WeeklyHours]:
    """The weekly hours, by weekday and time."""
    statement = select(WeeklyHours).where(WeeklyHours.practitioner_id == practitioner.id)
    return list(db.session.scalars(statement.order_by(WeeklyHours.weekday, WeeklyHours.starts)))


def set_hours(user: User, hours: Sequence[Hours]) -> None:
    """The weekly hours are exactly these.

    Raises NotFound, Invalid (hours_reversed, hours_overlap, too_many).
    """
    check_hours(hours)
    with transaction() as session:
        practitioner = of_user(user)
        session.execute(delete(WeeklyHours).where(WeeklyHours.practitioner_id == practitioner.id))
        session.add_all(WeeklyHours(practitioner_id=practitioner.id, **asdict(opening)) for opening in hours)


def exceptions_of(practitioner: Practitioner) -> list[DayException]:
    """Dates that differ from the week, from the practitioner's own today on."""
    statement = select(DayException).where(DayException.practitioner_id == practitioner.id)
    statement = statement.where(DayException.day >= clock.today(practitioner.zone))
    return list(db.session.scalars(statement.order_by(DayException.day, DayException.starts)))


def add_exception(user: User, day: date, starts: time | None, ends: time | None, note: str = "") -> None:
    """`day` is closed, or open just from `starts` to `ends`. Raises NotFound, Invalid."""
    if (starts is None) != (ends is None):
        raise Invalid("hours_incomplete", field="ends")
    if starts is not None and ends is not None and ends != time(0) and ends <= starts:
        raise Invalid("hours_reversed", field="ends")
    with transaction() as session:
        practitioner = of_user(user)
        if day < clock.today(practitioner.zone):
            raise Invalid("day_past", field="day")
        day_rules = delete(DayException).where(DayException.practitioner_id == practitioner.id, DayException.day == day)
        session.execute(day_rules.where(DayException.starts.is_(None)) if starts else day_rules)
        session.add(
            DayException(
                practitioner_id=practitioner.id, day=day, starts=starts, ends=ends, note=clean_text(note)[:120]
            )
        )


def remove_exception(user: User, exception_id: int) -> None:
    """The date is like any other again. Raises NotFound."""
    with transaction() as session:
        practitioner = of_user(user)
        exception = session.get(DayException, exception_id)
        if exception is None or exception.practitioner_id != practitioner.id:
            raise NotFound
        session.delete(exception)


def check_hours(hours: Sequence[Hours], field: str = "hours") -> None:
    """They can be the hours of a week. Raises Invalid (too_many, hours_reversed, hours_overlap)."""
    if len(hours) > HOURS_LIMIT:
        raise Invalid("too_many", field=field, most=HOURS_LIMIT)
    last: dict[int, time] = {}
    for opening in sorted(hours, key=lambda h: (h.weekday, h.starts)):
        if opening.ends != time(0) and opening.ends <= opening.starts:
            raise Invalid("hours_reversed", field=field)
        previous = last.get(opening.weekday)
        if previous is not None and (previous == time(0) or opening.starts < previous):
            raise Invalid("hours_overlap", field=field)
        last[opening.weekday] = opening.ends
