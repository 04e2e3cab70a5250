"""What a request becomes: booked or only drafted, once, at the service's price."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import Actor, BookingStatus
from app.domain.modes import MODES, BookingMode, FirstTime, OpeningLimit, for_first_time
from app.extensions import db
from app.lib import clock
from app.models import Booking, Checkout, Service, ServiceKind, Slot, User
from app.services import practice
from app.services.bookings import attendees, intake_forms, meetings, quote
from app.services.bookings.asking import newcomers, open_requests
from app.services.bookings.asking.approval import tell_confirmed
from app.services.bookings.quote import Quote
from app.services.bookings.status_changes import WAITING
from app.services.core import payment_methods
from app.services.core.errors import Conflict, Invalid, check_all, needs
from app.services.core.transaction import CLOCK, Who, record
from app.services.ledger import balance_due, checkouts
from app.services.notifications import notices
from app.services.practice import holds, slots

NOTES_LIMIT = 2000


@dataclass(frozen=True)
class Wish:
    """What a client asks for: places at a time of a service, and who comes if not just the client."""

    client: User
    service: Service
    start: datetime
    places: int = 1
    notes: str = ""
    names: tuple[str, ...] = ()
    request_key: str | None = None

    @property
    def mode(self) -> BookingMode:
        """How the session is booked by this client."""
        return newcomers.mode_for(self.client, self.service)


@dataclass(frozen=True)
class Requested:
    """What asking for a session brought about; at least one of the two is there."""

    booking: Booking | None
    checkout: Checkout | None


def in_the_way(wish: Wish) -> Conflict | None:
    """Why this person may not ask for this now (balance_due, not_taking_bookings, first_time_one, a quota's code); or None.

    Who decides by it has locked the client after the diary (`waiting.settle`), so that two at once are counted one by one,
    whomever they ask; for who only shows it nobody is locked.
    """
    if balance_due.blocks(wish.client):
        return Conflict("balance_due")
    if practice.is_blocked(wish.service.practitioner_id, wish.client.id):
        return Conflict("not_taking_bookings")
    return _first_comes_one(wish) or open_requests.too_many(wish.client, wish.service, wish.start)


def _first_comes_one(wish: Wish) -> Conflict | None:
    practitioner_id = wish.service.practitioner_id
    is_strict = wish.service.first_time is FirstTime.ONE and not newcomers.is_trusted(wish.client, practitioner_id)
    return Conflict("first_time_one") if is_strict and open_requests.ahead(wish.client, practitioner_id) else None


def standing(client: User, service: Service, start: datetime, key: str | None = None) -> Requested | None:
    """What the client already has waiting for this time of this service, or has asked for with this key."""
    now = clock.now()
    mine = select(Booking).where(Booking.client_id == client.id)
    waiting = mine.where(Booking.service_id == service.id, Booking.starts_at == start, Booking.status.in_(WAITING))
    by_key = mine.where(Booking.request_key == key) if key else None
    for statement in (by_key, waiting.where(or_(Booking.deadline_at.is_(None), Booking.deadline_at > now))):
        booking = db.session.scalar(statement) if statement is not None else None
        if booking is not None:
            return Requested(booking, checkouts.open_for(booking))
    found = checkouts.find_draft(client, service, start, key)
    return Requested(found.booking, found) if found else None


def check_as_many(found: Requested, wish: Wish) -> None:
    """What stands already is for as many places. Raises Conflict (already_asked)."""
    # For more or fewer places it is another wish, and what waits already is not it.
    wished = found.checkout.draft if found.checkout else None
    asked = found.booking.places if found.booking else int((wished or {})["places"])
    if asked != wish.places:
        raise Conflict("already_asked")


def check_shown(service: Service, shown: str, mode: BookingMode) -> None:
    """The terms are those that were shown, to the client or to somebody new; `shown` is empty where no form showed any.

    Raises Conflict (terms_changed): nobody agrees to a price or a policy that they have not read.
    """
    strict = MODES[for_first_time(service.first_time, service.mode_code)]
    if shown and shown not in {quote.mark_of(service, each) for each in (mode, strict)}:
        raise Conflict("terms_changed")


def check(wish: Wish) -> None:
    """The service is given then, for so many, and somebody could pay for it. Raises Invalid, Conflict (slot_taken)."""
    check_time(wish.service, wish.start, wish.places, wish.notes, wish.mode)


def check_time(service: Service, start: datetime, places: int, notes: str, mode: BookingMode) -> None:
    """As `check`, whoever asks."""
    crowd = Invalid("places_out_of_range", field="places", most=service.places)
    long = Invalid("too_long", field="notes", most=NOTES_LIMIT)
    check_all(
        (lambda: needs(1 <= places <= service.places, crowd), lambda: needs(len(notes) <= NOTES_LIMIT, long)),
    )
    slots.check_given(service, start)
    if not payment_methods.accepting(service.price * places, reserving=mode.reserves):
        raise Invalid("no_method", currency=service.currency)


def draft(wish: Wish) -> Checkout:
    """A bill with what is wished for, which holds nothing. Raises Conflict (slot_taken)."""
    service = wish.service
    if slots.places_left(service, wish.start) < wish.places:
        raise Conflict("slot_taken", field="start")
    quoted = quote.of_service(service, wish.places, wish.mode)
    until = min(clock.now() + timedelta(minutes=service.hold_minutes), wish.start)
    wished = {
        "service_id": service.id,
        "start": wish.start.astimezone(UTC).isoformat(),
        "places": wish.places,
        "notes": wish.notes,
        "names": list(wish.names),
        "agreed": quoted.to_json(),
    }
    return checkouts.open_described(
        CheckoutKind.DRAFT_BOOKING, wish.client, quoted.price, quoted.title, wished, until, wish.request_key
    )


def offer(wish: Wish, until: datetime) -> Booking:
    """Places are held for a client who waited for them, to be paid until then, or approved first.

    Inside the caller's transaction. Raises Conflict (slot_taken).
    """
    booking = _new_row(wish, until, CLOCK)
    _OPENED[booking.status](booking)
    return booking


def book(wish: Wish) -> Requested:
    """The booking with its places, and what is to be paid for it. Raises Conflict (slot_taken)."""
    booking = _new_row(wish, _deadline(wish), Who(Actor.CLIENT, wish.client.id))
    checkout = _OPENED[booking.status](booking)
    attendees.add(booking, wish.names)
    return Requested(booking, checkout)


def _new_row(wish: Wish, until: datetime | None, who: Who) -> Booking:
    """The booking and its hold, until its deadline."""
    slot = holds.take(wish.service, wish.start, wish.places)
    booking = new_booking(wish, slot)
    booking.status = booking.mode.opening or BookingStatus.AWAITING_PAYMENT
    # What stands at once stands for good.
    booking.deadline_at = until if booking.status in WAITING else None
    db.session.add(booking)
    db.session.flush()
    holds.hold(slot, booking.id, wish.places, booking.deadline_at)
    record("booking", booking.id, "", booking.status, who, booking_id=booking.id)
    return booking


def _ask_practitioner(booking: Booking) -> None:
    notices.tell(booking.practitioner.user_id, "request_received", booking=booking)
    notices.tell(booking.client_id, "request_sent", booking=booking)
    intake_forms.tell_missing(booking)


def _confirm_unpaid(booking: Booking) -> None:
    booking.confirmed_at = booking.created_at
    tell_confirmed(booking)


# What follows when a booking has come into being with this status: the checkout to pay, if there is one by then.
_OPENED: dict[BookingStatus, Callable[[Booking], Checkout | None]] = {
    BookingStatus.PENDING_APPROVAL: _ask_practitioner,
    BookingStatus.AWAITING_PAYMENT: checkouts.open_booking,
    BookingStatus.CONFIRMED: _confirm_unpaid,
}


def new_booking(wish: Wish, slot: Slot, quoted: Quote | None = None) -> Booking:
    """A booking not yet in the session, as it was quoted, or as the service is now.

    The caller gives it a status.
    """
    service = wish.service
    quoted = quoted or quote.of_service(service, wish.places, wish.mode)
    return Booking(
        client_id=wish.client.id,
        practitioner_id=service.practitioner_id,
        service_id=service.id,
        practitioner=service.practitioner,
        slot_id=slot.id,
        mode_code=quoted.mode_code,
        kind=ServiceKind(quoted.kind),
        title=quoted.title,
        starts_at=wish.start,
        ends_at=wish.start + timedelta(minutes=quoted.minutes),
        places=wish.places,
        price_amount=quoted.price_amount,
        currency=quoted.currency,
        fee_amount=quoted.fee_amount,
        agreed_amount=quoted.price_amount,
        agreed_minutes=quoted.minutes,
        policy=quoted.policy,
        **meetings.freeze(quoted, slot.id if slot.capacity > 1 else None),
        notes=wish.notes,
        request_key=wish.request_key,
        created_at=clock.now(),
        version=1,
    )


def _deadline(wish: Wish) -> datetime | None:
    service = wish.service
    lengths = {
        OpeningLimit.HOLD: timedelta(minutes=service.hold_minutes),
        OpeningLimit.ANSWER: timedelta(hours=service.answer_hours),
    }
    length = lengths.get(wish.mode.deadline)
    return min(clock.now() + length, wish.start) if length else None
