"""The page of one booking, with what each of those who take part may do."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app.blueprints.bookings import booking_list, booking_news, cancellation
from app.blueprints.bookings.asking import practitioner_directory
from app.blueprints.bookings.booking_page import BookingPage
from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import ReasonForm
from app.blueprints.common.redirects import go_next
from app.blueprints.common.submissions import again, named_after
from app.models import Booking
from app.services import bookings
from app.services.core.errors import Conflict, Invalid
from app.services.workflows import decisions
from app.words import booking_states

blueprint = Blueprint("booking", __name__)
blueprint.add_url_rule("/practitioners", view_func=practitioner_directory.practitioners)
blueprint.add_url_rule("/bookings", view_func=booking_list.mine)
blueprint.add_url_rule("/bookings/<uuid:booking_id>/news", view_func=booking_news.news)
blueprint.add_url_rule("/bookings/<uuid:booking_id>/cancel", view_func=cancellation.ask_cancel)
blueprint.add_url_rule("/bookings/<uuid:booking_id>/cancel", view_func=cancellation.cancel, methods=["POST"])


@blueprint.get("/bookings/<uuid:booking_id>")
@members_only
def show(booking_id: UUID) -> ResponseReturnValue:
    """The booking as the person may see it."""
    page = _page(booking_id)
    return render_template("bookings/show.html", form=ReasonForm(), tried="", page=page, booking=page.booking)


def _page(booking_id: UUID) -> BookingPage:
    return BookingPage.of(bookings.get(booking_id, person()), person())


@blueprint.post("/bookings/<uuid:booking_id>/approve")
@members_only
def approve(booking_id: UUID) -> ResponseReturnValue:
    """The client is asked to pay, or the reserved amount is taken."""
    said = booking_states.approved(bookings.get(booking_id, person()).mode.charges)
    return _act(booking_id, Form(), lambda: decisions.approve(booking_id, person()), said)


@blueprint.post("/bookings/<uuid:booking_id>/decline")
@members_only
def decline(booking_id: UUID) -> ResponseReturnValue:
    """The request is declined, with a reason the client reads."""
    form = ReasonForm(request.form)
    said = _("Declined. The client has been told, and the time is free again.")
    seen = request.form.get("seen", "")
    return _act(
        booking_id, form, lambda: decisions.decline(booking_id, person(), form.reason.data or "", seen=seen), said
    )


@blueprint.post("/bookings/<uuid:booking_id>/start")
@members_only
def start(booking_id: UUID) -> ResponseReturnValue:
    """The session is in progress."""
    return _act(booking_id, Form(), lambda: bookings.start(booking_id, person()), _("The session has started."))


@blueprint.post("/bookings/<uuid:booking_id>/waive")
@members_only
def waive(booking_id: UUID) -> ResponseReturnValue:
    """What the client owes is forgiven."""
    form = ReasonForm(request.form)
    said = _("Forgiven. The client has been told.")
    return _act(booking_id, form, lambda: decisions.waive(booking_id, person(), form.reason.data or ""), said)


def _act(booking_id: UUID, form: Form, act: Callable[[], Booking], said: str) -> ResponseReturnValue:
    """Done and said, then back to where the button was; or the booking's page with what is in the way."""
    try:
        act()
    except (Invalid, Conflict) as problem:
        page = _page(booking_id)
        tried = request.path.rsplit("/", 1)[-1]
        named_after(form, tried)
        return again("bookings/show.html", form, problem, tried=tried, page=page, booking=page.booking)
    flash(said, "success")
    return go_next("booking.show", booking_id=booking_id)
