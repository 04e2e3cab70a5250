"""Whether a time may be asked for by a service's rules: read from its sessions, and decided by domain/booking_rules.

Who decides by the answer holds the diary's lock.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain import agenda
from app.domain import booking_rules as rules
from app.domain.agenda import DiaryDays
from app.domain.booking_rules import BookingRules, Refusal, Sessions
from app.lib import clock
from app.models import Booking, Service
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.practice.occupancy import sessions_between, taken_on

_WEEK = timedelta(days=7)
_PROBLEMS: dict[Refusal, Callable[[BookingRules], Problem]] = {
    Refusal.TOO_SOON: lambda asked: Invalid("too_soon", field="start", hours=asked.lead_hours),
    Refusal.TOO_FAR: lambda asked: Invalid("too_far_ahead", field="start", days=asked.days_ahead),
    Refusal.DAY_FULL: lambda asked: Conflict("day_full", field="start", most=asked.most_per_day),
    Refusal.WEEK_FULL: lambda asked: Conflict("week_full", field="start", most=asked.most_per_week),
}


def kept(
    service: Service, starts: Sequence[datetime], moving: Booking | None = None, days: DiaryDays | None = None
) -> list[datetime]:
    """Those of these times, given in order, that may be asked for now; the session of `moving` is not counted.

    `days` are dates that they are on, of which all is asked for at once.
    """
    held = _held_on(service, days) if moving is None else None
    refused = _refusals(service, service.booking_rules, starts, moving, held)
    return [start for start, refusal in zip(starts, refused, strict=True) if refusal is None]


def check(service: Service, start: datetime, moving: Booking | None = None) -> None:
    """`start` may be asked for now. Raises Invalid (too_soon, too_far_ahead), Conflict (day_full, week_full)."""
    asked = service.booking_rules
    [refusal] = _refusals(service, asked, [start], moving)
    if refusal is not None:
        raise _PROBLEMS[refusal](asked)


def allows(service: Service, start: datetime) -> bool:
    """Whether anybody may ask for the time now."""
    return _refusals(service, service.booking_rules, [start]) == [None]


def allows_at_once(service: Service, start: datetime, days: DiaryDays | None = None) -> bool:
    """Whether there is room for one more session, where the practitioner is free at this very moment; `days` as `kept`."""
    asked = service.booking_rules.at_once
    return _refusals(service, asked, [start], held=_held_on(service, days)) == [None]


def _held_on(service: Service, days: DiaryDays | None) -> list[datetime] | None:
    """When the sessions of these days begin that count; None where that is not known."""
    if days is None or not service.booking_rules.counts:
        return None
    return [each.slot.starts_at for each in taken_on(days) if each.places and each.slot.service_id == service.id]


def last_day(service: Service) -> date | None:
    """The last date that can be booked by now, by the practitioner's clock; None where no date is too far."""
    return service.booking_rules.last_day(clock.today(service.practitioner.zone))


def _refusals(
    service: Service,
    asked: BookingRules,
    starts: Sequence[datetime],
    moving: Booking | None = None,
    held: Sequence[datetime] | None = None,
) -> list[Refusal | None]:
    if asked == BookingRules() or not starts:
        return [None] * len(starts)
    now = clock.now()
    zone = ZoneInfo(service.practitioner.zone)
    if held is None:
        held = _held(service, starts, zone, moving) if asked.counts else []
    sessions = Sessions.of(held, zone)
    return [rules.refusal(asked, start, now, zone, sessions) for start in starts]


def _held(service: Service, starts: Sequence[datetime], zone: ZoneInfo, moving: Booking | None) -> list[datetime]:
    """When the sessions begin in the weeks that these times are in."""
    first, last = (agenda.monday_of(start.astimezone(zone).date()) for start in (starts[0], starts[-1]))
    begin, end = (agenda.instant(day, time(0), zone) for day in (first, last + _WEEK))
    return sessions_between(service, begin, end, without=moving.id if moving is not None else None)
