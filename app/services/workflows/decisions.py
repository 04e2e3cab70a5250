"""What people decide about a booking while money may be on its way: the gateway is asked before, or told after."""

import logging
import uuid
from dataclasses import dataclass, field

from app.domain.lifecycle import BOOKING_MOVES, Actor, BookingStatus, CheckoutStatus
from app.extensions import db
from app.models import Booking, Checkout, User
from app.services import bookings
from app.services.core.errors import Conflict, NotFound, Problem
from app.services.ledger import checkouts
from app.services.payments import attempts

log = logging.getLogger(__name__)

_DECLINABLE = {status.value for status in BOOKING_MOVES["decline"].sources}


def cancel(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The booking is cancelled, unless the gateway says that it was paid meanwhile: then it is confirmed, and this says so.

    Raises NotFound, Invalid, Conflict (already_paid, not_allowed).
    """
    booking = bookings.get(booking_id, user)
    if "cancel" in bookings.actions(booking, user) and _ask_first(booking):
        raise Conflict("already_paid")
    cancelled = bookings.cancel(booking_id, user, reason)
    _carry_out(cancelled)
    return bookings.fresh(booking_id)


def approve(booking_id: uuid.UUID, user: User) -> Booking:
    """The request is approved and waits to be paid; money reserved for it is taken. Raises NotFound, Conflict."""
    approved = bookings.approve(booking_id, user)
    _carry_out(approved)
    return bookings.fresh(booking_id)


def approve_all(booking_ids: list[uuid.UUID], user: User) -> list[tuple[Booking, Problem]]:
    """Each of the requests is approved as alone, but for those returned, each with what is in its way.

    Reserved money is taken by the jobs: one gateway that hangs must not hold up the answer to all. Raises NotFound, before
    any is approved.
    """
    refused: list[tuple[Booking, Problem]] = []
    for booking in [bookings.get(booking_id, user) for booking_id in dict.fromkeys(booking_ids)]:
        try:
            bookings.approve(booking.id, user)
        except Conflict as problem:
            refused.append((booking, problem))
    return refused


def decline(booking_id: uuid.UUID, user: User, reason: str, *, seen: str = "") -> Booking:
    """The request is declined; a payment page that is still open is closed after, reserved money let go.

    `seen` is the status the practitioner's page showed: a payment that came in meanwhile is paid back in full (the
    practitioner's cancellation). Raises NotFound, Invalid, Conflict.
    """
    booking = bookings.get(booking_id, user)
    was_open = "decline" in bookings.actions(booking, user) or seen in _DECLINABLE
    checkout = checkouts.open_for(booking)
    declined = bookings.decline(booking_id, user, reason, was_open=was_open)
    if checkout is not None:
        attempts.close(checkout.id)
    _carry_out(declined)
    return bookings.fresh(booking_id)


def no_show(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The client did not come; a difference whose money the gateway had by then counts as paid.

    Raises NotFound, Invalid, Conflict (not_allowed, too_early).
    """
    booking = bookings.get(booking_id, user)
    if "no-show" in bookings.actions(booking, user):
        _ask_first(booking)
    return bookings.no_show(booking_id, user, reason)


@dataclass
class SessionCancelled:
    """How many bookings of a session were cancelled, and those that could not be: they stand, and nothing went back."""

    done: int = 0
    failed: list[tuple[Booking, str]] = field(default_factory=list)  # each with a problem's code

    def note(self, booking_id: uuid.UUID, code: str) -> None:
        """Something went wrong with this seat: it stands, unless that was after its cancellation."""
        booking = bookings.fresh(booking_id)
        if booking.status is BookingStatus.CANCELLED:
            self.done += 1
        else:
            self.failed.append((booking, code))


def cancel_session(slot_id: int, user: User, reason: str = "") -> SessionCancelled:
    """All bookings in this stretch of time that can be are cancelled, every paid seat gets everything back.

    Each is its own decision: whatever goes wrong with one, the others are cancelled (bookings 27). Raises NotFound, Invalid.
    """
    bookings.clean_reason(reason, required=False)
    made = SessionCancelled()
    for booking_id in bookings.in_slot(slot_id, user):
        try:
            made.done += _try_cancel_seat(booking_id, user, reason)
        except Problem as problem:
            made.note(booking_id, problem.code)
        except Exception as error:  # a mistake of ours, or of the database's: of this seat alone
            db.session.rollback()
            log.error("decisions.seat_failed booking=%s", booking_id, exc_info=error)
            made.note(booking_id, "internal")
    return made


def _try_cancel_seat(booking_id: uuid.UUID, user: User, reason: str) -> bool:
    """The seat is cancelled if it can be; whether it was."""
    if "cancel" not in bookings.actions(bookings.get(booking_id, user), user):
        return False
    try:
        cancel(booking_id, user, reason)
    except Conflict:  # paid in this very moment: it stands now, and is cancelled as what it is
        cancel(booking_id, user, reason)
    return True


def _carry_out(booking: Booking) -> None:
    """What is to become of reserved money is done now, rather than by the next sweep."""
    for attempt in bookings.attempts_of(booking):
        if attempt.pending_operation and attempt.is_live:
            attempts.look_up(attempt.id)


def cancel_checkout(checkout_id: uuid.UUID, user: User) -> Checkout:
    """Paying is given up: the booking is cancelled and its place free, or the draft is gone. Not for what is owed.

    Raises NotFound, Conflict.
    """
    checkout = checkouts.get(checkout_id, user)
    if checkouts.is_owed(checkout):
        raise Conflict("cannot_be_cancelled")
    _not_paid(checkout)  # the money came in while the page with the button was open
    if checkout.booking_id is not None:
        cancel(checkout.booking_id, user, "payment cancelled by user")
        return checkouts.get(checkout_id, user)
    if checkout.client_id != user.id:
        raise NotFound  # before the gateway is told anything: what is not booked yet is its client's alone
    attempts.close(checkout_id)
    _not_paid(checkouts.get(checkout_id, user))
    return checkouts.cancel_draft(checkout_id, user)


def _not_paid(checkout: Checkout) -> None:
    if checkout.status is CheckoutStatus.PAID:
        raise Conflict("already_paid")


def waive(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """What the client owes for the booking is forgiven, by the practitioner or staff; money that still comes goes back.

    Raises NotFound, Invalid, Conflict (nothing_owed).
    """
    booking = bookings.get(booking_id, user)
    if bookings.role_in(booking, user) is Actor.CLIENT:
        raise NotFound  # before the gateway is told anything: nobody forgives themselves
    checkout = checkouts.open_for(booking)
    if checkout is not None:
        attempts.close(checkout.id)
    bookings.waive(booking_id, user, reason)
    return bookings.fresh(booking_id)


def _ask_first(booking: Booking) -> bool:
    """Whether the gateway, asked to end the payment, turned out to have the money that confirms the booking.

    What is paid of a difference is kept or goes back with the rest of the money.
    """
    waits = booking.status is BookingStatus.AWAITING_PAYMENT
    checkout = checkouts.open_for(booking)
    if checkout is None or not (waits or checkouts.is_owed(checkout)):
        return False
    attempts.close(checkout.id)
    return waits and bookings.fresh(booking.id).status is BookingStatus.CONFIRMED
