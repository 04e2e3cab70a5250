"""Proposing another time and answering: either side proposes, the other accepts.

Where the terms allow it nobody is asked.
"""

import uuid
from datetime import datetime

from sqlalchemy import Select, or_, select

from app.domain.lifecycle import TABS, Actor, BookingStatus, RescheduleStatus
from app.domain.quotas import Rule
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Booking, Reschedule, Slot, User
from app.services import bookings, practice
from app.services.bookings import attendees, cancellation_policy, waiting
from app.services.core import quotas
from app.services.core.errors import Conflict
from app.services.core.transaction import CLOCK, Who, lock, transaction
from app.services.notifications import notices
from app.services.practice import holds, slots
from app.services.scheduling import price_changes
from app.services.scheduling.reschedules import proposals
from app.services.scheduling.reschedules.move_plans import plan_for

_OPEN = RescheduleStatus.OPEN


def propose(
    booking_id: uuid.UUID,
    user: User,
    start: datetime,
    *,
    minutes: int | None = None,
    reason: str = "",
    in_time_off: bool = False,
) -> Reschedule:
    """The other side is asked for another time; where the terms allow it the session is moved at once.

    Proposed again it is one proposal, and moved again one move; another proposal of the same side takes its place, one of
    the other side answers it. The practice may propose a time outside its hours, and one in its time off if it says so.
    Raises NotFound, Invalid (slot_past, slot_not_offered, same_time, minutes_invalid, whole_minutes), Conflict (not_allowed,
    slot_taken, time_off_then, too_many_proposals).
    """
    reason = bookings.clean_reason(reason, required=False)
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposals.check_standing(booking)
        if done := proposals.moved_there(booking, who, start, minutes):
            return done
        practice.lock_diary(booking.practitioner_id)  # whether the time is given is read under it, and by which rules
        before = proposals.open_row(booking)
        plan = plan_for(booking, who.actor, start, minutes)
        if before is not None and proposals.says(before, plan, who):
            return before
        if not _could_move(booking, plan.start, plan.minutes, who):
            raise Conflict("slot_taken", field="start")
        if who.actor is not Actor.CLIENT and not in_time_off and proposals.time_off_in(plan, booking):
            raise Conflict("time_off_then", field="start")
        if before is not None:
            proposals.settle(before, "withdraw" if proposals.is_mine(before, who.actor) else "reject", who)
        made = proposals.add(booking, plan, reason, who)
        quotas.spend_here({Rule.PROPOSALS: f"{user.id}:{booking.id}"})
        if plan.at_once:
            _move_freely(made, booking, who)
        else:
            proposals.tell_other(made, booking, "reschedule_proposed")
        return made


def accept(booking_id: uuid.UUID, user: User) -> Booking:
    """The session is at the proposed time; its old place is free.

    A difference in price is owed, or credit.
    Raises NotFound, Conflict (nothing_proposed, not_allowed, slot_taken: the old place is held, payment_open).
    """
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposal = proposals.to_answer(booking, who)
        proposals.check_standing(booking)
        _carry_out(proposal, booking, who)
        cancellation_policy.unpin_start(booking)
        return booking


