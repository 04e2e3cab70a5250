"""Paying for a booking that comes into being only with the money (mode pay_then_book)."""

from datetime import datetime

from flask import current_app

from app import clock
from app.chance import new_id
from app.extensions import db
from app.lifecycle import BookingStatus, CheckoutStatus
from app.models import Booking, Checkout, Service, User
from app.services import attendees, bookings, slots
from app.services.errors import Conflict
from app.services.transaction import GATEWAY, record


def land(checkout: Checkout) -> bool:
    """Whether the drafted booking exists and is confirmed."""
    closed = checkout.status is CheckoutStatus.CANCELLED
    if closed or (checkout.status is CheckoutStatus.EXPIRED and not current_app.config["LATE_PAYER_RESEATS"]):
        return False
    return _book(checkout) is not None


def _book(checkout: Checkout) -> Booking | None:
    draft = checkout.draft or {}
    start, places = datetime.fromisoformat(draft["start"]), int(draft["places"])
    service = db.session.get_one(Service, draft["service_id"])
    if start <= clock.now() or slots.is_busy(service, start):
        return None
    try:
        slot = slots.take(service, start, places)
    except Conflict:
        return None
    client = db.session.get_one(User, checkout.client_id)
    booking = bookings.new_booking(
        client, service, start, places, draft["notes"], slot_id=slot.id, price=checkout.money
    )
    booking.id, booking.status, booking.confirmed_at = new_id(), BookingStatus.CONFIRMED, clock.now()
    db.session.add(booking)
    db.session.flush()
    slots.hold(slot, booking.id, places, None)
    attendees.add(booking, draft.get("names", ()))
    checkout.booking_id = booking.id
    record("booking", booking.id, "", booking.status, GATEWAY, booking_id=booking.id)
    bookings.tell_confirmed(booking)
    return booking


def offers(checkout: Checkout) -> bool:
    """Who paid second is offered other times; who gave up before gets the money back at once."""
    return checkout.status is not CheckoutStatus.CANCELLED
