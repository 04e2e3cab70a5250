"""What time brings: sessions that come near, and bills nobody has paid yet.

Written once each, re-read when sent.
"""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import BookingStatus, CheckoutStatus
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Booking, Checkout, Notification
from app.services.bookings import attendance
from app.services.core.transaction import transaction
from app.services.ledger import reviews
from app.services.notifications import message_truth, notices

SOON = timedelta(minutes=30)  # a stage shorter than this says that it starts, and where to join
PRACTICE = timedelta(hours=1)  # practitioners see their day in the app: only the last stages reach them
NUDGE_AFTER = timedelta(minutes=10)
_LASTS = timedelta(minutes=14)  # a hold of a quarter of an hour; a shorter one is over before a message helps
_MOST = 200  # written in one pass; the next goes on


def _near() -> Select[Booking]:
    begins = (Booking.starts_at > moments.now(), Booking.starts_at <= moments.ahead(_first_stage))
    return select(Booking).where(Booking.status == BookingStatus.CONFIRMED, *begins)


def _first_stage() -> timedelta:
    """The longest before a session at which its people are told; nothing is near where nobody is."""
    return next(iter(current_app.config["REMINDERS"]), timedelta(0))


@found_by(_near)
def remind() -> int:
    """How many reminders were written: one for each stage of KIKAO_REMINDERS, start and person (S2-11)."""
    now = clock.now()
    near = [(booking, stage) for booking in _upcoming() if (stage := _stage(booking, now))]
    fresh = _fresh(near)
    if not fresh:
        return 0
    with transaction():
        return sum(_tell(user_id, booking, stage) for user_id, booking, stage in fresh[:_MOST])


def _unpaid() -> Select[Checkout]:
    told = select(Notification.id).where(
        Notification.booking_id == Checkout.booking_id, Notification.kind == "payment_nudge"
    )
    return (
        select(Checkout)
        .join(Booking, Booking.id == Checkout.booking_id)
        .where(Checkout.kind == CheckoutKind.BOOKING, Checkout.status == CheckoutStatus.OPEN)
        .where(Booking.status == BookingStatus.AWAITING_PAYMENT, Checkout.created_at <= moments.ago(NUDGE_AFTER))
        .where(Checkout.expires_at > moments.now(), ~told.exists())
    )


@found_by(_unpaid)
def nudge() -> int:
    """How many people were reminded, once each, of a bill unpaid while a place is held (complaint 23)."""
    now = clock.now()
    unpaid = db.session.scalars(_unpaid().options(selectinload(Checkout.attempts)))
    waiting = [each for each in unpaid if _is_time(each, now) and message_truth.can_be_nudged(each)]
    fresh = [checkout for checkout in waiting if not reviews.of_checkout(checkout)]
    if not fresh:
        return 0
    with transaction():
        return sum(_nudge(checkout) for checkout in fresh[:_MOST])


def _over() -> Select[Booking]:
    return attendance.unmarked(moments.ago(attendance.ASKED_AFTER))


def _unasked() -> Select[Booking]:
    told = select(Notification.id).where(Notification.booking_id == Booking.id, Notification.kind == "session_unmarked")
    return _over().where(~told.exists())


@found_by(_unasked)
def ask_how_it_went() -> int:
    """How many practitioners were asked, once for each session, how one went that they have not marked a day after its end."""
    waiting = list(db.session.scalars(_unasked().limit(_MOST)))
    if not waiting:
        return 0
    with transaction():
        ids = [booking.id for booking in waiting]
        still = db.session.scalars(_over().where(Booking.id.in_(ids))).all()
        return sum(_ask(booking) for booking in still)


def _ask(booking: Booking) -> int:
    return int(notices.tell(booking.practitioner.user_id, "session_unmarked", booking=booking, once=True))


# ------------------------------------------------------------------------------------------------ sessions


def _upcoming() -> list[Booking]:
    loaded = (selectinload(Booking.practitioner), selectinload(Booking.hold))
    return list(db.session.scalars(_near().order_by(Booking.starts_at).options(*loaded)))


def _stage(booking: Booking, now: datetime) -> timedelta | None:
    """The nearest stage, if it was reached not long ago and after the place was taken; else None."""
    reached = [stage for stage in current_app.config["REMINDERS"] if booking.starts_at - stage <= now]
    if not reached:
        return None
    moment = booking.starts_at - reached[-1]
    return reached[-1] if max(_stands_since(booking), now - reached[-1] / 2) <= moment else None


def _stands_since(booking: Booking) -> datetime:
    """When it was agreed that the session is then: it was confirmed, or moved there."""
    stands = booking.confirmed_at or booking.created_at
    return max(stands, booking.hold.taken_at) if booking.hold else stands


def _cause(booking: Booking, stage: timedelta) -> str:
    return f"{booking.starts_at:%Y%m%dT%H%M}:{stage // timedelta(minutes=1)}"


def _fresh(near: list[tuple[Booking, timedelta]]) -> list[tuple[int, Booking, timedelta]]:
    """Whom to tell of which session: each person once of a slot, however many seats of it are taken."""
    told = _told([booking.slot_id for booking, _ in near]) if near else set()
    found = []
    for booking, stage in near:
        for user_id in (booking.client_id, *([booking.practitioner.user_id] if stage <= PRACTICE else [])):
            key = (user_id, booking.slot_id, _cause(booking, stage))
            if key not in told:
                told.add(key)
                found.append((user_id, booking, stage))
    return found


def _told(slot_ids: list[int]) -> set[tuple[int, int, str]]:
    """Person, slot and cause of what stands written already, so that a pass without news writes nothing."""
    statement = (
        select(Notification.user_id, Booking.slot_id, Notification.data)
        .join(Booking, Booking.id == Notification.booking_id)
        .where(Booking.slot_id.in_(slot_ids), Notification.kind.in_(("session_reminder", "session_soon")))
    )
    return {(user_id, slot_id, data["cause"]) for user_id, slot_id, data in db.session.execute(statement)}


def _tell(user_id: int, booking: Booking, stage: timedelta) -> int:
    kind = "session_soon" if stage < SOON else "session_reminder"
    cause = _cause(booking, stage)
    data = {"starts": booking.starts_at.isoformat(), "cause": cause}
    return int(notices.tell(user_id, kind, booking=booking, cause=cause, data=data, once=True))


# ------------------------------------------------------------------------------------------------ bills


def _is_time(checkout: Checkout, now: datetime) -> bool:
    """Whether ten minutes and half of the time to pay are over; who was just approved is not nudged."""
    length = checkout.expires_at - checkout.created_at
    return length >= _LASTS and now - checkout.created_at >= max(NUDGE_AFTER, length / 2)


def _nudge(checkout: Checkout) -> int:
    data = {"amount": checkout.amount, "currency": checkout.currency, "checkout": str(checkout.id)}
    told = notices.tell(
        checkout.client_id, "payment_nudge", booking=checkout.booking, cause=checkout.id, data=data, once=True
    )
    return int(told)
