"""Bookings: ask, list, answer, cancel, hold the session."""

from datetime import datetime
from uuid import UUID

from flask import request

from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import (
    BookingRequest,
    BookingView,
    CheckoutView,
    Completion,
    Nothing,
    Reason,
    Requested,
    Verification,
)
from app.blueprints.common import days
from app.blueprints.common.throttle import per_search
from app.domain.lifecycle import BookingStatus
from app.models import Booking
from app.services import bookings
from app.services.core import batching
from app.services.core.errors import Invalid
from app.services.payments import manual_payments
from app.services.sessions import session_evidence
from app.services.workflows import decisions


def _view(booking: Booking) -> BookingView:
    return BookingView.of(booking, caller())


@call("POST /bookings", "Ask for a session", takes=BookingRequest, gives=Requested, status=201)
def ask(body: BookingRequest) -> Requested:
    """A booking that holds its places, or a checkout with a draft, as the service's mode says."""
    if body.start.tzinfo is None:
        raise Invalid("invalid", field="start", why="a time without a zone")
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
    "My bookings; X-Total-Count and X-Pages tell how many",
    gives=list[BookingView],
    query=("status", "tab", "q", "from", "to", "page"),
)
@per_search
def find() -> tuple[list[BookingView], int, dict[str, str]]:
    """One page of the caller's bookings."""
    page = request.args.get("page", default=1, type=int)
    found = bookings.find(
        caller(),
        tab=request.args.get("tab"),
        status=_status(),
        q=request.args.get("q", ""),
        since=_instant("from"),
        until=_instant("to"),
        page=min(page, 10**6),
    )
    with batching.batch(found.items):
        views = [_view(booking) for booking in found.items]
    return views, 200, {"X-Total-Count": str(found.total), "X-Pages": str(found.pages)}


def _instant(name: str) -> datetime | None:
    text = request.args.get(name, "")
    try:
        found = days.utc(datetime.fromisoformat(text)) if text else None
    except ValueError:
        raise Invalid("date_invalid", field=name) from None
    return found


def _status() -> BookingStatus | None:
    word = request.args.get("status", "")
    try:
        return BookingStatus(word) if word else None
    except ValueError:
        raise Invalid("invalid", field="status") from None


@call("GET /bookings/<uuid:booking_id>", "One booking", gives=BookingView)
def show(booking_id: UUID) -> BookingView:
    """The booking, if the caller has a part in it."""
    return _view(bookings.get(booking_id, caller()))


@call("POST /bookings/<uuid:booking_id>/approve", "Approve a request", takes=Nothing, gives=BookingView)
def approve(_body: Nothing, booking_id: UUID) -> BookingView:
    """The client may pay now."""
    return _view(decisions.approve(booking_id, caller()))


@call("POST /bookings/<uuid:booking_id>/decline", "Decline a request", takes=Reason, gives=BookingView)
def decline(body: Reason, booking_id: UUID) -> BookingView:
    """The places are free."""
    return _view(decisions.decline(booking_id, caller(), body.reason))


@call("POST /bookings/<uuid:booking_id>/cancel", "Cancel", takes=Reason, gives=BookingView)
def cancel(body: Reason, booking_id: UUID) -> BookingView:
    """The places are free and what the policy gives back is on its way."""
    return _view(decisions.cancel(booking_id, caller(), body.reason))


@call(
    "POST /bookings/<uuid:booking_id>/verify-payment",
    "Say whether money sent by other means came",
    takes=Verification,
    gives=BookingView,
)
def verify(body: Verification, booking_id: UUID) -> BookingView:
    """The proof that waits is decided; without one the money is there all the same."""
    booking = manual_payments.verify(
        booking_id, caller(), accept=body.accept, reason=body.reason, evidence=body.evidence
    )
    return _view(booking)


@call("POST /bookings/<uuid:booking_id>/waive", "Forgive what is owed", takes=Reason, gives=BookingView)
def waive(body: Reason, booking_id: UUID) -> BookingView:
    """The client owes nothing for the booking any more."""
    return _view(decisions.waive(booking_id, caller(), body.reason))


@call("POST /bookings/<uuid:booking_id>/start", "Start the session", takes=Nothing, gives=BookingView)
def start(_body: Nothing, booking_id: UUID) -> BookingView:
    """The session is in progress."""
    return _view(bookings.start(booking_id, caller()))


@call(
    "POST /bookings/<uuid:booking_id>/complete",
    "Complete the session",
    takes=Completion,
    gives=BookingView,
    upload=True,
)
def complete(body: Completion, booking_id: UUID) -> BookingView:
    """The session is completed; what is sent as JSON has no proof."""
    sent = request.files.get("file")
    proof = session_evidence.checked(sent.filename or "" if sent else "", body.file)
    return _view(bookings.complete(booking_id, caller(), body.notes, proof))


@call("POST /bookings/<uuid:booking_id>/no-show", "The client did not come", takes=Reason, gives=BookingView)
def no_show(body: Reason, booking_id: UUID) -> BookingView:
    """The booking is a no-show."""
    return _view(bookings.no_show(booking_id, caller(), body.reason))
