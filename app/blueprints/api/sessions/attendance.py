"""Who came, where it is contested: what the two sides say, and what staff, or a practitioner who agrees, decide."""

from typing import Annotated
from uuid import UUID

from app.blueprints.api.base import Code, Taken, prose
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import BookingView, Reason
from app.models import Booking
from app.services import bookings

_SAYING = ("409 both_were_there not_allowed session_over too_early",)
_DECIDING = ("409 not_allowed", "422 reason_missing")


class WhatHappened(Taken, json_schema_extra={"examples": [{"text": "I was in the room from nine, and nobody came."}]}):
    """What happened, in one side's words; only staff read it."""

    text: Annotated[str, prose(bookings.REASON_LIMIT, filled=True), Code("reason_missing")]


@call(
    "POST /bookings/{booking_id}/nobody-came",
    "The practitioner did not come",
    name="report_nobody_came",
    takes=Reason,
    gives=BookingView,
    fails=_SAYING,
)
def nobody_came(body: Reason, booking_id: UUID) -> BookingView:
    """Staff are to say who came; until then nobody decides about the money."""
    return _view(bookings.contest(booking_id, caller(), "nobody-came", body.reason))


@call(
    "POST /bookings/{booking_id}/was-there",
    "The client was there, against what was noted",
    name="contest_no_show",
    takes=Reason,
    gives=BookingView,
    fails=("409 not_allowed session_over",),
)
def was_there(body: Reason, booking_id: UUID) -> BookingView:
    """Staff are to say who came."""
    return _view(bookings.contest(booking_id, caller(), "was-there", body.reason))


@call(
    "POST /bookings/{booking_id}/what-happened",
    "Say what happened, while staff are to say who came",
    name="say_what_happened",
    takes=WhatHappened,
    gives=BookingView,
    fails=_DECIDING,
)
def what_happened(body: WhatHappened, booking_id: UUID) -> BookingView:
    """Staff read it beside what the other side says, who learns only that it was said; it may be added to until they decide."""
    return _view(bookings.say_what_happened(booking_id, caller(), body.text))


@call(
    "POST /bookings/{booking_id}/give-back",
    "Decide that everything goes back",
    name="decide_give_back",
    takes=Reason,
    gives=BookingView,
    fails=_DECIDING,
)
def give_back(body: Reason, booking_id: UUID) -> BookingView:
    """The session is cancelled; what was paid is on its way back."""
    return _view(bookings.decide(booking_id, caller(), "give-back", body.reason))


@call(
    "POST /bookings/{booking_id}/took-place",
    "Decide that the session took place",
    name="decide_took_place",
    takes=Reason,
    gives=BookingView,
    fails=_DECIDING,
)
def took_place(body: Reason, booking_id: UUID) -> BookingView:
    """The session is completed."""
    return _view(bookings.decide(booking_id, caller(), "took-place", body.reason))


@call(
    "POST /bookings/{booking_id}/absent",
    "Decide that the client did not come",
    name="decide_absent",
    takes=Reason,
    gives=BookingView,
    fails=_DECIDING,
)
def absent(body: Reason, booking_id: UUID) -> BookingView:
    """The session is a no-show; the terms say what comes back."""
    return _view(bookings.decide(booking_id, caller(), "absent", body.reason))


def _view(booking: Booking) -> BookingView:
    return BookingView.of(booking, caller())
