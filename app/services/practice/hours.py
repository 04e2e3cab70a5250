"""When a practitioner can be booked: weekly hours, and dates with hours of their own. Days off are next door, in time_off."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, time

from sqlalchemy import delete, select

from app.domain import agenda
from app.domain.agenda import Hours
from app.extensions import db
from app.lib import clock
from app.models import DayException, Practitioner, User, WeeklyHours
from app.services.accounts.people import clean_text
from app.services.core.errors import Invalid, NotFound
from app.services.core.transaction import transaction
from app.services.practice import time_off
from app.services.practice.public_profile.profiles import lock_diary, of_user

HOURS_LIMIT = 60
EXCEPTIONS_LIMIT = 1000  # that lie ahead, of which one page shows all
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
        practitioner = _locked(user)  # two at once would leave the hours of both
        session.execute(delete(WeeklyHours).where(WeeklyHours.practitioner_id == practitioner.id))
        session.add_all(WeeklyHours(practitioner_id=practitioner.id, **asdict(opening)) for opening in hours)


def exceptions_of(practitioner: Practitioner) -> list[DayException]:
    """Dates with hours of their own, from the practitioner's own today on."""
    return exceptions_between(practitioner, clock.today(practitioner.zone), date.max)


def exceptions_between(practitioner: Practitioner, first: date, last: date) -> list[DayException]:
    """The hours of these dates that are not the week's, in order."""
    mine = select(DayException).where(DayException.practitioner_id == practitioner.id)
    statement = mine.where(DayException.day.between(first, last))
    return list(db.session.scalars(statement.order_by(DayException.day, DayException.starts)))


def add_exception(
    user: User, day: date, starts: time | None, ends: time | None, note: str = "", *, last: date | None = None
) -> None:
    """`day`, or each day to `last`, is open just from `starts` to `ends`; where it has other such hours already, then too.

    Pressed twice it is one. Raises NotFound, Invalid (day_past, hours_missing, hours_reversed, time_off_that_day, too_many).
    """
    if starts is None or ends is None:
        raise Invalid("hours_missing", field="starts" if starts is None else "ends")
    if ends != time(0) and ends <= starts:
        raise Invalid("hours_reversed", field="ends")
    with transaction() as session:
        practitioner = _locked(user)
        if day < clock.today(practitioner.zone):
            raise Invalid("day_past", field="day")
        if time_off.between(practitioner.id, day, last or day):
            raise Invalid("time_off_that_day", field="day")
        known = [(each.day, each.starts, each.ends) for each in exceptions_of(practitioner)]
        new = [each for each in agenda.days(day, last or day) if (each, starts, ends) not in known]
        if len(known) + len(new) > EXCEPTIONS_LIMIT:
            raise Invalid("too_many", field="day", most=EXCEPTIONS_LIMIT)
        kept = {"practitioner_id": practitioner.id, "starts": starts, "ends": ends, "note": clean_text(note)[:120]}
        session.add_all(DayException(day=each, **kept) for each in new)


def remove_exception(user: User, exception_id: int) -> None:
    """The date is like any other again. Raises NotFound."""
    with transaction() as session:
        practitioner = _locked(user)
        exception = session.get(DayException, exception_id)
        if exception is None or exception.practitioner_id != practitioner.id:
            raise NotFound
        session.delete(exception)


def _locked(user: User) -> Practitioner:
    practitioner = of_user(user)
    lock_diary(practitioner.id)
    return practitioner


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
