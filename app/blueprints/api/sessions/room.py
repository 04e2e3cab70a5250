"""The session room: the call, the link, and sessions at once."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import BookingView, CheckoutView, Nothing, Requested, Taken
from app.services import bookings, practice
from app.services.scheduling import instant


class Link(Taken):
    """Where to meet: an https address."""

    url: str = Field(description="https only, at most 500 characters")


class AtOnce(Taken):
    """What to book at once; the price is the service's."""

    service_id: int = Field(gt=0, lt=2**31)


class Availability(Taken):
    """For how many minutes sessions may begin at once: 0 ends it, 240 at most."""

    minutes: int


class Available(Shape):
    """Until when sessions may begin at once; null: not now."""

    until: datetime | None


class Offered(Shape):
    """When a session would begin if it were asked for now; null: not possible."""

    start: datetime | None


@call("POST /bookings/<uuid:booking_id>/start-call", "The call begins", takes=Nothing, gives=BookingView)
def start_call(_body: Nothing, booking_id: UUID) -> BookingView:
    """The session is in progress too; whoever comes second changes nothing."""
    return BookingView.of(bookings.start_call(booking_id, caller()), caller())


@call("POST /bookings/<uuid:booking_id>/end-call", "The call ends", takes=Nothing, gives=BookingView)
def end_call(_body: Nothing, booking_id: UUID) -> BookingView:
    """Its length is known; the session goes on until it is completed."""
    return BookingView.of(bookings.end_call(booking_id, caller()), caller())


@call("POST /bookings/<uuid:booking_id>/link", "Give the meeting's link", takes=Link, gives=BookingView)
def give_link(body: Link, booking_id: UUID) -> BookingView:
    """Everybody in the session meets there."""
    return BookingView.of(bookings.change_link(booking_id, caller(), body.url), caller())


@call(
    "POST /bookings/instant", "Ask for a session that begins in five minutes", takes=AtOnce, gives=Requested, status=201
)
def ask_now(body: AtOnce) -> Requested:
    """To be paid, and approved where the service's mode says so, until it begins."""
    made = instant.request(caller(), body.service_id, request_key())
    return Requested(
        booking=BookingView.of(made.booking, caller()) if made.booking else None,
        checkout=CheckoutView.of(made.checkout) if made.checkout else None,
    )


@call("GET /services/<int:service_id>/instant", "Whether a session can begin at once", gives=Offered, login=False)
def offered_now(service_id: int) -> Offered:
    """When it would begin."""
    return Offered(start=instant.next_start(practice.bookable(service_id)))


@call("POST /practice/available", "Take sessions at once, for a while", takes=Availability, gives=Available)
def available(body: Availability) -> Available:
    """Until when."""
    if body.minutes == 0:
        instant.switch_off(caller())
        return Available(until=None)
    return Available(until=instant.switch_on(caller(), body.minutes))