def reject(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The session stays where it is, and who proposed reads why.

    Raises NotFound, Invalid, Conflict (nothing_proposed).
    """
    reason = bookings.clean_reason(reason, required=False)
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposal = proposals.to_answer(booking, who)
        proposal.answer = reason
        proposals.settle(proposal, "reject", who, why=reason)
        proposals.tell_proposer(proposal, booking, "reschedule_rejected")
        return booking


def withdraw(booking_id: uuid.UUID, user: User) -> Booking:
    """The proposal is taken back by the side that made it. Raises NotFound, Conflict (nothing_proposed)."""
    with transaction():
        booking, who = bookings.locked(booking_id, user)
        proposal = proposals.open_row(booking)
        if proposal is None or not proposals.is_mine(proposal, who.actor):
            raise Conflict("nothing_proposed")
        proposals.settle(proposal, "withdraw", who)
        return booking


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do about the time of the session now."""
    if not proposals.can_move(booking):
        return []
    actor = bookings.role_in(booking, user)
    proposal = proposals.open_row(booking)
    if proposal is None:
        return ["reschedule"]
    if proposals.can_answer(proposal, actor):
        return ["reschedule", "accept-reschedule", "reject-reschedule"]
    return ["reschedule", "withdraw-reschedule"]


def _lapsed() -> Select[uuid.UUID]:
    ended = or_(Reschedule.expires_at <= moments.now(), Booking.status != BookingStatus.CONFIRMED)
    return select(Reschedule.id).join(Reschedule.booking).where(Reschedule.status == _OPEN, ended)


@found_by(_lapsed)
def lapse() -> int:
    """How many proposals ended because nobody answered in time, or because their session did."""
    return sum(_lapse(proposal_id) for proposal_id in db.session.scalars(_lapsed().limit(500)).all())


def _lapse(proposal_id: uuid.UUID) -> int:
    with transaction() as session:
        booking = lock(Booking, session.get_one(Reschedule, proposal_id).booking_id)
        proposal = lock(Reschedule, proposal_id)
        if booking is None or proposal is None or proposal.status is not _OPEN:
            return 0
        stands = booking.status is BookingStatus.CONFIRMED
        proposals.settle(proposal, "expire" if stands else "withdraw", CLOCK)
        if stands and booking.starts_at > clock.now():
            proposals.tell_proposer(proposal, booking, "reschedule_unanswered")
        return 1


def _move_freely(made: Reschedule, booking: Booking, who: Who) -> None:
    if cancellation_policy.is_past_free(booking, clock.now()):
        cancellation_policy.pin_start(booking)
    booking.moves += 1
    _carry_out(made, booking, who)


def _could_move(booking: Booking, start: datetime, minutes: int, who: Who) -> bool:
    """Whether the places are free then, once who waits for that time has been served; what is kept for them is the practice's.

    The caller holds the diary's lock.
    """
    waiting.settle(booking.service, start, booking.client)
    is_kept = who.actor is Actor.CLIENT and waiting.is_kept_from(booking.client, booking.service, start)
    return not is_kept and slots.could_shift(booking, start, minutes)


def _carry_out(proposal: Reschedule, booking: Booking, who: Who) -> None:
    """The swap of places, the room, the price and the news of it, all or nothing."""
    left = db.session.get_one(Slot, booking.slot_id)
    holds.shift(booking, proposal.starts_at, proposal.minutes)
    waiting.settle_at_the_end(left)
    bookings.settle_in(booking, left)
    attendees.ask_again(booking)
    booking.version += 1
    price_changes.change(booking, proposal.price, who)
    proposals.settle(proposal, "accept", who)
    data = proposals.news_of(proposal) | {"start": booking.starts_at.isoformat()}
    for user_id in (booking.client_id, booking.practitioner.user_id):
        notices.tell(user_id, "booking_moved", booking=booking, cause=proposal.id, data=data)
    _tell_if_emptied(left, booking, proposal)


def _tell_if_emptied(left: Slot, booking: Booking, proposal: Reschedule) -> None:
    """Whoever gives a group is told that nobody is left at its time; the mail takes it out of their calendar."""
    others = select(Booking.id).where(Booking.slot_id == left.id, Booking.status.in_(TABS["upcoming"]))
    if left.capacity == 1 or booking.slot_id == left.id or db.session.scalar(others.limit(1)) is not None:
        return
    data = proposals.news_of(proposal) | {"left": [left.starts_at.isoformat(), left.ends_at.isoformat()]}
    owner_id = booking.practitioner.user_id
    notices.tell(owner_id, "group_emptied", booking=booking, cause=proposal.id, data=data)
