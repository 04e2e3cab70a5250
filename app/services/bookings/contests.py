"""What one side says about who came against the other: staff look at it, and until then nobody decides about the money."""

import uuid

from app.domain.lifecycle import BOOKING_MOVES, Actor, AttendanceClaim, BookingStatus
from app.models import Booking, User
from app.services.bookings import time_windows
from app.services.bookings.attendance import hang_up, make_attended, make_completed, make_missed
from app.services.bookings.ending import cancellation
from app.services.bookings.status_changes import locked, role_in, target_of
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, transaction
from app.services.ledger import attendance_reviews

DECISIONS = tuple(action for action, move in BOOKING_MOVES.items() if move.in_review)

_SIDES = frozenset({Actor.CLIENT, Actor.PRACTITIONER})
_MOST_ADDED = 10  # times one side says something of one session

# What the client may say of a session in which status.
_CLAIMS: dict[str, tuple[AttendanceClaim, frozenset[BookingStatus]]] = {
    "nobody-came": (
        AttendanceClaim.NOBODY_CAME,
        frozenset({BookingStatus.CONFIRMED, BookingStatus.IN_PROGRESS, BookingStatus.COMPLETED}),
    ),
    "was-there": (AttendanceClaim.WAS_THERE, frozenset({BookingStatus.NO_SHOW})),
}


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may say now about who came. Raises NotFound."""
    actor = role_in(booking, user)
    claims = [action for action in _CLAIMS if _is_possible(booking, action, actor)]
    return [*claims, "what-happened"] if _may_say_more(booking, actor) else claims


def contest(booking_id: uuid.UUID, user: User, action: str, reason: str = "") -> Booking:
    """The client's word ("nobody-came", "was-there") stands against the other's: staff decide, and both know (ROW-2).

    Raises NotFound, Invalid, Conflict (not_allowed, both_were_there, too_early: setting KIKAO_NO_SHOW_MINUTES, session_over).
    """
    reason = cancellation.clean_reason(reason, required=False)
    claim, _ = _CLAIMS[action]
    with transaction():
        booking, who = locked(booking_id, user)
        if who.actor is not Actor.CLIENT:
            raise NotFound
        _check(booking, action, who.actor)
        attendance_reviews.open_review(booking, claim, who, reason)
        return booking


def say_what_happened(booking_id: uuid.UUID, user: User, text: str) -> Booking:
    """What this side says happened stands beside the other's, for staff alone; it may be added to until they have decided.

    Raises NotFound, Invalid (reason_missing, too_long), Conflict (not_allowed: it is decided, or was added to often enough).
    """
    text = cancellation.clean_reason(text)
    with transaction():
        booking, who = locked(booking_id, user)
        if who.actor not in _SIDES:
            raise NotFound
        review = attendance_reviews.last_of(booking)
        if review is None or not _may_say_more(booking, who.actor):
            raise Conflict("not_allowed", action="what-happened", status=booking.status.value)
        attendance_reviews.say(review, who, text)
        return booking


def _may_say_more(booking: Booking, actor: Actor) -> bool:
    if actor not in _SIDES or not attendance_reviews.is_open(booking.id):
        return False
    review = attendance_reviews.last_of(booking)
    if review is None:
        return False
    mine = [each for each in attendance_reviews.said(review) if each.actor is actor and not each.is_opening]
    return len(mine) < _MOST_ADDED


def decide(booking_id: uuid.UUID, user: User, action: str, reason: str = "") -> Booking:
    """Who came is decided, by staff, or by the practitioner who agrees to give everything back; both are told.

    Raises NotFound, Invalid (reason_missing), Conflict (not_allowed).
    """
    with transaction():
        booking, who = locked(booking_id, user)
        if who.actor is Actor.CLIENT:
            raise NotFound
        reason = cancellation.clean_reason(reason, required=who.actor is Actor.STAFF)
        target = target_of(booking, action, who)
        review = attendance_reviews.last_of(booking)
        if review is None or action not in DECISIONS:
            raise Conflict("not_allowed", action=action, status=booking.status.value)
        hang_up(booking, who)
        _carry_out(booking, action, target, who, reason, is_settled=review.claim is AttendanceClaim.WAS_THERE)
        attendance_reviews.close(review, action, who, reason)
        return booking


def _carry_out(
    booking: Booking, action: str, target: BookingStatus, who: Who, reason: str, *, is_settled: bool
) -> None:
    if action == "give-back":
        cancellation.give_back(booking, who, reason)
    elif action == "absent":
        _make_absent(booking, target, who, reason, is_settled=is_settled)
    elif booking.status is BookingStatus.NO_SHOW:
        make_attended(booking, target, who, reason)
    elif booking.status is not target:
        make_completed(booking, target, who, reason)


def _make_absent(booking: Booking, target: BookingStatus, who: Who, reason: str, *, is_settled: bool) -> None:
    settled = cancellation.if_no_show(booking)
    make_missed(booking, target, who, reason)
    if is_settled:  # the terms have been followed when it was noted
        cancellation.tell_missed(booking, {"stands": 1})
    else:
        cancellation.after_no_show(booking, settled, who)


def _is_possible(booking: Booking, action: str, actor: Actor) -> bool:
    if actor is not Actor.CLIENT:
        return False
    try:
        _check(booking, action, actor)
    except Conflict:
        return False
    return True


def _check(booking: Booking, action: str, actor: Actor) -> None:
    _, statuses = _CLAIMS[action]
    # What staff have decided is decided.
    if booking.status not in statuses or attendance_reviews.last_of(booking) is not None:
        raise Conflict("not_allowed", action=action, status=booking.status.value)
    if booking.both_were_in_call:
        raise Conflict("both_were_there")
    time_windows.check(booking, action, actor)
