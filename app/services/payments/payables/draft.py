"""Paying for a booking that comes into being only with the money (mode pay_then_book)."""

from datetime import datetime

from flask import current_app

from app.domain.lifecycle import BookingStatus, CheckoutStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.chance import new_id
from app.models import Booking, Checkout, Service, Slot, User
from app.services import bookings
from app.services.bookings import Wish, attendees, quote
from app.services.bookings.quote import Quote
from app.services.core.errors import Conflict
from app.services.core.transaction import GATEWAY, record
from app.services.ledger import splits
from app.services.payments.payables.fulfilment import Fulfilment
from app.services.practice import holds, lock_diary, slots


def try_fulfil(checkout: Checkout, _money: Money, at: datetime) -> Fulfilment:
    """The drafted booking exists and is confirmed, as it was shown.

    Who gave it up before they paid has no choice.
    """
    if checkout.status is CheckoutStatus.CANCELLED:
        return Fulfilment.GONE
    if checkout.status is CheckoutStatus.EXPIRED and not current_app.config["LATE_PAYER_RESEATS"]:
        return Fulfilment.MISSED
    service = db.session.get_one(Service, (checkout.draft or {})["service_id"])
    quoted = quote.of_draft(checkout, service)
    slot = _slot(checkout, service, quoted, at)
    if slot is None:
        return Fulfilment.MISSED
    _book(checkout, service, slot, quoted)
    return Fulfilment.DONE


def _slot(checkout: Checkout, service: Service, quoted: Quote, at: datetime) -> Slot | None:
    """The place, if it is still there to be had: nothing was held."""
    draft = checkout.draft or {}
    start = datetime.fromisoformat(draft["start"])
    lock_diary(service.practitioner_id)
    if not slots.may_be_taken(service, start, quoted.minutes, at):
        return None
    try:
        return holds.take(service, start, int(draft["places"]), quoted.minutes, alone=quoted.alone)
    except Conflict:
        return None


def _book(checkout: Checkout, service: Service, slot: Slot, quoted: Quote) -> None:
    draft = checkout.draft or {}
    client = db.session.get_one(User, checkout.client_id)
    wish = Wish(client, service, slot.starts_at, int(draft["places"]), draft["notes"])
    booking = bookings.new_booking(wish, slot, quoted)
    booking.id = new_id()
    booking.status = BookingStatus.CONFIRMED
    booking.confirmed_at = clock.now()
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
        splits.agree(booking, price)
