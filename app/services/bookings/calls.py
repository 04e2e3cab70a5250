"""The call of a session: when it began and ended, as those who take part say.

It decides nothing about the booking.
"""

import uuid

from app.domain.lifecycle import Actor, BookingStatus
from app.lib import clock
from app.models import Booking, User
from app.services.bookings.attendance import begin, hang_up
from app.services.bookings.status_changes import locked
from app.services.core.errors import Conflict, Forbidden
from app.services.core.transaction import Who, record, transaction

_PARTICIPANTS = (Actor.CLIENT, Actor.PRACTITIONER)


def start_call(booking_id: uuid.UUID, user: User) -> Booking:
    """The call goes on, and the session with it; who comes second changes nothing (S3-9).

    Raises NotFound, Forbidden, Conflict (meeting_in_person, not_allowed, too_early).
    """
    with transaction():
        booking, who = _mine(booking_id, user)
        if booking.call_started_at is not None:
            return booking
        if booking.status is not BookingStatus.IN_PROGRESS:
            begin(booking, who)
        booking.call_started_at = clock.now()
        record("call", booking.id, "", "started", who, booking_id=booking.id)
        return booking


def end_call(booking_id: uuid.UUID, user: User) -> Booking:
    """The call is over and its length known; the session goes on until it is completed (S3-10, S3-25).

    The first end stands. Raises NotFound, Forbidden, Conflict (meeting_in_person, call_not_started).
    """
    with transaction():
        booking, who = _mine(booking_id, user)
        if booking.call_started_at is None:
            raise Conflict("call_not_started")
        hang_up(booking, who)
        return booking


def _mine(booking_id: uuid.UUID, user: User) -> tuple[Booking, Who]:
    booking, who = locked(booking_id, user)
    if who.actor not in _PARTICIPANTS:
        raise Forbidden("forbidden")
    if not booking.is_online:
        raise Conflict("meeting_in_person")
    return booking, who
