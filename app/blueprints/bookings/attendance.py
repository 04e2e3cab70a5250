"""Who came, where it is contested: what the two sides say, and what staff, or a practitioner who agrees, decide."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.bookings.booking_page import BookingPage
from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import ReasonForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again, named_after
from app.models import Booking, User
from app.services import bookings
from app.services.core.errors import Conflict, Invalid

blueprint = Blueprint("attendance", __name__, url_prefix="/bookings/<uuid:booking_id>")


@blueprint.post("/nobody-came")
@members_only
def nobody_came(booking_id: UUID) -> ResponseReturnValue:
    """The client says that the practitioner stayed away."""
    return _say(booking_id, "nobody-came")


@blueprint.post("/was-there")
@members_only
def was_there(booking_id: UUID) -> ResponseReturnValue:
    """The client says that they were there, against what was noted."""
    return _say(booking_id, "was-there")


@blueprint.post("/what-happened")
@members_only
def what_happened(booking_id: UUID) -> ResponseReturnValue:
    """One side's words for staff, who decide."""
    kept = _("Our staff will read what you wrote when they decide.")
    return _act(booking_id, "what-happened", lambda key, who, _, text: bookings.say_what_happened(key, who, text), kept)


@blueprint.post("/give-back")
@members_only
def give_back(booking_id: UUID) -> ResponseReturnValue:
    """Everything goes back."""
    return _decide(booking_id, "give-back")


@blueprint.post("/took-place")
@members_only
def took_place(booking_id: UUID) -> ResponseReturnValue:
    """The session counts as completed."""
    return _decide(booking_id, "took-place")


@blueprint.post("/absent")
@members_only
def absent(booking_id: UUID) -> ResponseReturnValue:
    """The session counts as missed by the client."""
    return _decide(booking_id, "absent")


def _say(booking_id: UUID, action: str) -> ResponseReturnValue:
    said = _("Our staff will look into it and tell you both what they decide.")
    return _act(booking_id, action, bookings.contest, said)


def _decide(booking_id: UUID, action: str) -> ResponseReturnValue:
    return _act(booking_id, action, bookings.decide, _("Decided. Both sides have been told."))


def _act(
    booking_id: UUID, action: str, act: Callable[[UUID, User, str, str], Booking], said: str
) -> ResponseReturnValue:
    """Done and said, on the booking's page; or that page with what is in the way."""
    form = ReasonForm(request.form)
    try:
        act(booking_id, person(), action, form.reason.data or "")
    except (Invalid, Conflict) as problem:
        page = BookingPage.of(bookings.get(booking_id, person()), person())
        named_after(form, action)
        return again("bookings/show.html", form, problem, tried=action, page=page, booking=page.booking)
    flash(said, "success")
    return go("booking.show", booking_id=booking_id)
