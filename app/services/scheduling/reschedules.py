"""Moving a session: either side proposes, the other accepts; the old place is kept until the new one is taken.

Where the terms allow it, a client moves a session without asking (report S2-20, S2-21, complaint 22).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app.domain.lifecycle import RESCHEDULE_MOVES, Actor, BookingStatus, RescheduleStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import chance, clock
from app.models import Booking, Reschedule, Slot, User
from app.services import bookings
from app.services.bookings import cancellation_policy
from app.services.core import batching, payment_methods
from app.services.core.errors import Conflict, Invalid
from app.services.core.transaction import CLOCK, Who, lock, record, transaction
from app.services.notifications import notices
from app.services.practice import holds, slots
from app.services.scheduling import price_changes

SHORTEST, LONGEST, STEP = 5, 720, 5  # minutes
_OPEN = RescheduleStatus.OPEN


@dataclass(frozen=True)
class Plan:
    """What a move would come to."""

    start: datetime
    minutes: int
    price: Money
    at_once: bool  # the terms let the client move it without asking
    counted_from: datetime | None = (
        None  # the start from which the terms of cancelling then count, where not the new one
    )


def propose(
    booking_id: uuid.UUID, user: User, start: datetime, *, minutes: int | None = None, reason: str = ""
) -> Reschedule:
    """The other side is asked for another time; where the terms allow it the session is moved at once.

    The same proposal again is the same one, and so is the same move; another proposal of the same side takes its place, one
    of the other side answers it.
    Raises NotFound, Invalid (slot_past, slot_not_offered, same_time, minutes_invalid), Conflict (not_allowed, slot_taken).
    """
    reason = bookings.clean_reason(reason, required=False)
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        _check_standing(booking)
        if done := _moved_there(booking, who, start, minutes):
            return done
        before = _open_of(booking)
        plan = plan_for(booking, who.actor, start, minutes)
        if before is not None and _says(before, plan, who):
            return before
        if not slots.could_shift(booking, plan.start, plan.minutes):
            raise Conflict("slot_taken", field="start")
        if before is not None:
            _settle(before, "withdraw" if _is_mine(before, who.actor) else "reject", who)
        made = _add(booking, plan, reason, who)
        if plan.at_once:
            _move_freely(made, booking, who)
        else:
            _tell_other(made, booking, "reschedule_proposed")
        return made


def accept(booking_id: uuid.UUID, user: User) -> Booking:
    """The session is at the proposed time; its old place is free. A difference in price is owed, or credit.

    Raises NotFound, Conflict (nothing_proposed, not_allowed, slot_taken: the old place is kept, payment_open).
    """
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposal = _to_answer(booking, who)
        _check_standing(booking)
        _carry_out(proposal, booking, who)
        cancellation_policy.begin_anew(booking)
        return booking


def reject(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The session stays where it is, and who proposed reads why. Raises NotFound, Invalid, Conflict (nothing_proposed)."""
    reason = bookings.clean_reason(reason, required=False)
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposal = _to_answer(booking, who)
        proposal.answer = reason
        _settle(proposal, "reject", who, why=reason)
        _tell_proposer(proposal, booking, "reschedule_rejected")
        return booking


def withdraw(booking_id: uuid.UUID, user: User) -> Booking:
    """The proposal is taken back by the side that made it. Raises NotFound, Conflict (nothing_proposed)."""
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposal = _open_of(booking)
        if proposal is None or not _is_mine(proposal, who.actor):
            raise Conflict("nothing_proposed")
        _settle(proposal, "withdraw", who)
        return booking


def open_of(booking: Booking) -> Reschedule | None:
    """The proposal that can still be answered, by the clock."""
    return _open_of(booking) if can_move(booking) else None


def can_move(booking: Booking) -> bool:
    """Whether another time may be proposed now: the session stands and has not begun."""
    return booking.status is BookingStatus.CONFIRMED and booking.starts_at > clock.now()


