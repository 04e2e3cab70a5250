"""Moving a session: propose, accept, reject, take back."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import BookingView, Nothing, Reason, Taken
from app.services import bookings
from app.services.core.errors import Invalid
from app.services.scheduling import reschedules


class Move(Taken):
    """Another time for a session, and perhaps another length."""

    start: datetime = Field(description="RFC 3339, with its zone")
    minutes: int | None = Field(None, ge=1, le=720)
    reason: str = Field("", max_length=500)


def _view(booking_id: UUID) -> BookingView:
    return BookingView.of(bookings.fresh(booking_id), caller())


@call("POST /bookings/<uuid:booking_id>/reschedule", "Propose another time", takes=Move, gives=BookingView)
def propose(body: Move, booking_id: UUID) -> BookingView:
    """The other side is asked; where the terms allow it the session is moved at once."""
    if body.start.tzinfo is None:
        raise Invalid("invalid", field="start", why="a time without a zone")
    reschedules.propose(booking_id, caller(), body.start, minutes=body.minutes, reason=body.reason)
    return _view(booking_id)


@call(
    "POST /bookings/<uuid:booking_id>/reschedule/accept", "Accept the proposed time", takes=Nothing, gives=BookingView
)
def accept(_body: Nothing, booking_id: UUID) -> BookingView:
    """The session is at the proposed time, and its old place is free."""
    reschedules.accept(booking_id, caller())
    return _view(booking_id)


@call("POST /bookings/<uuid:booking_id>/reschedule/reject", "Keep the old time", takes=Reason, gives=BookingView)
def reject(body: Reason, booking_id: UUID) -> BookingView:
    """The session stays where it is."""
    reschedules.reject(booking_id, caller(), body.reason)
    return _view(booking_id)


@call("POST /bookings/<uuid:booking_id>/reschedule/withdraw", "Take a proposal back", takes=Nothing, gives=BookingView)
def withdraw(_body: Nothing, booking_id: UUID) -> BookingView:
    """Nothing is proposed any more."""
    reschedules.withdraw(booking_id, caller())
    return _view(booking_id)
