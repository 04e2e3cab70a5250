"""Who comes: named by who books, and an attendee's own page behind a link, which touches only their seat."""

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, TextAreaField

from app.blueprints.common import web
from app.blueprints.common.access import is_known, members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.models import Attendee, Booking
from app.services import bookings
from app.services.bookings import attendees
from app.services.core.errors import Conflict, Invalid

blueprint = Blueprint("attending", __name__)


class NamesForm(Form):
    """Who comes, one on each line."""

    names = TextAreaField(_l("Who is coming"))


@blueprint.app_template_global("attendees_of")
def attendees_of(booking: Booking) -> list[tuple[Attendee, str]]:
    """Who comes to the session, with the link of their seat for who booked it."""
    mine = is_known() and person().id == booking.client_id
    return [(attendee, attendees.link_of(attendee) if mine else "") for attendee in attendees.of(booking)]


@blueprint.get("/bookings/<uuid:booking_id>/attendees")
@members_only
def edit(booking_id: UUID) -> ResponseReturnValue:
    """The names, to be changed by who pays."""
    booking = attendees.booking_of(booking_id, person())
    form = NamesForm(data={"names": "\n".join(attendee.name for attendee in attendees.of(booking))})
    return render_template("bookings/attendees.html", form=form, **_page(booking))


@blueprint.post("/bookings/<uuid:booking_id>/attendees")
@members_only
def change(booking_id: UUID) -> ResponseReturnValue:
    """These come, and nobody else."""
    form = NamesForm(request.form)
    try:
        attendees.change(booking_id, person(), (form.names.data or "").splitlines())
    except (Invalid, Conflict) as problem:
        return again("bookings/attendees.html", form, problem, **_page(attendees.booking_of(booking_id, person())))
    flash(_("Saved."), "success")
    return go("booking.show", booking_id=booking_id)


def _page(booking: Booking) -> dict[str, object]:
    return {"booking": booking, "most": attendees.most(booking.kind, booking.places)}


@blueprint.get("/seats/<token>")
def seat(token: str) -> ResponseReturnValue:
    """When and with whom; nothing else about the booking, and nothing about its money."""
    return _seat(token)


def _seat(token: str, problem: Conflict | None = None) -> ResponseReturnValue:
    attendee = attendees.by_link(token)
    booking = attendee.booking
    zone = web.zone() if is_known() or web.known_zone() else ZoneInfo(booking.practitioner.zone)
    values = {"attendee": attendee, "booking": booking, "token": token, "zone": zone.key}
    values |= {"status": bookings.status_now(booking), "is_open": attendees.may_say(booking)}
    if problem is not None:
        return again("bookings/seat.html", Form(), problem, **values)
    return render_template("bookings/seat.html", form=Form(), **values)


@blueprint.post("/seats/<token>/<any(away, comes):word>")
def say(token: str, word: str) -> ResponseReturnValue:
    """The attendee comes, or cannot; who booked is told."""
    try:
        attendees.say(token, comes=word == "comes")
    except Conflict as problem:
        return _seat(token, problem)
    flash(_("Thank you. We have passed it on."), "success")
    return go("attending.seat", token=token)
