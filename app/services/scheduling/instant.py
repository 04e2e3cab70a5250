"""Sessions at once: switched on for some hours; the diary decides, and who asks first has it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from app.domain.agenda import DiaryDays
from app.extensions import db
from app.lib import clock
from app.models import Booking, Practitioner, Role, Service, User
from app.services import bookings, practice
from app.services.bookings import Requested, Wish
from app.services.core import payment_methods
from app.services.core.errors import Conflict, Forbidden, Invalid
from app.services.core.transaction import lock, transaction
from app.services.ledger import checkouts
from app.services.practice import availability, booking_rules, slots

MOST_MINUTES = 240
LEAD = timedelta(minutes=5)  # to pay and to come; the place is held until the start at most
_MINUTE = timedelta(minutes=1)
_NEAR = LEAD + 2 * _MINUTE  # nothing that was asked for at once begins later


# ------------------------------------------------------------------------------------------------ the practitioner


def switch_on(user: User, minutes: int) -> datetime:
    """Sessions may begin at once until then (UTC), whatever the weekly hours say.

    Raises NotFound, Invalid (out_of_range).
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid("out_of_range", field="minutes", least=1, most=MOST_MINUTES)
    until = clock.now() + timedelta(minutes=minutes)
    _set(user, until)
    return until


def switch_off(user: User) -> None:
    """Nothing begins at once any more; what is booked stays. Raises NotFound."""
    _set(user, None)


def on_until(practitioner: Practitioner) -> datetime | None:
    """Until when sessions may begin at once (UTC); None while they may not."""
    until = practitioner.available_until
    return until if until is not None and until > clock.now() else None


def _set(user: User, until: datetime | None) -> None:
    practice_id = practice.of_user(user).id
    with transaction():
        practitioner = lock(Practitioner, practice_id)
        if practitioner is not None:
            practitioner.available_until = until


# ------------------------------------------------------------------------------------------------ the client


def next_start(service: Service, days: DiaryDays | None = None) -> datetime | None:
    """When a session of the service would begin if it were asked for now (UTC).

    None where that is not possible. `days` are dates of the diary, today's among them, of which all is asked for at once, for
    who shows it.
    """
    if days is not None and service.booking_rules.counts and not days.whole_weeks:
        days = None  # sessions of this week that are over count too
    start = _soonest_minute()
    end = start + timedelta(minutes=service.minutes)
    if not (service.active and availability.gives_at_once(service, start, end, days)):
        return None
    payable = payment_methods.accepting(service.price, reserving=service.mode.reserves)
    free = slots.is_free(service, start, days)
    return start if payable and free and booking_rules.allows_at_once(service, start, days) else None


def first_start(services: Iterable[Service], days: DiaryDays) -> tuple[Service, datetime] | None:
    """The first of the services that could begin at once, and when; None where none can. `days` as `next_start`."""
    starts = ((service, next_start(service, days)) for service in services)
    return next(((service, start) for service, start in starts if start is not None), None)


def request(client: User, service_id: int, request_key: str | None = None, *, shown: str = "") -> Requested:
    """The request for a session in five minutes stands, to be paid and approved until then (S3-8).

    Asking again with the same key, or while the first request waits, gives the same one.
    `shown` is the mark of the terms beside the button.
    Raises NotFound, Forbidden, Conflict (terms_changed, not_available_now, slot_taken, balance_due).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    with transaction():
        service = practice.lock_bookable(service_id)
        if again := _standing(client, service, request_key):
            return again
        start = next_start(service)
        if start is None:
            raise Conflict("not_available_now")
        wish = Wish(client, service, start, request_key=request_key)
        bookings.check_shown(service, shown, wish.mode)
        return bookings.open_request(wish)


def _soonest_minute() -> datetime:
    start = clock.now() + LEAD
    whole = start.replace(second=0, microsecond=0)
    return whole if whole == start else whole + _MINUTE


def _standing(client: User, service: Service, key: str | None) -> Requested | None:
    """What the client has asked for already: by its key, or of this service and about to begin."""
    now = clock.now()
    mine = select(Booking.starts_at).where(Booking.client_id == client.id, Booking.service_id == service.id)
    starts = {now, *db.session.scalars(mine.where(Booking.starts_at > now, Booking.starts_at <= now + _NEAR))}
    starts |= {start for draft in checkouts.open_drafts(client) if (start := checkouts.starts_at(draft))}
    near = sorted(start for start in starts if now <= start <= now + _NEAR)
    return next((found for start in near if (found := bookings.standing(client, service, start, key))), None)
