"""One proposal to move a session: its row, whose it is to answer, how it ends, and who is told."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import and_, select

from app.domain.lifecycle import RESCHEDULE_MOVES, Actor, BookingStatus, RescheduleStatus
from app.extensions import db
from app.lib import chance, clock
from app.models import Booking, BusyTime, Reschedule, TimeOff
from app.services import bookings, practice
from app.services.core import batching
from app.services.core.errors import Conflict
from app.services.core.transaction import CLOCK, Who, record
from app.services.notifications import notices
from app.services.scheduling.reschedules.move_plans import Plan

_OPEN = RescheduleStatus.OPEN


def open_of(booking: Booking) -> Reschedule | None:
    """The proposal that can still be answered, by the clock."""
    return open_row(booking) if can_move(booking) else None


def can_move(booking: Booking) -> bool:
    """Whether another time may be proposed now: the session stands and has not begun."""
    return booking.status is BookingStatus.CONFIRMED and booking.starts_at > clock.now()


def can_answer(proposal: Reschedule, actor: Actor) -> bool:
    """Whether it is for this side to say yes or no."""
    return not is_mine(proposal, actor)


def is_elsewhere(proposal: Reschedule, booking: Booking, actor: Actor) -> bool:
    """Whether the practice may accept it, and another calendar of the practitioner is busy at the new time by now."""
    return actor is not Actor.CLIENT and can_answer(proposal, actor) and _elsewhere(booking.id)


def time_off_in(plan: Plan | Reschedule, booking: Booking) -> TimeOff | None:
    """The practitioner's time off that the new time meets, or None."""
    start = plan.start if isinstance(plan, Plan) else plan.starts_at
    return practice.time_off.at(booking.practitioner, start, start + timedelta(minutes=plan.minutes))


def is_in_time_off(proposal: Reschedule, booking: Booking, actor: Actor) -> bool:
    """Whether the practice may accept it, and its practitioner has time off at the new time."""
    return actor is not Actor.CLIENT and can_answer(proposal, actor) and time_off_in(proposal, booking) is not None


@batching.batched("booking", bool)
def _elsewhere(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    meets = (
        BusyTime.practitioner_id == Booking.practitioner_id,
        BusyTime.starts_at < Reschedule.ends_at,
        BusyTime.ends_at > Reschedule.starts_at,
    )
    open_ones = select(Booking.id).join(Reschedule, Reschedule.booking_id == Booking.id).join(BusyTime, and_(*meets))
    open_ones = open_ones.where(Booking.id.in_(ids), Reschedule.status == _OPEN)
    return dict.fromkeys(db.session.scalars(open_ones.distinct()), True)


def check_standing(booking: Booking) -> None:
    """Another time may be proposed for the booking. Raises Conflict (practice_closed, not_allowed)."""
    if not booking.practitioner.user.gives_sessions:
        raise Conflict("practice_closed")
    if not can_move(booking):
        raise Conflict("not_allowed", action="reschedule", status=bookings.status_now(booking).value)


def open_row(booking: Booking) -> Reschedule | None:
    """The proposal that has not been answered and has not run out, whatever became of the session."""
    return _open(booking.id)


@batching.batched("booking", lambda: None)
def _open(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Reschedule | None]:
    theirs = select(Reschedule).where(Reschedule.booking_id.in_(ids), Reschedule.status == _OPEN)
    return {each.booking_id: each for each in db.session.scalars(theirs.where(Reschedule.expires_at > clock.now()))}


def to_answer(booking: Booking, who: Who) -> Reschedule:
    """The proposal that this side is to answer. Raises Conflict (nothing_proposed)."""
    proposal = open_row(booking)
    if proposal is None or not can_answer(proposal, who.actor):
        raise Conflict("nothing_proposed")
    return proposal


def is_mine(proposal: Reschedule, actor: Actor) -> bool:
    """Whether this side made the proposal; staff act for the practice."""
    return (proposal.proposed_by is Actor.CLIENT) == (actor is Actor.CLIENT)


def says(proposal: Reschedule, plan: Plan, who: Who) -> bool:
    """Whether this side has proposed just this, and waits for the answer."""
    same = (proposal.starts_at, proposal.minutes) == (plan.start, plan.minutes)
    return same and is_mine(proposal, who.actor) and not plan.at_once


def moved_there(booking: Booking, who: Who, start: datetime, minutes: int | None) -> Reschedule | None:
    """This side's move that has brought the session just there; pressed again it succeeds again."""
    mine = select(Reschedule).where(Reschedule.booking_id == booking.id, Reschedule.status == RescheduleStatus.ACCEPTED)
    last = db.session.scalars(mine.order_by(Reschedule.settled_at.desc()).limit(1)).one_or_none()
    if last is None or not is_mine(last, who.actor):
        return None
    is_there = (last.starts_at, last.ends_at) == (booking.starts_at, booking.ends_at)
    same = start == last.starts_at and minutes in (None, last.minutes)
    return last if is_there and same else None


def add(booking: Booking, plan: Plan, reason: str, who: Who) -> Reschedule:
    """The proposal stands until it is answered, or until one of the two times.

    Inside the caller's transaction.
    """
    _end_lapsed(booking)
    until = clock.now() + timedelta(hours=int(booking.policy["answer_hours"]))
    made = Reschedule(
        id=chance.new_id(),
        booking=booking,
        proposed_by=who.actor,
        starts_at=plan.start,
        ends_at=plan.start + timedelta(minutes=plan.minutes),
        was_at=booking.starts_at,
        price_amount=plan.price.amount,
        reason=reason,
        status=_OPEN,
        created_at=clock.now(),
        expires_at=min(until, plan.start, booking.starts_at),
    )
    db.session.add(made)
    db.session.flush()
    record("reschedule", made.id, "", _OPEN, who, why=reason, booking_id=booking.id)
    return made


def _end_lapsed(booking: Booking) -> None:
    """One that ran out by the clock, and that no sweep has written down yet, makes room for the next."""
    mine = select(Reschedule).where(Reschedule.booking_id == booking.id, Reschedule.status == _OPEN)
    for lapsed in db.session.scalars(mine.where(Reschedule.expires_at <= clock.now())).all():
        settle(lapsed, "expire", CLOCK)


def settle(proposal: Reschedule, action: str, who: Who, *, why: str = "") -> None:
    """The proposal has ended in this way, and the trail says so."""
    target = RESCHEDULE_MOVES[action][proposal.status]
    record("reschedule", proposal.id, proposal.status, target, who, why=why, booking_id=proposal.booking_id)
    proposal.status = target
    proposal.settled_at = clock.now()
    db.session.flush()


def tell_other(proposal: Reschedule, booking: Booking, kind: str) -> None:
    """The side that did not propose will be told."""
    by_client = proposal.proposed_by is Actor.CLIENT
    _tell(proposal, booking, booking.practitioner.user_id if by_client else booking.client_id, kind)


def tell_proposer(proposal: Reschedule, booking: Booking, kind: str) -> None:
    """The side that proposed will be told."""
    by_client = proposal.proposed_by is Actor.CLIENT
    _tell(proposal, booking, booking.client_id if by_client else booking.practitioner.user_id, kind)


def _tell(proposal: Reschedule, booking: Booking, user_id: int, kind: str) -> None:
    notices.tell(user_id, kind, booking=booking, cause=proposal.id, data=news_of(proposal))


def news_of(proposal: Reschedule) -> dict[str, str]:
    """Which proposal it is, from when to when, for a message."""
    return {"reschedule": str(proposal.id), "to": proposal.starts_at.isoformat(), "was": proposal.was_at.isoformat()}
