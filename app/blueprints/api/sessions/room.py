"""The session room: the call, the link, and sessions at once."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Code, Instant, Shape, prose
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import BookingView, CheckoutView, Nothing, Requested, Taken
from app.domain.meetings import LINK_LIMIT
from app.services import bookings, practice
from app.services.scheduling import instant


class Link(Taken, json_schema_extra={"examples": [{"url": "https://meet.example.org/room"}]}):
    """Where to meet: an https address."""

    url: Annotated[str, prose(LINK_LIMIT, filled=True), Code("link_missing")] = Field(description="https only")


class AtOnce(Taken, json_schema_extra={"examples": [{"service_id": 1}]}):
    """What to book at once; the price is the service's."""

    service_id: int = Field(gt=0, lt=2**31)


class Availability(Taken, json_schema_extra={"examples": [{"minutes": 60}]}):
    """For how many minutes sessions may begin at once: 0 ends it, 240 at most."""

    minutes: Annotated[int, Code("out_of_range", instant.MOST_MINUTES, 0)] = Field(ge=0, le=instant.MOST_MINUTES)


class Available(Shape):
    """Until when sessions may begin at once; null: not now."""

    until: Instant | None


class Offered(Shape):
    """When a session would begin if it were asked for now; null: not possible."""

    start: Instant | None


@call(
    "POST /bookings/{booking_id}/start-call",
    "The call begins",
    name="start_call",
    takes=Nothing,
    gives=BookingView,
    fails=(
        "403 forbidden",
        "409 form_missing meeting_in_person not_allowed session_over too_early",
    ),
)
def start_call(_body: Nothing, booking_id: UUID) -> BookingView:
    """The session is in progress too; whoever comes second changes nothing."""
    return BookingView.of(bookings.start_call(booking_id, caller()), caller())


@call(
    "POST /bookings/{booking_id}/end-call",
    "The call ends",
    name="end_call",
    takes=Nothing,
    gives=BookingView,
    fails=(
        "403 forbidden",
        "409 call_not_started meeting_in_person",
    ),
)
def end_call(_body: Nothing, booking_id: UUID) -> BookingView:
    """Its length is known; the session goes on until it is completed."""
    return BookingView.of(bookings.end_call(booking_id, caller()), caller())


@call(
    "POST /bookings/{booking_id}/link",
    "Give the meeting's link",
    name="change_link",
    takes=Link,
    gives=BookingView,
    fails=(
        "403 forbidden",
        "409 meeting_in_person not_allowed",
        "422 link_invalid link_missing link_scheme link_secret",
    ),
)
def give_link(body: Link, booking_id: UUID) -> BookingView:
    """Everybody in the session meets there."""
    return BookingView.of(bookings.change_link(booking_id, caller(), body.url), caller())


@call(
    "POST /bookings/instant",
    "Ask for a session that begins in five minutes",
    name="book_at_once",
    takes=AtOnce,
    gives=Requested,
    status=201,
    fails=(
        "403 clients_only",
        "404 not_found",
        "409 balance_due first_time_one not_available_now not_taking_bookings slot_taken",
        "409 too_many_open too_many_unanswered too_many_unpaid",
        "429 let_go_too_often withdrawn_too_often",
    ),
)
def ask_now(body: AtOnce) -> Requested:
    """To be paid, and approved where the service's mode says so, until it begins."""
    made = instant.request(caller(), body.service_id, request_key())
    return Requested(
        booking=BookingView.of(made.booking, caller()) if made.booking else None,
        checkout=CheckoutView.of(made.checkout) if made.checkout else None,
    )


@call(
    "GET /services/{service_id}/instant",
    "Whether a session can begin at once",
    name="show_next_instant",
    gives=Offered,
    login=False,
)
def offered_now(service_id: int) -> Offered:
    """When it would begin."""
    return Offered(start=instant.next_start(practice.bookable(service_id)))


@call(
    "POST /practice/available",
    "Take sessions at once, for a while",
    name="set_availability",
    takes=Availability,
    gives=Available,
    fails=("404 not_found",),
)
def available(body: Availability) -> Available:
    """Until when."""
    if body.minutes == 0:
        instant.switch_off(caller())
        return Available(until=None)
    return Available(until=instant.switch_on(caller(), body.minutes))
