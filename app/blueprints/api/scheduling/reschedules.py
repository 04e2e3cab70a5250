"""Moving a session: propose, accept, reject, take back."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import BookingView, Moment, Nothing, Reason, Taken
from app.services import bookings
from app.services.scheduling import reschedules


class Move(Taken, json_schema_extra={"examples": [{"start": "2030-01-07T09:00:00Z", "reason": "I have an exam."}]}):
    """Another time for a session, and perhaps another length."""

    start: Moment
    minutes: int | None = Field(None, ge=1, le=720)
    reason: str = Field("", max_length=bookings.REASON_LIMIT)
    in_time_off: bool = Field(False, description="the practice gives it in spite of its time off")


def _view(booking_id: UUID) -> BookingView:
    return BookingView.of(bookings.fresh(booking_id), caller())


@call(
    "POST /bookings/{booking_id}/reschedule",
    "Propose another time",
    name="propose_reschedule",
    takes=Move,
    gives=BookingView,
    fails=(
        "409 day_full not_allowed payment_open practice_closed slot_taken time_off_then week_full",
        "422 minutes_invalid no_method same_time slot_not_offered slot_past too_far_ahead too_soon whole_minutes",
        "429 too_many_proposals",
    ),
)
def propose(body: Move, booking_id: UUID) -> BookingView:
    """The other side is asked; where the terms allow it the session is moved at once."""
    reschedules.propose(
        booking_id,
        caller(),
        body.start,
        minutes=body.minutes,
        reason=body.reason,
        in_time_off=body.in_time_off,
    )
    return _view(booking_id)


@call(
    "POST /bookings/{booking_id}/reschedule/accept",
    "Accept the proposed time",
    name="accept_reschedule",
    takes=Nothing,
    gives=BookingView,
    fails=("409 not_allowed nothing_proposed payment_open slot_taken",),
)
def accept(_body: Nothing, booking_id: UUID) -> BookingView:
    """The session is at the proposed time, and its old place is free."""
    reschedules.accept(booking_id, caller())
    return _view(booking_id)


@call(
    "POST /bookings/{booking_id}/reschedule/reject",
    "Keep the old time",
    name="reject_reschedule",
    takes=Reason,
    gives=BookingView,
    fails=("409 nothing_proposed",),
)
def reject(body: Reason, booking_id: UUID) -> BookingView:
    """The session stays where it is."""
    reschedules.reject(booking_id, caller(), body.reason)
    return _view(booking_id)


@call(
    "POST /bookings/{booking_id}/reschedule/withdraw",
    "Take a proposal back",
    name="withdraw_reschedule",
    takes=Nothing,
    gives=BookingView,
    fails=("409 nothing_proposed",),
)
def withdraw(_body: Nothing, booking_id: UUID) -> BookingView:
    """Nothing is proposed any more."""
    reschedules.withdraw(booking_id, caller())
    return _view(booking_id)
