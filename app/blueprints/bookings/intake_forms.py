"""Forms of a booking: the client reads and signs them, both sides read what was signed."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.bookings.intake_form_fields import FillForm, fill_form, filled
from app.blueprints.common import web
from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.models import Booking, SignedPaper, User
from app.services import bookings
from app.services.bookings import intake_forms
from app.services.bookings.intake_forms import Asked
from app.services.core.errors import Conflict, Invalid, Problem

blueprint = Blueprint("papers", __name__)
_READ: dict[str, Callable[[str], str]] = {
    "yes_no": lambda text: str(words.YES_NO[text]),
    "date": lambda text: web.day(date.fromisoformat(text)),
}


@blueprint.app_template_global("unsigned")
def unsigned(booking: Booking, action: str) -> str:
    """The titles of the forms that keep `action` (approve or start) from having an effect; empty when there are none."""
    return ", ".join(asked.version.title for asked in intake_forms.missing(booking, action))


@blueprint.get("/bookings/<uuid:booking_id>/forms")
@members_only
def first(booking_id: UUID) -> ResponseReturnValue:
    """The first form that waits for the client; the booking's page when none does, and for everybody else."""
    booking = bookings.get(booking_id, person())
    waiting = intake_forms.waiting(booking) if person().id == booking.client_id else []
    return _go_on(booking, waiting)


def _go_on(booking: Booking, waiting: list[Asked]) -> ResponseReturnValue:
    if waiting:
        return go("papers.show", booking_id=booking.id, paper_id=waiting[0].paper.id)
    return go("booking.show", booking_id=booking.id, _anchor="forms")


@blueprint.get("/bookings/<uuid:booking_id>/forms/<int:paper_id>")
@members_only
def show(booking_id: UUID, paper_id: int) -> ResponseReturnValue:
    """The form to sign, or what was signed."""
    booking, asked = intake_forms.get(booking_id, paper_id, person())
    if asked.signed is not None:
        return render_template(
            "bookings/intake_forms/signed.html", booking=booking, asked=asked, **_copy(asked.signed, person())
        )
    return _page(booking, asked, fill_form(asked.version))


def _copy(signed: SignedPaper, user: User) -> dict[str, Any]:
    content = intake_forms.opened(signed, user)
    return {"name": content.name, "pairs": _in_words(signed, content), "mine": user.id == signed.user_id}


def _in_words(signed: SignedPaper, content: intake_forms.Content) -> list[tuple[str, str]]:
    """Questions and answers as people read them: dates, yes and no in their language."""
    answers = intake_forms.text_of(signed, content)
    return [(question.label, _READ.get(question.kind, str)(text) if text else "") for question, text in answers]


def _page(booking: Booking, asked: Asked, form: FillForm, status: int = 200) -> ResponseReturnValue:
    everything = [each for each in intake_forms.of_booking(booking) if each.signed or each.paper.active]
    return render_template(
        "bookings/intake_forms/fill.html",
        form=form,
        booking=booking,
        asked=asked,
        mine=person().id == booking.client_id,
        is_open=intake_forms.is_open(booking),
        signed=sum(each.signed is not None for each in everything),
        total=len(everything),
    ), status


@blueprint.post("/bookings/<uuid:booking_id>/forms/<int:paper_id>")
@members_only
def sign(booking_id: UUID, paper_id: int) -> ResponseReturnValue:
    """It is signed, and the next one that waits is opened; or the page once more with everything typed and every fault."""
    booking, asked = intake_forms.get(booking_id, paper_id, person())
    form = fill_form(asked.version, request.form)
    sent = filled(form, request.form)
    try:
        intake_forms.sign(booking_id, paper_id, person(), sent)
    except (Invalid, Conflict) as problem:
        return _again(booking_id, paper_id, form, problem, sent)
    flash(_("Signed. Only you and %(name)s can read it.", name=booking.practitioner.name), "success")
    return _go_on(booking, intake_forms.waiting(booking))


def _again(
    booking_id: UUID, paper_id: int, form: FillForm, problem: Problem, sent: intake_forms.Filled
) -> ResponseReturnValue:
    booking, asked = intake_forms.get(booking_id, paper_id, person())
    if problem.code == "form_changed":
        form = fill_form(asked.version, request.form)  # what was typed stays where the question is still asked
        form.agreed.data = False
    problems = intake_forms.faults(asked.version, sent) if isinstance(problem, Invalid) else [problem]
    status = max(onto(form, each) for each in problems or [problem])
    return _page(booking, asked, form, status)


@blueprint.get("/bookings/<uuid:booking_id>/forms/<int:paper_id>/text")
@members_only
def text(booking_id: UUID, paper_id: int) -> ResponseReturnValue:
    """What was signed, as a text to keep."""
    booking, asked = intake_forms.get(booking_id, paper_id, person())
    if asked.signed is None:
        return go("papers.show", booking_id=booking_id, paper_id=paper_id)
    page = render_template(
        "bookings/intake_forms/signed.txt", booking=booking, asked=asked, **_copy(asked.signed, person())
    )
    headers = {"Content-Disposition": f'attachment; filename="form-{paper_id}-version-{asked.version.number}.txt"'}
    return Response(page, headers=headers, content_type="text/plain; charset=utf-8")
