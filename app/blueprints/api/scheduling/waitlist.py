"""Groups: the roster of a session, cancelling it for all, and the waiting list."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import BookingView, Instant, Moment, Nothing, Reason, Taken
from app.domain.lifecycle import WaitStatus
from app.models import Wait
from app.services.backoffice.overview import roster
from app.services.core import batching
from app.services.scheduling import waitlist
from app.services.workflows import decisions


class Waiting(Taken, json_schema_extra={"examples": [{"start": "2030-01-07T09:00:00Z", "places": 1}]}):
    """Which full time to wait for."""

    start: Moment = Field(description="a time that is offered and full")
    places: int = Field(1, ge=1, le=500)


class WaitView(Shape):
    """A client's wait for a place; an offer is a booking."""

    id: UUID
    service_id: int
    start: Instant
    places: int
    status: WaitStatus
    booking_id: UUID | None

    @classmethod
    def of(cls, wait: Wait) -> "WaitView":
        """As its client sees it."""
        return cls(
            id=wait.id,
            service_id=wait.service_id,
            start=wait.starts_at,
            places=wait.places,
            status=wait.status,
            booking_id=wait.booking_id,
        )


class NotCancelled(Shape):
    """A booking that could not be cancelled: it stands, and nothing went back."""

    booking_id: UUID
    code: str = Field(description="why, a problem's code")


class Cancelled(Shape):
    """How many bookings were cancelled, and which could not be."""

    cancelled: int
    failed: list[NotCancelled]


@call(
    "POST /services/{service_id}/waits",
    "Wait for a place",
    name="join_waitlist",
    takes=Waiting,
    gives=WaitView,
    status=201,
    fails=(
        "403 clients_only",
        "409 day_full not_taking_bookings place_free slot_taken too_many_waits waiting_not_offered week_full",
        "422 places_out_of_range slot_not_offered slot_past too_far_ahead too_soon",
    ),
)
def join(body: Waiting, service_id: int) -> WaitView:
    """The caller is on the list, once."""
    return WaitView.of(waitlist.join(caller(), service_id, body.start, body.places))


@call("GET /waits", "What I wait for", name="list_waits", gives=list[WaitView])
def mine() -> list[WaitView]:
    """The next time first."""
    return [WaitView.of(wait) for wait in waitlist.of(caller())]


@call(
    "POST /waits/{wait_id}/leave",
    "Stop waiting",
    name="leave_waitlist",
    takes=Nothing,
    gives=list[WaitView],
    fails=("409 not_allowed",),
)
def leave(_body: Nothing, wait_id: UUID) -> list[WaitView]:
    """The caller is off the list; what is left of it."""
    waitlist.leave(wait_id, caller())
    return [WaitView.of(wait) for wait in waitlist.of(caller())]


@call("GET /sessions/{slot_id}", "Everybody in a session", name="show_session", gives=list[BookingView])
def show_roster(slot_id: int) -> list[BookingView]:
    """Each seat with its money, for who gives the session."""
    booked = [seat.booking for seat in roster.of(slot_id, caller()).seats]
    with batching.batch(booked):
        return [BookingView.of(booking, caller()) for booking in booked]


@call(
    "POST /sessions/{slot_id}/cancel",
    "Cancel a session for everybody",
    name="cancel_session",
    takes=Reason,
    gives=Cancelled,
)
def cancel_session(body: Reason, slot_id: int) -> Cancelled:
    """Every paid seat gets everything back; one that fails does not keep the others."""
    made = decisions.cancel_session(slot_id, caller(), body.reason)
    failed = [NotCancelled(booking_id=booking.id, code=code) for booking, code in made.failed]
    return Cancelled(cancelled=made.done, failed=failed)
