"""Rating a session, the practitioner's ratings, and the page of one of them with what each person may do."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app.blueprints.common.access import members_only, needs, person
from app.blueprints.common.forms import AnswerForm, ReasonForm
from app.blueprints.common.redirects import go, go_next
from app.blueprints.common.submissions import again
from app.blueprints.sessions.rating_parts import RateClientForm, RateForm, Stars, chosen, client_stars, may_rate
from app.lib.text import discreet
from app.models import Rating, Role
from app.services import bookings
from app.services.backoffice.overview import diary
from app.services.core.errors import Conflict, Invalid
from app.services.sessions import ratings

blueprint = Blueprint("ratings", __name__)
blueprint.add_app_template_global(may_rate, "may_rate")
blueprint.add_app_template_global(client_stars, "client_stars")


# ------------------------------------------------------------------------------------------------ giving one


@blueprint.get("/bookings/<uuid:booking_id>/rate")
@members_only
def form(booking_id: UUID) -> ResponseReturnValue:
    """The form; where there is nothing to rate, the booking."""
    shown = _rating(booking_id)
    if not shown["possible"]:
        return go("booking.show", booking_id=booking_id)
    return render_template("sessions/rate.html", form=RateForm(), **shown)


@blueprint.post("/bookings/<uuid:booking_id>/rate")
@members_only
def rate(booking_id: UUID) -> ResponseReturnValue:
    """The session is rated, once however often it is sent; what is wrong stands beside its field, with what was typed."""
    sent = RateForm(request.form)
    try:
        ratings.rate(booking_id, person(), sent.opinion())
    except (Invalid, Conflict) as problem:
        return again("sessions/rate.html", sent, problem, **_rating(booking_id))
    flash(_("Thank you for your rating."), "success")
    return go("booking.show", booking_id=booking_id)


def _rating(booking_id: UUID, action: str = "rate") -> dict[str, Any]:
    booking = bookings.get(booking_id, person())
    return {
        "booking": booking,
        "possible": action in ratings.actions(booking, person()),
        "discreet_name": discreet(person().name),
    }


@blueprint.post("/bookings/<uuid:booking_id>/rate-client")
@members_only
def rate_client(booking_id: UUID) -> ResponseReturnValue:
    """The client is rated, once however often it is sent; what is wrong stands beside its field, with what was typed."""
    sent = RateClientForm(request.form)
    try:
        ratings.rate_client(booking_id, person(), chosen(sent), sent.note.data or "")
    except (Invalid, Conflict) as problem:
        return again("sessions/rate_client.html", sent, problem, **_rating(booking_id, "rate-client"))
    flash(_("Thank you for your rating."), "success")
    return go("booking.show", booking_id=booking_id)


# ------------------------------------------------------------------------------------------------ received


@blueprint.get("/practice/ratings")
@needs(Role.PRACTITIONER)
def received() -> ResponseReturnValue:
    """What the practitioner was given: the average, how often each number of stars, and all of them."""
    own = diary.practice_of(person())
    if own is None:
        return go("practice.found")
    found = ratings.received_page(own, request.args.get("page", 1, type=int))
    given = ratings.received(own)
    return render_template(
        "sessions/ratings_received.html",
        found=found,
        given=given,
        all_stars=Stars.of(given.all),
        public_stars=Stars.of(given.public),
        cards=[(rating, _answer_form(rating)) for rating in found.items],
        may={rating.id: ratings.may(rating, person()) for rating in found.items},
    )


@blueprint.get("/ratings")
@members_only
def of_me() -> ResponseReturnValue:
    """What practitioners said about the person, and what it comes to for those they ask."""
    found = ratings.received_as_client(person(), request.args.get("page", 1, type=int))
    stars = Stars.of(ratings.summary_of_person(person()))
    return render_template("sessions/ratings_of_me.html", found=found, stars_of_me=stars)


def _answer_form(rating: Rating) -> AnswerForm:
    """A form of its own for each rating of a page."""
    made = AnswerForm(data={"answer": rating.answer})
    made.answer.id = f"answer-{rating.id}"
    return made


# ------------------------------------------------------------------------------------------------ one of them


@blueprint.get("/ratings/<uuid:rating_id>")
@members_only
def show(rating_id: UUID) -> ResponseReturnValue:
    """The rating, for its writer, its practitioner and staff."""
    return render_template("sessions/rating.html", form=Form(), **_shown(rating_id))


def _shown(rating_id: UUID) -> dict[str, Any]:
    rating = ratings.get(rating_id, person())
    return {
        "rating": rating,
        "part": bookings.role_in(rating.booking, person()).value,
        "actions": ratings.may(rating, person()),
        "answer_form": _answer_form(rating),
        "hide_form": ReasonForm(),
    }


@blueprint.post("/ratings/<uuid:rating_id>/answer")
@members_only
def answer(rating_id: UUID) -> ResponseReturnValue:
    """The answer stands under the rating."""
    sent = AnswerForm(request.form)
    try:
        ratings.answer(rating_id, person(), sent.answer.data or "")
    except (Invalid, Conflict) as problem:
        return again("sessions/rating.html", sent, problem, **(_shown(rating_id) | {"answer_form": sent}))
    flash(_("Your answer is saved."), "success")
    return go_next("ratings.show", rating_id=rating_id)


@blueprint.post("/ratings/<uuid:rating_id>/hide")
@members_only
def hide(rating_id: UUID) -> ResponseReturnValue:
    """The rating counts nowhere."""
    sent = ReasonForm(request.form)
    try:
        ratings.hide(rating_id, person(), sent.reason.data or "")
    except (Invalid, Conflict) as problem:
        return again("sessions/rating.html", sent, problem, **(_shown(rating_id) | {"hide_form": sent}))
    flash(_("The rating is hidden, and the person who wrote it will be told why."), "success")
    return go("ratings.show", rating_id=rating_id)


@blueprint.post("/ratings/<uuid:rating_id>/show")
@members_only
def show_again(rating_id: UUID) -> ResponseReturnValue:
    """The rating counts again."""
    try:
        ratings.show(rating_id, person())
    except Conflict as problem:
        return again("sessions/rating.html", Form(), problem, **_shown(rating_id))
    flash(_("The rating counts again, and the person who wrote it will be told."), "success")
    return go("ratings.show", rating_id=rating_id)
