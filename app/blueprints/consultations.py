"""Questions in writing: asked from a practitioner's page, listed, read and answered."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.choosing import on_page
from app.blueprints.doors import again, go, members_only, person
from app.blueprints.forms import AnswerForm, AskForm
from app.models import Consultation, Role
from app.services import consultations, practice
from app.services.errors import Conflict, Invalid

blueprint = Blueprint("consultations", __name__)
_FARTHEST_PAGE = 10**6


@blueprint.post("/practitioners/<slug>/questions")
@members_only
def ask(slug: str) -> ResponseReturnValue:
    """The question can be paid for, once however often it is sent."""
    form, practitioner = AskForm(request.form), practice.by_slug(slug)
    key = (form.request_key.data or "")[:80] or None
    try:
        made = consultations.ask(person(), practitioner, form.question.data or "", key)
    except (Invalid, Conflict) as problem:
        return again("booking/practitioner.html", form, problem, **on_page(practice.by_slug(slug)))
    return go("paying.show", checkout_id=made.id)


@blueprint.get("/questions")
@members_only
def mine() -> ResponseReturnValue:
    """What the client asked and still has to pay, or what the practitioner was asked."""
    page = min(request.args.get("page", 1, type=int), _FARTHEST_PAGE)
    is_asked = person().role is Role.PRACTITIONER
    found = (consultations.for_practitioner if is_asked else consultations.for_client)(person(), page)
    return render_template(
        "consultation/mine.html",
        found=found,
        cards=[(consultation, _other(consultation)) for consultation in found.items],
        is_asked=is_asked,
        drafts=[] if is_asked or found.page > 1 else [(c, consultations.asked_by(c)) for c in _unpaid()],
    )


def _unpaid() -> list[Any]:
    return list(consultations.unpaid(person()))


def _other(consultation: Consultation) -> str:
    is_client = person().id == consultation.client_id
    return consultation.practitioner.name if is_client else consultation.client.name


@blueprint.get("/questions/<uuid:consultation_id>")
@members_only
def show(consultation_id: UUID) -> ResponseReturnValue:
    """The question and its answer, for the two people it belongs to."""
    return render_template("consultation/show.html", form=AnswerForm(), **_shown(consultation_id))


def _shown(consultation_id: UUID) -> dict[str, Any]:
    consultation = consultations.get(consultation_id, person())
    return {
        "consultation": consultation,
        "is_mine": person().id == consultation.client_id,
        "who": _other(consultation),
        "state": words.QUESTIONS[consultation.status],
        "actions": consultations.actions(consultation, person()),
    }


@blueprint.post("/questions/<uuid:consultation_id>/answer")
@members_only
def answer(consultation_id: UUID) -> ResponseReturnValue:
    """The client reads the answer; what is wrong with it stands beside it, with what was typed."""
    form = AnswerForm(request.form)
    try:
        consultations.answer(consultation_id, person(), form.answer.data or "")
    except (Invalid, Conflict) as problem:
        return again("consultation/show.html", form, problem, **_shown(consultation_id))
    flash(_("Your answer is sent."), "success")
    return go("consultations.show", consultation_id=consultation_id)
