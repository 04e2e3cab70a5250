"""When a practitioner gives sessions: weekly hours, days that differ, "free now". Not what is booked."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.domain import agenda
from app.extensions import db
from app.models import DayException, Practitioner, Service, WeeklyHours

_DAY = timedelta(days=1)


def starts(service: Service, first: date, last: date, minutes: int | None = None) -> list[datetime]:
    """Every instant on these local dates at which the service, or one of its sessions of `minutes`, may begin, in order.

    Inside the practitioner's hours, and the service's own where it has any.
    """
    length = minutes or service.minutes
    by_day = _own_windows(service, first, last + _DAY + timedelta(minutes=length))
    stretches = agenda.stretches(window for windows in by_day.values() for window in windows)
    found: set[datetime] = set()
    for window in (window for day, windows in by_day.items() if day <= last for window in windows):
        found |= set(agenda.starts(window, _closing(window, stretches), length, service.step_minutes))
    return sorted(found)


def gives(service: Service, start: datetime, end: datetime) -> bool:
    """Whether a place that nobody holds may still be taken then: the service is sold, the time is open.

    Any time inside the hours will do, not just one that can be asked for: steps and lengths may have been edited since. A time
    outside them is open only while the practitioner is free now. The hours of the service itself bind who asks, not who paid.
    """
    practitioner = service.practitioner
    return service.is_sold and (_is_free_now(practitioner, start) or _is_open(practitioner, start, end))


def _is_free_now(practitioner: Practitioner, start: datetime) -> bool:
    until = practitioner.available_until
    return until is not None and start <= until


def _is_open(practitioner: Practitioner, start: datetime, end: datetime) -> bool:
    zone = ZoneInfo(practitioner.zone)
    # The day before too: a window that ends at midnight may hold a start that a zone change has moved.
    by_day = _windows(practitioner, start.astimezone(zone).date() - _DAY, end.astimezone(zone).date())
    stretches = agenda.stretches(window for windows in by_day.values() for window in windows)
    return any(opens <= start and end <= closes for opens, closes in stretches)


def _closing(window: agenda.Window, stretches: list[agenda.Window]) -> datetime:
    """When the stretch ends that the window is in."""
    return next(closes for opens, closes in stretches if opens <= window[0] < closes)


def _own_windows(service: Service, first: date, last: date) -> dict[date, list[agenda.Window]]:
    by_day = _windows(service.practitioner, first, last)
    if not service.own_hours:
        return by_day
    zone = ZoneInfo(service.practitioner.zone)
    own = agenda.weekly(service.own_hours)
    return {day: agenda.within(found, agenda.windows(own, {}, day, zone)) for day, found in by_day.items()}


def _windows(practitioner: Practitioner, first: date, last: date) -> dict[date, list[agenda.Window]]:
    zone = ZoneInfo(practitioner.zone)
    weekly, exceptions = _rules(practitioner.id, first, last)
    return {day: agenda.windows(weekly, exceptions, day, zone) for day in agenda.days(first, last)}


def _rules(
    practitioner_id: int, first: date, last: date
) -> tuple[dict[int, list[agenda.Opening]], dict[date, agenda.DayRule]]:
    weekly: dict[int, list[agenda.Opening]] = defaultdict(list)
    for hours in db.session.scalars(select(WeeklyHours).where(WeeklyHours.practitioner_id == practitioner_id)):
        weekly[hours.weekday].append(agenda.Opening(hours.starts, hours.ends))
    days: dict[date, list[agenda.Opening]] = defaultdict(list)
    statement = select(DayException).where(
        DayException.practitioner_id == practitioner_id, DayException.day.between(first, last)
    )
    for exception in db.session.scalars(statement):
        openings = days[exception.day]
        if exception.starts is not None and exception.ends is not None:
            openings.append(agenda.Opening(exception.starts, exception.ends))
    return weekly, {day: agenda.DayRule(day, tuple(openings)) for day, openings in days.items()}
