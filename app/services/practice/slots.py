"""Which times are free: read from hours, other calendars and what is taken.

Taking them is next door, in holds.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.domain.agenda import DiaryDays
from app.lib import clock
from app.models import Booking, Service
from app.services.core import batching
from app.services.core.errors import Conflict, Invalid
from app.services.practice import availability, booking_rules, external_calendars
from app.services.practice.occupancy import Span, free_places, is_alone, taken_between, taken_on

MAX_DAYS = 62
HORIZON = timedelta(days=3660)  # nobody books further ahead; it also keeps arithmetic inside the calendar


@dataclass(frozen=True)
class FreeSlot:
    """A time that can be booked now; both ends in UTC."""

    start: datetime
    end: datetime
    places_left: int


def free_slots(
    service: Service,
    first: date,
    last: date,
    minutes: int | None = None,
    moving: Booking | None = None,
    days: DiaryDays | None = None,
) -> list[FreeSlot]:
    """Every time of `service` on the practitioner's local dates `first` to `last` that has places left.

    For a session as long as the service, or as `minutes` say; or for one that is to move. `days`: as `times`.

    Raises Invalid (range_reversed, range_too_long) beyond 62 days.
    """
    if last < first:
        raise Invalid("range_reversed", field="to")
    if (last - first).days >= MAX_DAYS:
        raise Invalid("range_too_long", field="to", days=MAX_DAYS)
    return [offer for offer in times(service, first, last, minutes, moving, days) if offer.places_left > 0]


def times(
    service: Service,
    first: date,
    last: date,
    minutes: int | None = None,
    moving: Booking | None = None,
    days: DiaryDays | None = None,
) -> list[FreeSlot]:
    """Every time of `service` on these local dates that may be asked for, full ones too, unless another calendar is busy then.

    `days` are dates of the diary with these among them, of which all is asked for at once.
    """
    now = clock.now()
    first = max(first, now.date() - timedelta(days=1))
    last = min(last, (now + HORIZON).date())
    if last < first:
        return []
    diary = days or days_of(service, first, last)
    with batching.about("diary", [diary]):
        given = [start for start in availability.starts(service, first, last, minutes, diary) if start > now]
        candidates = booking_rules.kept(service, given, moving, diary)
        if not candidates:
            return []
        taken = taken_on(diary)
        elsewhere = external_calendars.taken_on(diary)
    agreed = (1, False) if moving is None else (moving.places, is_alone(moving))
    spans = [Span(service, start, minutes, *agreed) for start in candidates]
    return [
        FreeSlot(span.start, span.end, max(0, free_places(span, taken)))
        for span in spans
        if not external_calendars.is_in(span.busy, elsewhere)
    ]


def days_of(service: Service, first: date, last: date) -> DiaryDays:
    """The dates of the diary, with all that has to be known of them for this service."""
    return DiaryDays(service.practitioner_id, first, last, service.booking_rules.counts)


def check_sane(start: datetime) -> None:
    """`start` is an instant somebody could mean. Raises Invalid (slot_past, slot_not_offered)."""
    now = clock.now()
    if start.replace(tzinfo=None) < now.replace(tzinfo=None) - timedelta(days=2):
        raise Invalid("slot_past", field="start")
    if start.replace(tzinfo=None) > now.replace(tzinfo=None) + HORIZON:
        raise Invalid("slot_not_offered", field="start")


def check_given(service: Service, start: datetime, minutes: int | None = None, moving: Booking | None = None) -> None:
    """`start` is one of the times the service may be asked for at, the whole length of it, or of `minutes`.

    Raises Invalid (slot_past, slot_not_offered, too_soon, too_far_ahead), Conflict (slot_taken, day_full, week_full).
    """
    if start <= clock.now():
        raise Invalid("slot_past", field="start")
    if not is_given_at(service, start, minutes):
        raise Invalid("slot_not_offered", field="start")
    booking_rules.check(service, start, moving)
    if is_busy(service, start, minutes):
        raise Conflict("slot_taken", field="start")


def is_given_at(service: Service, start: datetime, minutes: int | None = None) -> bool:
    """Whether the hours and days of its practitioner have the service begin then."""
    day = start.astimezone(ZoneInfo(service.practitioner.zone)).date()
    # The day before too: a window that ends at midnight may hold a start that a zone change has moved.
    return start in availability.starts(service, day - timedelta(days=1), day, minutes)


def is_busy(service: Service, start: datetime, minutes: int | None = None) -> bool:
    """Whether the practitioner has something else then, as their other calendars say.

    What is booked stays booked.
    """
    time = Span(service, start, minutes).busy
    return external_calendars.is_in(time, external_calendars.taken(service.practitioner_id, *time))


def is_free(service: Service, start: datetime, days: DiaryDays | None = None) -> bool:
    """Whether a place is left at `start`, by the table and other calendars; `days` as `times`."""
    if days is None:
        return places_left(service, start) > 0 and not is_busy(service, start)
    span = Span(service, start)
    return free_places(span, taken_on(days)) > 0 and not external_calendars.is_in(
        span.busy, external_calendars.taken_on(days)
    )


def may_be_taken(service: Service, start: datetime, minutes: int, at: datetime | None = None) -> bool:
    """Whether a place that nobody holds may be booked then: it is ahead (or was, `at`), open, and not busy elsewhere."""
    end = start + timedelta(minutes=minutes)
    return (
        start > (at or clock.now()) and availability.gives(service, start, end) and not is_busy(service, start, minutes)
    )


def places_left(
    service: Service, start: datetime, minutes: int | None = None, agreed: int = 1, *, alone: bool = False
) -> int:
    """How many places of `service` are free at `start`, by the clock and by the table.

    For who may have agreed to more of them, or to be alone. See may_be_taken for the rest.
    """
    span = Span(service, start, minutes, agreed, alone)
    return free_places(span, taken_between(service.practitioner_id, *span.busy, clock.now()))


def could_shift(booking: Booking, start: datetime, minutes: int) -> bool:
    """Whether the booking's places would be free at another time, not counting those it has now."""
    span = Span(booking.service, start, minutes, booking.places, is_alone(booking))
    others = taken_between(booking.practitioner_id, *span.busy, clock.now(), without=booking.id)
    return free_places(span, others) >= booking.places
