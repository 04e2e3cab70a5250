"""Groups: the roster of a session, cancelling it for all, and the waiting list."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import BookingView, Instant, Nothing, Reason, Taken
from app.models import Wait
from app.services.backoffice.overview import roster
from app.services.core import batching
from app.services.core.errors import Invalid
from app.services.scheduling import waitlist
from app.services.workflows import decisions


class Waiting(Taken):
    """Which full time to wait for."""

    start: datetime = Field(description="RFC 3339, a time that is offered and full")
    places: int = Field(1, ge=1, le=500)


class WaitView(Shape):
    """A client's wait for a place; an offer is a booking."""

    id: UUID
    service_id: int
    start: Instant
    places: int
    status: str
    booking_id: UUID | None

    @classmethod
    def of(cls, wait: Wait) -> "WaitView":
        """As its client sees it."""
        return cls(
            id=wait.id,
            service_id=wait.service_id,
            start=wait.starts_at,
            places=wait.places,
            status=wait.status.value,
            booking_id=wait.booking_id,
        )


class Cancelled(Shape):
    """How many bookings were cancelled."""

    cancelled: int


@call(
    "POST /services/<int(max=2147483647):service_id>/waits",
    "Wait for a place",
    takes=Waiting,
    gives=WaitView,
    status=201,
)
def join(body: Waiting, service_id: int) -> WaitView:
    """The caller is on the list, once."""
    if body.start.tzinfo is None:
        raise Invalid("invalid", field="start", why="a time without a zone")
    return WaitView.of(waitlist.join(caller(), service_id, body.start, body.places))


@call("GET /waits", "What I wait for", gives=list[WaitView])
def mine() -> list[WaitView]:
    """The next time first."""
    return [WaitView.of(wait) for wait in waitlist.of(caller())]


@call("POST /waits/<uuid:wait_id>/leave", "Stop waiting", takes=Nothing, gives=list[WaitView])
def leave(_body: Nothing, wait_id: UUID) -> list[WaitView]:
    """The caller is off the list; what is left of it."""
    waitlist.leave(wait_id, caller())
    return [WaitView.of(wait) for wait in waitlist.of(caller())]


@call("GET /sessions/<int(max=2147483647):slot_id>", "Everybody in a session", gives=list[BookingView])
def show_roster(slot_id: int) -> list[BookingView]:
    """Each seat with its money, for who gives the session."""
    booked = [seat.booking for seat in roster.of(slot_id, caller()).seats]
    with batching.batch(booked):
        return [BookingView.of(booking, caller()) for booking in booked]


@call(
    "POST /sessions/<int(max=2147483647):slot_id>/cancel",
    "Cancel a session for everybody",
    takes=Reason,
    gives=Cancelled,
)
def cancel_session(body: Reason, slot_id: int) -> Cancelled:
    """Every paid seat gets everything back."""
    return Cancelled(cancelled=decisions.cancel_session(slot_id, caller(), body.reason))
