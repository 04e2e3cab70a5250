"""Bookings: ask, list, answer, cancel, hold the session."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask import request
from pydantic import Field, PlainValidator, WithJsonSchema

from app.blueprints.api.base import Code, one_of
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import (
    BookingRequest,
    BookingView,
    CheckoutView,
    Completion,
    NeededReason,
    Nothing,
    Pages,
    Reason,
    Requested,
    Verification,
)
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times import days
from app.domain.lifecycle import TABS, BookingStatus
from app.models import Booking
from app.services import bookings
from app.services.core import batching
from app.services.payments import manual_payments
from app.services.sessions import session_evidence
from app.services.workflows import decisions

_Begin = Annotated[
    datetime,
    PlainValidator(datetime.fromisoformat),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}),
]


class BookingSearch(Pages):
    """Which of the caller's bookings."""

    status: BookingStatus | None = None
    tab: Annotated[Annotated[str, one_of(TABS)] | None, Code("unknown_tab")] = None
    q: str = Field("", description="a part of a name or a title")
    since: Annotated[_Begin | None, Code("date_invalid")] = Field(
        None, alias="from", description="begins then or later"
    )
    until: Annotated[_Begin | None, Code("date_invalid")] = Field(None, alias="to", description="begins before then")


def _view(booking: Booking) -> BookingView:
    return BookingView.of(booking, caller())


@call(
    "POST /bookings",
    "Ask for a session",
    name="create_booking",
    takes=BookingRequest,
    gives=Requested,
    status=201,
    fails=(
        "403 clients_only",
        "404 not_found",
        "409 already_asked balance_due day_full first_time_one not_taking_bookings slot_taken week_full",
        "409 too_many_open too_many_unanswered too_many_unpaid",
        "422 no_method places_out_of_range slot_not_offered slot_past too_far_ahead too_many_attendees too_soon",
        "429 let_go_too_often withdrawn_too_often",
    ),
)
def ask(body: BookingRequest) -> Requested:
    """A booking that holds its places, or a checkout with a draft, as the service's mode says."""
    made = bookings.request(
        caller(),
        body.service_id,
        body.start,
        places=body.places,
        notes=body.notes,
        names=body.attendees,
        request_key=request_key(),
    )
    return Requested(
        booking=_view(made.booking) if made.booking else None,
        checkout=CheckoutView.of(made.checkout) if made.checkout else None,
    )


@call(
    "GET /bookings",
    "My bookings",
    name="list_bookings",
    query=BookingSearch,
    gives=list[BookingView],
    counts=("X-Total-Count", "X-Pages"),
)
@per_search
def find(asked: BookingSearch) -> tuple[list[BookingView], int, dict[str, str]]:
    """One page of the caller's bookings."""
    search = bookings.Search(
        tab=asked.tab,
        status=asked.status,
        q=asked.q,
        since=days.utc(asked.since) if asked.since else None,
        until=days.utc(asked.until) if asked.until else None,
    )
    found = bookings.find(caller(), search, page=asked.page)
    with batching.batch(found.items):
        views = [_view(booking) for booking in found.items]
    return views, 200, {"X-Total-Count": str(found.total), "X-Pages": str(found.pages)}


@call("GET /bookings/{booking_id}", "One booking", name="show_booking", gives=BookingView)
def show(booking_id: UUID) -> BookingView:
    """The booking, if the caller has a part in it."""
    return _view(bookings.get(booking_id, caller()))


@call(
    "POST /bookings/{booking_id}/approve",
    "Approve a request",
    name="approve_booking",
    takes=Nothing,
    gives=BookingView,
    fails=("409 form_missing not_allowed",),
)
def approve(_body: Nothing, booking_id: UUID) -> BookingView:
    """The client may pay now."""
    return _view(decisions.approve(booking_id, caller()))


@call(
    "POST /bookings/{booking_id}/decline",
    "Decline a request",
    name="decline_booking",
    takes=NeededReason,
    gives=BookingView,
    fails=("409 not_allowed",),
)
def decline(body: NeededReason, booking_id: UUID) -> BookingView:
    """The places are free."""
    return _view(decisions.decline(booking_id, caller(), body.reason))


@call(
    "POST /bookings/{booking_id}/cancel",
    "Cancel",
    name="cancel_booking",
    takes=Reason,
    gives=BookingView,
    fails=("409 already_paid not_allowed session_over",),
)
def cancel(body: Reason, booking_id: UUID) -> BookingView:
    """The places are free and what the policy gives back is on its way."""
    return _view(decisions.cancel(booking_id, caller(), body.reason))


@call(
    "POST /bookings/{booking_id}/verify-payment",
    "Say whether money sent by other means came",
    name="verify_payment",
    takes=Verification,
    gives=BookingView,
    fails=(
        "409 attempt_unresolved not_allowed proof_decided under_review verify_too_late",
        "422 evidence_missing reason_missing unknown_gateway",
    ),
)
def verify(body: Verification, booking_id: UUID) -> BookingView:
    """The proof that waits is decided; without one the money is there all the same."""
    booking = manual_payments.verify(
        booking_id, caller(), accept=body.accept, reason=body.reason, evidence=body.evidence
    )
    return _view(booking)


@call(
    "POST /bookings/{booking_id}/waive",
    "Forgive what is owed",
    name="waive_debt",
    takes=Reason,
    gives=BookingView,
    fails=("409 nothing_owed",),
)
def waive(body: Reason, booking_id: UUID) -> BookingView:
    """The client owes nothing for the booking any more."""
    return _view(decisions.waive(booking_id, caller(), body.reason))


@call(
    "POST /bookings/{booking_id}/start",
    "Start the session",
    name="start_session",
    takes=Nothing,
    gives=BookingView,
    fails=("409 form_missing not_allowed session_over too_early",),
)
def start(_body: Nothing, booking_id: UUID) -> BookingView:
    """The session is in progress."""
    return _view(bookings.start(booking_id, caller()))


@call(
    "POST /bookings/{booking_id}/complete",
    "Complete the session",
    name="complete_session",
    takes=Completion,
    gives=BookingView,
    upload=True,
    fails=(
        "409 not_allowed too_early",
        "422 proof_size proof_type",
    ),
)
def complete(body: Completion, booking_id: UUID) -> BookingView:
    """The session is completed; what is sent as JSON has no proof."""
    sent = request.files.get("file")
    proof = session_evidence.checked(sent.filename or "" if sent else "", body.file)
    return _view(bookings.complete(booking_id, caller(), body.notes, proof))


@call(
    "POST /bookings/{booking_id}/no-show",
    "The client did not come",
    name="mark_no_show",
    takes=Reason,
    gives=BookingView,
    fails=("409 both_were_there not_allowed too_early",),
)
def no_show(body: Reason, booking_id: UUID) -> BookingView:
    """The booking is a no-show."""
    return _view(decisions.no_show(booking_id, caller(), body.reason))
