"""Ending: declined, cancelled, expired, nobody came; and what becomes of money that was paid or is owed."""

import uuid

from sqlalchemy import Select, select

from app.domain.lifecycle import Actor, BookingStatus, CheckoutStatus, PendingOperation, RefundMeans
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Booking, Refund, Slot, User
from app.services.bookings import cancellation_policy, time_windows, waiting
from app.services.bookings.ending import money_back
from app.services.bookings.ending.money_back import Outcome, Share
from app.services.bookings.status_changes import (
    WAITING,
    has_open_payment,
    is_overdue,
    is_unresolved,
    lock_with_checkout,
    locked,
    role_in,
    status_now,
    transition,
)
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, transaction
from app.services.ledger import balance_due, checkouts
from app.services.ledger.capture_orders import order_all
from app.services.notifications import notices
from app.services.practice import holds

REASON_LIMIT = 500


def decline(booking_id: uuid.UUID, user: User, reason: str, *, was_open: bool = False) -> Booking:
    """The request is declined and its places are free.

    Money that still comes goes back, reserved money is let go.
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
    """The booking is cancelled, its places are free, and what the policy gives back is on its way.

    Ask the gateway first (attempts.close): a payment it already has makes the booking confirmed instead.
    Raises NotFound, Invalid, Conflict (not_allowed, session_over).
    """
    reason = clean_reason(reason, required=False)
    with transaction():
        booking, who = locked(booking_id, user)
        if time_windows.is_too_late(booking, "cancel", who.actor) and booking.status is BookingStatus.CONFIRMED:
            raise Conflict("session_over")
        return _cancel(booking, who, reason)


def _cancel(booking: Booking, who: Who, reason: str) -> Booking:
    settled = money_back.outcome(booking, _share(booking, who.actor))
    booking.late = cancellation_policy.is_late(booking, who.actor, clock.now())
    end(booking, "cancel", who, reason)
    made = money_back.ask(settled.parts, "cancelled", who)
    data = _told(settled, made)
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "booking_cancelled", booking=booking, data=data)
    if settled.owed is not None:
        balance_due.open_fee(booking, settled.owed, who)
    return booking


def give_back(booking: Booking, who: Who, reason: str) -> None:
    """The session did not take place as agreed: everything is on its way back and nothing is owed; both are told.

    In the caller's transaction, which has locked the booking.
    """
    everything = money_back.outcome(booking, lambda agreed: agreed)
    end(booking, "give-back", who, reason)
    made = money_back.ask(everything.parts, "not_given", who)
    data = _told(everything, made) | {"not_given": 1}
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "booking_cancelled", booking=booking, data=data)


def try_end_unpaid(booking_id: uuid.UUID, who: Who) -> bool:
    """The booking is cancelled if it still waits for an answer or for money, and both are told; whether it was.

    Not while a payment's outcome is open: ask the gateway first, as for `cancel`.
    """
    with transaction():
        booking = lock_with_checkout(booking_id)
        if booking is None or status_now(booking) not in WAITING or is_unresolved(booking):
            return False
        _cancel(booking, who, "")
        return True


def _share(booking: Booking, actor: Actor) -> Share:
    return lambda agreed: cancellation_policy.comes_back(booking, agreed, actor, clock.now())


def _told(settled: Outcome, made: list[Refund]) -> dict[str, int]:
    """What becomes of the money, for the message, in minor units.

    `paid` says whether any was; `kept` is what of it stays, `session` what is in a package again, `owed` what the terms still
    ask for.
    """
    told = {"paid": int(settled.back is not None), "kept": settled.kept.amount if settled.kept else 0}
    told |= {"owed": settled.owed.amount} if settled.owed else {}
    if not made:
        return told
    credited = sum(refund.amount for refund in made if refund.means is RefundMeans.WALLET)
    sessions = sum(refund.amount for refund in made if refund.means is RefundMeans.PACKAGE)
    back = sum(refund.amount for refund in made) - sessions
    return told | {"back": back, "credited": credited, "session": sessions}


def if_cancelled(booking: Booking, user: User) -> Outcome:
    """What would become of the money if the person cancelled now: just what `cancel` then does."""
    return money_back.outcome(booking, _share(booking, role_in(booking, user)))


def after_no_show(booking: Booking, settled: Outcome, who: Who) -> None:
    """What the policy gives back to who did not come is on its way, or what it costs them owed (X16, bookings 4).

    Both are told that it was missed, and what becomes of the money. `settled` is what `if_no_show` said while the session
    stood. In the caller's transaction.
    """
    made = money_back.ask(settled.parts, "no_show", who)
    tell_missed(booking, _told(settled, made))
    bill = checkouts.open_for(booking)
    if bill is not None and bill.money == settled.owed:
        return  # all of the difference is kept: it stays to be paid as it is
    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)
    if settled.owed is not None:
        balance_due.open_fee(booking, settled.owed, who)


def tell_missed(booking: Booking, data: dict[str, int]) -> None:
    """Both know that the client did not come, and what becomes of the money.

    `data` is that of `_told`, or says that staff look at it first ("looked_at"), or that nothing changes ("stands").
    """
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "session_no_show", booking=booking, data=data)


def if_no_show(booking: Booking) -> Outcome:
    """What would become of the money if nobody came: just what `after_no_show` then does."""
    return money_back.outcome(booking, lambda agreed: cancellation_policy.comes_back_after_no_show(booking, agreed))


def waive(booking_id: uuid.UUID, user: User, reason: str) -> None:
    """The debt for the booking is forgiven, by who it is owed to.

    Raises NotFound, Invalid, Conflict (nothing_owed).
    """
    reason = clean_reason(reason, required=False)
    with transaction():
        booking, who = locked(booking_id, user)
        if who.actor is Actor.CLIENT:
            raise NotFound
        checkout = checkouts.open_for(booking)
        if checkout is None or not checkouts.is_owed(checkout):
            raise Conflict("nothing_owed")
        checkouts.set_status(checkout, CheckoutStatus.CANCELLED, who, why=reason)
        balance_due.tell_waived(checkout, booking)


def end(booking: Booking, action: str, who: Who, reason: str) -> None:
    """The booking is over by hand: places free, nothing left to pay."""
    transition(booking, action, who, why=reason)
    booking.cancelled_at = clock.now()
    booking.reason = reason
    booking.ended_by = who.actor
    booking.deadline_at = None
    holds.release(booking)
    waiting.settle_at_the_end(db.session.get_one(Slot, booking.slot_id))
    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)
    order_all(booking, PendingOperation.VOID)


def try_expire(booking_id: uuid.UUID, who: Who) -> bool:
    """The booking has ended if its deadline passed and no payment's outcome is open; returns whether it did."""
    with transaction():
        booking = lock_with_checkout(booking_id)
        now = clock.now()
        if booking is None or not is_overdue(booking, now) or is_unresolved(booking):
            return False
        unanswered = booking.status is BookingStatus.PENDING_APPROVAL
        transition(booking, "expire", who, by_clock=False)
        booking.ended_by = who.actor
        booking.deadline_at = None
        holds.release(booking)
        waiting.settle_at_the_end(db.session.get_one(Slot, booking.slot_id))
        checkouts.close_for(booking, CheckoutStatus.EXPIRED, who)
        order_all(booking, PendingOperation.VOID)
        notices.tell(booking.client_id, "request_unanswered" if unanswered else "booking_expired", booking=booking)
        if unanswered:
            notices.tell(booking.practitioner.user_id, "request_unanswered", booking=booking)
        elif booking.approved_at:
            notices.tell(booking.practitioner.user_id, "booking_expired_practitioner", booking=booking)
        return True


def _lapsed() -> Select[uuid.UUID]:
    return select(Booking.id).where(Booking.status.in_(WAITING), Booking.deadline_at <= moments.now())


@found_by(_lapsed)
def overdue() -> list[uuid.UUID]:
    """Ids of bookings whose deadline has passed.

    Those that end without asking a gateway, which may hang, come first.
    """
    statement = _lapsed().order_by(has_open_payment(Booking.id), Booking.deadline_at).limit(500)
    return list(db.session.scalars(statement))


def clean_reason(reason: str, *, required: bool = True) -> str:
    """The reason, tidy. Raises Invalid (reason_missing, too_long)."""
    reason = reason.strip()
    if required and not reason:
        raise Invalid("reason_missing", field="reason")
    if len(reason) > REASON_LIMIT:
        raise Invalid("too_long", field="reason", most=REASON_LIMIT)
    return reason
