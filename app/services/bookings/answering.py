"""Answering and ending: approve, decline, cancel, confirm, expire. Money is next door, in payments and refunds."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.extensions import db
from app.lifecycle import BookingStatus, CheckoutStatus, RefundMeans
from app.models import Booking, Refund, User
from app.money import Money
from app.services import checkouts, notices, policy, refunds, slots
from app.services.bookings.moves import (
    WAITING,
    is_overdue,
    is_unresolved,
    lock_with_checkout,
    locked,
    move,
    part_of,
)
from app.services.bookings.reading import paid_attempts
from app.services.bookings.reserved import order_for
from app.services.errors import Conflict, Invalid
from app.services.transaction import Who, transaction

REASON_LIMIT = 500


def approve(booking_id: uuid.UUID, user: User) -> Booking:
    """The request is approved, its places are kept until the pay deadline, the client is asked to pay.

    Where the amount is reserved already it is to be taken instead, and the booking is confirmed with it.
    Raises NotFound, Conflict (not_allowed, slot_taken).
    """
    with transaction():
        booking, who = locked(booking_id, user)
        move(booking, "approve", who)
        hours = int(booking.policy["pay_hours"])
        booking.approved_at = clock.now()
        booking.deadline_at = min(booking.approved_at + timedelta(hours=hours), booking.starts_at)
        if not slots.extend(booking, booking.deadline_at):
            raise Conflict("slot_taken")
        checkouts.open_until(booking, booking.deadline_at)
        if not order_for(booking, "capture"):
            notices.tell(booking.client_id, "request_approved", booking=booking)
        return booking


def decline(booking_id: uuid.UUID, user: User, reason: str, *, was_open: bool = False) -> Booking:
    """The request is declined and its places are free; money that still comes goes back, reserved money is let go.

    With `was_open`, declining was possible when the practitioner decided: a payment that overtook the decision makes it the
    practitioner's cancellation, with everything paid back. Raises NotFound, Invalid, Conflict (not_allowed).
    """
    reason = clean_reason(reason)
    with transaction():
        booking, who = locked(booking_id, user)
        if was_open and booking.status is BookingStatus.CONFIRMED:
            return _cancel(booking, who, reason)
        end(booking, "decline", who, reason)
        notices.tell(booking.client_id, "request_declined", booking=booking)
        return booking


def cancel(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The booking is cancelled, its places are free at once, and what the policy gives back is on its way.

    Ask the gateway first (payments.close): a payment it already has makes the booking confirmed instead.
    Raises NotFound, Invalid, Conflict (not_allowed).
    """
    reason = clean_reason(reason, required=False)
    with transaction():
        booking, who = locked(booking_id, user)
        return _cancel(booking, who, reason)


def _cancel(booking: Booking, who: Who, reason: str) -> Booking:
    end(booking, "cancel", who, reason)
    data = _told(_pay_back(booking, who))
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "booking_cancelled", booking=booking, data=data)
    return booking


def _pay_back(booking: Booking, who: Who) -> list[Refund]:
    """What the policy gives back of every payment is on its way, or in the wallet."""
    made = []
    for attempt in paid_attempts(booking):
        part = policy.comes_back(booking, refunds.left_of(attempt), who.actor, clock.now())
        if part.amount > 0:
            made.append(refunds.ask(attempt, attempt.charge_ref or "", part, "cancelled", who))
    return made


def _told(made: list[Refund]) -> dict[str, int]:
    """What comes back and how, for the message; both in minor units."""
    if not made:
        return {}
    credited = sum(refund.amount for refund in made if refund.means is RefundMeans.WALLET)
    return {"back": sum(refund.amount for refund in made), "credited": credited}


def would_come_back(booking: Booking, user: User) -> Money | None:
    """What the person would see come back if they cancelled now; None when nothing is paid."""
    actor = part_of(booking, user)
    parts = [policy.comes_back(booking, refunds.left_of(a), actor, clock.now()) for a in paid_attempts(booking)]
    return sum(parts[1:], parts[0]) if parts else None


def end(booking: Booking, action: str, who: Who, reason: str) -> None:
    """The booking is over by hand: places free, nothing left to pay."""
    move(booking, action, who, why=reason)
    booking.cancelled_at, booking.reason, booking.ended_by = clock.now(), reason, who.actor
    booking.deadline_at = None
    slots.release(booking)
    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)
    order_for(booking, "void")


def clean_reason(reason: str, *, required: bool = True) -> str:
    """The reason, tidy. Raises Invalid (reason_missing, too_long)."""
    reason = reason.strip()
    if required and not reason:
        raise Invalid("reason_missing", field="reason")
    if len(reason) > REASON_LIMIT:
        raise Invalid("too_long", field="reason", most=REASON_LIMIT)
    return reason


def confirm(booking: Booking, who: Who) -> bool:
    """Whether the paid booking has its places for good and is confirmed; inside the caller's transaction."""
    if not slots.secure(booking):
        return False
    move(booking, "confirm", who, by_clock=False)
    booking.confirmed_at, booking.deadline_at = clock.now(), None
    tell_confirmed(booking)
    return True


def tell_confirmed(booking: Booking) -> None:
    """Both sides will be told that the booking stands."""
    notices.tell(booking.client_id, "booking_confirmed", booking=booking)
    notices.tell(booking.practitioner.user_id, "booking_confirmed_practitioner", booking=booking)


def expire(booking_id: uuid.UUID, who: Who) -> bool:
    """Whether the booking ended because its deadline passed; not while a payment's outcome is open."""
    with transaction():
        booking = lock_with_checkout(booking_id)
        now = clock.now()
        if booking is None or not is_overdue(booking, now) or is_unresolved(booking):
            return False
        unanswered = booking.status is BookingStatus.PENDING_APPROVAL
        move(booking, "expire", who, by_clock=False)
        booking.ended_by, booking.deadline_at = who.actor, None
        slots.release(booking)
        checkouts.close_for(booking, CheckoutStatus.EXPIRED, who)
        order_for(booking, "void")
        notices.tell(booking.client_id, "request_unanswered" if unanswered else "booking_expired", booking=booking)
        if unanswered:
            notices.tell(booking.practitioner.user_id, "request_unanswered", booking=booking)
        elif booking.approved_at:
            notices.tell(booking.practitioner.user_id, "booking_expired_practitioner", booking=booking)
        return True


def overdue() -> list[uuid.UUID]:
    """Ids of bookings whose deadline has passed."""
    statement = (
        select(Booking.id)
        .where(Booking.status.in_(WAITING), Booking.deadline_at <= clock.now())
        .order_by(Booking.deadline_at)
        .limit(500)
    )
    return list(db.session.scalars(statement))