def can_answer(proposal: Reschedule, actor: Actor) -> bool:
    """Whether it is for this side to say yes or no."""
    return not _is_mine(proposal, actor)


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do about the time of the session now."""
    if not can_move(booking):
        return []
    proposal, actor = _open_of(booking), bookings.part_of(booking, user)
    if proposal is None:
        return ["reschedule"]
    answers = ["accept-reschedule", "reject-reschedule"] if can_answer(proposal, actor) else ["withdraw-reschedule"]
    return ["reschedule", *answers]


def plan_for(booking: Booking, actor: Actor, start: datetime, minutes: int | None = None) -> Plan:
    """What moving the session there would come to. Raises Invalid beside the field."""
    slots.check_sane(start)
    if start <= clock.now():
        raise Invalid("slot_past", field="start")
    now_long = _minutes(booking)
    minutes = now_long if minutes is None else minutes
    if not (SHORTEST <= minutes <= LONGEST and minutes % STEP == 0) and minutes != now_long:
        raise Invalid("minutes_invalid", field="minutes", least=SHORTEST, most=LONGEST, step=STEP)
    if (start, minutes) == (booking.starts_at, now_long):
        raise Invalid("same_time", field="start")
    if actor is Actor.CLIENT and start != booking.starts_at:
        slots.check_offered(booking.service, start)  # who gives the session may know better than their hours
    price = price_changes.for_length(booking.price, now_long, minutes)
    if price != booking.price and not booking.mode.is_paid_after and not payment_methods.accepting(price):
        raise Invalid("no_method", currency=price.currency)
    at_once = actor is Actor.CLIENT and minutes == now_long and moves_freely(booking)
    counted = cancellation_policy.counted_from(booking)
    stays = at_once and cancellation_policy.is_past_free(booking, clock.now()) and counted < start
    return Plan(start, minutes, price, at_once, counted if stays else None)


def moves_freely(booking: Booking) -> bool:
    """Whether the terms let the client move the session now without asking."""
    left = int(booking.policy.get("free_moves", 0)) - booking.moves
    until = booking.starts_at - timedelta(hours=int(booking.policy.get("free_move_hours", 24)))
    return left > 0 and clock.now() <= until


def lapse() -> int:
    """How many proposals ended because nobody answered in time, or because their session did."""
    ended = or_(Reschedule.expires_at <= clock.now(), Booking.status != BookingStatus.CONFIRMED)
    statement = select(Reschedule.id).join(Reschedule.booking).where(Reschedule.status == _OPEN, ended).limit(500)
    return sum(_lapse(proposal_id) for proposal_id in db.session.scalars(statement).all())


def _lapse(proposal_id: uuid.UUID) -> int:
    with transaction() as session:
        booking = lock(Booking, session.get_one(Reschedule, proposal_id).booking_id)
        proposal = lock(Reschedule, proposal_id)
        if booking is None or proposal is None or proposal.status is not _OPEN:
            return 0
        stands = booking.status is BookingStatus.CONFIRMED
        _settle(proposal, "expire" if stands else "withdraw", CLOCK)
        if stands and booking.starts_at > clock.now():
            _tell_proposer(proposal, booking, "reschedule_unanswered")
        return 1


# ------------------------------------------------------------------------------------------------ one proposal


def _check_standing(booking: Booking) -> None:
    if not can_move(booking):
        raise Conflict("not_allowed", action="reschedule", status=bookings.status_now(booking).value)


def _open_of(booking: Booking) -> Reschedule | None:
    return _open(booking.id)


@batching.question("booking", lambda: None)
def _open(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Reschedule | None]:
    theirs = select(Reschedule).where(Reschedule.booking_id.in_(ids), Reschedule.status == _OPEN)
    return {each.booking_id: each for each in db.session.scalars(theirs.where(Reschedule.expires_at > clock.now()))}


def _to_answer(booking: Booking, who: Who) -> Reschedule:
    proposal = _open_of(booking)
    if proposal is None or not can_answer(proposal, who.actor):
        raise Conflict("nothing_proposed")
    return proposal


def _is_mine(proposal: Reschedule, actor: Actor) -> bool:
    # Staff act for the practice.
    return (proposal.proposed_by is Actor.CLIENT) == (actor is Actor.CLIENT)


def _says(proposal: Reschedule, plan: Plan, who: Who) -> bool:
    same = (proposal.starts_at, proposal.minutes) == (plan.start, plan.minutes)
    return same and _is_mine(proposal, who.actor) and not plan.at_once


def _moved_there(booking: Booking, who: Who, start: datetime, minutes: int | None) -> Reschedule | None:
    """The move of this side that has brought the session just there: the same press again is the same success."""
    mine = select(Reschedule).where(Reschedule.booking_id == booking.id, Reschedule.status == RescheduleStatus.ACCEPTED)
    last = db.session.scalars(mine.order_by(Reschedule.settled_at.desc()).limit(1)).one_or_none()
    if last is None or not _is_mine(last, who.actor):
        return None
    is_there = (last.starts_at, last.ends_at) == (booking.starts_at, booking.ends_at)
    same = start == last.starts_at and minutes in (None, last.minutes)
    return last if is_there and same else None


def _minutes(booking: Booking) -> int:
    return int((booking.ends_at - booking.starts_at).total_seconds()) // 60


def _add(booking: Booking, plan: Plan, reason: str, who: Who) -> Reschedule:
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
        _settle(lapsed, "expire", CLOCK)


def _settle(proposal: Reschedule, action: str, who: Who, *, why: str = "") -> None:
    target = RESCHEDULE_MOVES[action][proposal.status]
    record("reschedule", proposal.id, proposal.status, target, who, why=why, booking_id=proposal.booking_id)
    proposal.status, proposal.settled_at = target, clock.now()
    db.session.flush()


def _move_freely(made: Reschedule, booking: Booking, who: Who) -> None:
    if cancellation_policy.is_past_free(booking, clock.now()):
        cancellation_policy.hold_on(booking)
    booking.moves += 1
    _carry_out(made, booking, who)


def _carry_out(proposal: Reschedule, booking: Booking, who: Who) -> None:
    """The swap of places, the room, the price and the news of it, all or nothing."""
    left = db.session.get_one(Slot, booking.slot_id)
    holds.shift(booking, proposal.starts_at, proposal.minutes)
    bookings.settle_in(booking, left)
    booking.version += 1
    price_changes.change(booking, proposal.price, who)
    _settle(proposal, "accept", who)
    data = _data(proposal) | {"start": booking.starts_at.isoformat()}
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "booking_moved", booking=booking, cause=proposal.id, data=data)


def _tell_other(proposal: Reschedule, booking: Booking, kind: str) -> None:
    practice, client = booking.practitioner.user_id, booking.client_id
    user_id = practice if proposal.proposed_by is Actor.CLIENT else client
    notices.tell(user_id, kind, booking=booking, cause=proposal.id, data=_data(proposal))


def _tell_proposer(proposal: Reschedule, booking: Booking, kind: str) -> None:
    practice, client = booking.practitioner.user_id, booking.client_id
    user_id = client if proposal.proposed_by is Actor.CLIENT else practice
    notices.tell(user_id, kind, booking=booking, cause=proposal.id, data=_data(proposal))


def _data(proposal: Reschedule) -> dict[str, str]:
    return {"reschedule": str(proposal.id), "to": proposal.starts_at.isoformat(), "was": proposal.was_at.isoformat()}
