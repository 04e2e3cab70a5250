"""Paying for a booking that comes into being only with the money (mode pay_then_book)."""

from datetime import datetime

from flask import current_app

from app.domain.lifecycle import BookingStatus, CheckoutStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.chance import new_id
from app.models import Booking, Checkout, Practitioner, Service, Slot, User
from app.services import bookings
from app.services.bookings import Wish, attendees, quote
from app.services.bookings.quote import Quote
from app.services.core.errors import Conflict
from app.services.core.transaction import GATEWAY, lock, record
from app.services.ledger import splits
from app.services.practice import holds, slots


def land(checkout: Checkout, _money: Money) -> bool:
    """Whether the drafted booking exists and is confirmed, as it was shown when it was drafted."""
    closed = checkout.status is CheckoutStatus.CANCELLED
    if closed or (checkout.status is CheckoutStatus.EXPIRED and not current_app.config["LATE_PAYER_RESEATS"]):
        return False
    service = db.session.get_one(Service, (checkout.draft or {})["service_id"])
    quoted = quote.of_draft(checkout, service)
    slot = _slot(checkout, service, quoted.minutes)
    if slot is None:
        return False
    _book(checkout, service, slot, quoted)
    return True


def _slot(checkout: Checkout, service: Service, minutes: int) -> Slot | None:
    """The place, if it is still there to be had: nothing was held."""
    draft = checkout.draft or {}
    start, places = datetime.fromisoformat(draft["start"]), int(draft["places"])
    lock(Practitioner, service.practitioner_id)
    if not slots.may_be_taken(service, start, minutes):
        return None
    try:
        return holds.take(service, start, places, minutes)
    except Conflict:
        return None


def _book(checkout: Checkout, service: Service, slot: Slot, quoted: Quote) -> None:
    draft = checkout.draft or {}
    client = db.session.get_one(User, checkout.client_id)
    wish = Wish(client, service, slot.starts_at, int(draft["places"]), draft["notes"])
    booking = bookings.new_booking(wish, slot.id, quoted)
    booking.id, booking.status, booking.confirmed_at = new_id(), BookingStatus.CONFIRMED, clock.now()
    db.session.add(booking)
    db.session.flush()
    holds.hold(slot, booking.id, wish.places, None)
    attendees.add(booking, draft.get("names", ()))
    checkout.booking_id = booking.id
    _price(booking, checkout.money)
    record("booking", booking.id, "", booking.status, GATEWAY, booking_id=booking.id)
    bookings.tell_confirmed(booking)


def _price(booking: Booking, price: Money) -> None:
    # A session of a package costs what it is worth there, and its fee is in proportion.
    if price != booking.price:
        splits.reprice(booking, price)


def offers(checkout: Checkout) -> bool:
    """Who paid second is offered other times; who gave up before gets the money back at once."""
    return checkout.status is not CheckoutStatus.CANCELLED
