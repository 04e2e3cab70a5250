"""Questions in writing: ask by paying, list, answer."""

from uuid import UUID

from flask import request

from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import Answer, Asked, CheckoutView, ConsultationView, Question
from app.models import Role
from app.services import consultations, practice

_FARTHEST_PAGE = 10**6


@call("POST /practitioners/<slug>/questions", "Ask something in writing", takes=Question, gives=Asked, status=201)
def ask(body: Question, slug: str) -> Asked:
    """Something to be paid; the question is asked once it is paid, and not before."""
    made = consultations.ask(caller(), practice.by_slug(slug), body.question, request_key())
    return Asked(checkout=CheckoutView.of(made))


@call(
    "GET /consultations",
    "My questions in writing, or those asked of me; X-Total-Count and X-Pages tell how many",
    gives=list[ConsultationView],
    query=("page",),
)
def find() -> tuple[list[ConsultationView], int, dict[str, str]]:
    """One page of them."""
    page = min(request.args.get("page", default=1, type=int), _FARTHEST_PAGE)
    is_asked = caller().role is Role.PRACTITIONER
    found = (consultations.for_practitioner if is_asked else consultations.for_client)(caller(), page)
    shown = [ConsultationView.of(consultation, caller()) for consultation in found.items]
    return shown, 200, {"X-Total-Count": str(found.total), "X-Pages": str(found.pages)}


@call("GET /consultations/<uuid:consultation_id>", "One question in writing", gives=ConsultationView)
def show(consultation_id: UUID) -> ConsultationView:
    """The question and its answer, for the two people it belongs to."""
    return ConsultationView.of(consultations.get(consultation_id, caller()), caller())


@call(
    "POST /consultations/<uuid:consultation_id>/answer",
    "Answer a question in writing",
    takes=Answer,
    gives=ConsultationView,
)
def answer(body: Answer, consultation_id: UUID) -> ConsultationView:
    """The client reads it."""
    return ConsultationView.of(consultations.answer(consultation_id, caller(), body.text), caller())
