"""Questions in writing: asked from a practitioner's page, listed, read, answered, and a conversation of two after that."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app import words
from app.blueprints.bookings.asking.profile_page import on_page
from app.blueprints.common import web
from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import AnswerForm, AskForm, LetterForm, MessageForm, ReasonForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again, key_of
from app.blueprints.common.uploads import all_uploaded, to_save
from app.lib import chance
from app.models import Consultation, ConsultationMessage, Role
from app.services import consultations, practice
from app.services.consultations import Written
from app.services.core.errors import Conflict, Invalid, Unavailable
from app.services.ledger import refunds

blueprint = Blueprint("consultations", __name__)
_FARTHEST_PAGE = 10**6
_PAGE = "consultations/show.html"
_FARTHEST_MESSAGE = 10**9

# ------------------------------------------------------------------------------------------------ asking


@blueprint.post("/practitioners/<slug>/questions")
@members_only
def ask(slug: str) -> ResponseReturnValue:
    """The question can be paid for, once however often it is sent."""
    form = AskForm(request.form)
    practitioner = practice.by_slug(slug)
    key = key_of(form.request_key.data)
    try:
        made = consultations.ask(person(), practitioner, form.question.data or "", key)
    except (Invalid, Conflict) as problem:
        return again("bookings/asking/practitioner.html", form, problem, **on_page(practice.by_slug(slug)))
    return go("paying.show", checkout_id=made.id)


@blueprint.get("/questions")
@members_only
def mine() -> ResponseReturnValue:
    """What the client asked and still has to pay, or what the practitioner was asked."""
    page = min(request.args.get("page", 1, type=int), _FARTHEST_PAGE)
    is_asked = person().role is Role.PRACTITIONER
    found = (consultations.for_practitioner if is_asked else consultations.for_client)(person(), page)
    return render_template(
        "consultations/mine.html",
        found=found,
        cards=[_card(consultation) for consultation in found.items],
        is_asked=is_asked,
        drafts=[] if is_asked or found.page > 1 else [(c, consultations.asked_by(c)) for c in _unpaid()],
    )


def _unpaid() -> list[Any]:
    return list(consultations.unpaid(person()))


def _card(consultation: Consultation) -> dict[str, Any]:
    return {
        "consultation": consultation,
        "who": _other(consultation),
        "state": _state(consultation),
        "question": _text(consultations.question_of(consultation)),
        "unread": consultations.unread_in(consultation, person()),
        "waits": consultations.waits(consultation),
    }


def _other(consultation: Consultation) -> str:
    is_client = person().id == consultation.client_id
    return consultation.practitioner.name if is_client else consultation.client.name


def _state(consultation: Consultation) -> tuple[Any, str, str]:
    return words.QUESTIONS[consultations.status_now(consultation)]


def _text(message: ConsultationMessage) -> str:
    """What it says; without its key, a sentence that says so, and the rest of the page stands."""
    try:
        return consultations.text_of(message)
    except Unavailable as problem:
        return words.problem(problem.code, {})


# ------------------------------------------------------------------------------------------------ one of them


@blueprint.get("/questions/<uuid:consultation_id>")
@members_only
def show(consultation_id: UUID) -> ResponseReturnValue:
    """The conversation, for the two people it belongs to; opening it changes nothing, a form on it marks it as read."""
    return render_template(_PAGE, form=Form(), **_shown(consultation_id))


def _shown(consultation_id: UUID, tried: Form | None = None) -> dict[str, Any]:
    consultation = consultations.get(consultation_id, person())
    user = person()
    actions = consultations.actions(consultation, user)
    messages = consultation.messages
    new = consultations.unread_in(consultation, user)
    theirs = [message.number for message in messages if message.author_id != user.id]
    return {
        "consultation": consultation,
        "is_mine": user.id == consultation.client_id,
        "is_blocked": practice.is_blocked(consultation.practitioner_id, consultation.client_id),
        "who": _other(consultation),
        "state": _state(consultation),
        "said": _said(consultation),
        "actions": actions,
        "messages": [(each, _text(each), each.number in theirs[-new:] and new > 0) for each in messages],
        "unread": new,
        "last": messages[-1].number,
        "backs": [(refund, refunds.word_of(refund)) for refund in _refunds(consultation)],
        "writing": _fresh(_writing(tried, actions), messages[-1].number),
        "declining": tried if isinstance(tried, ReasonForm) else ReasonForm(),
        "tried": tried,
        "per_message": consultations.PER_MESSAGE,
    }


def _refunds(consultation: Consultation) -> list[Any]:
    return list(refunds.of_attempts([attempt.id for attempt in consultation.checkout.attempts]))


def _writing(tried: Form | None, actions: list[str]) -> LetterForm:
    """The form that fits what can be done now, with what was typed into the one that fitted when the page was opened."""
    form = AnswerForm() if "answer" in actions else MessageForm()
    if isinstance(tried, type(form)):
        return tried
    for typed, field in (("answer", "text"), ("text", "answer")):
        if isinstance(tried, LetterForm) and typed in tried and field in form:
            form[field].data = tried[typed].data
    return form


def _fresh(form: LetterForm, last: int) -> LetterForm:
    form.request_key.data = form.request_key.data or chance.reference(20)
    form.seen.data = str(last)
    return form


def _said(consultation: Consultation) -> tuple[str, str] | None:
    """Whose move it is, and until when."""
    until = consultation.closes_at or consultation.answer_by
    values = {"name": _other(consultation), "until": web.when(until) if until else ""}
    return words.conversation(
        consultations.status_now(consultation), person().id == consultation.client_id, values, has_end=until is not None
    )


# ------------------------------------------------------------------------------------------------ writing in it


@blueprint.post("/questions/<uuid:consultation_id>/answer")
@members_only
def answer(consultation_id: UUID) -> ResponseReturnValue:
    """The client reads the answer; what is wrong with it stands beside it, with what was typed."""
    form = AnswerForm(request.form)
    sent = _written(form, form.answer.data or "")
    return _act(
        consultation_id,
        form,
        lambda: consultations.answer(consultation_id, person(), sent),
        _("Your answer has been sent."),
    )


@blueprint.post("/questions/<uuid:consultation_id>/messages")
@members_only
def write(consultation_id: UUID) -> ResponseReturnValue:
    """The message stands in the conversation, once however often it is sent."""
    form = MessageForm(request.form)
    sent = _written(form, form.text.data or "")
    return _act(
        consultation_id,
        form,
        lambda: consultations.write(consultation_id, person(), sent),
        _("Your message has been sent."),
    )


def _written(form: LetterForm, text: str) -> Written:
    files = all_uploaded("file", consultations.LIMIT)
    return Written(text, files, key_of(form.request_key.data), _number(form.seen.data))


def _number(text: str | None) -> int:
    return min(int(text), _FARTHEST_MESSAGE) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


@blueprint.post("/questions/<uuid:consultation_id>/read")
@members_only
def read(consultation_id: UUID) -> ResponseReturnValue:
    """What the page showed is read."""
    consultations.mark_read(consultation_id, person(), _number(request.form.get("seen")))
    if "HX-Request" in request.headers:
        return Response(status=204)
    return go("consultations.show", consultation_id=consultation_id)


@blueprint.post("/questions/<uuid:consultation_id>/decline")
@members_only
def decline(consultation_id: UUID) -> ResponseReturnValue:
    """The client reads why, and the money goes back."""
    form = ReasonForm(request.form)
    said = _("Declined. The client has been told and will be refunded.")
    return _act(
        consultation_id,
        form,
        lambda: consultations.decline(consultation_id, person(), form.reason.data or ""),
        said,
    )


@blueprint.post("/questions/<uuid:consultation_id>/close")
@members_only
def close(consultation_id: UUID) -> ResponseReturnValue:
    """Nothing more is written; what was written stays."""
    said = _("Closed. You can both still read what was written here.")
    return _act(consultation_id, Form(), lambda: consultations.close(consultation_id, person()), said)


def _act(consultation_id: UUID, form: Form, act: Callable[[], object], said: str) -> ResponseReturnValue:
    try:
        act()
    except (Invalid, Conflict) as problem:
        return again(_PAGE, form, problem, **_shown(consultation_id, form))
    flash(said, "success")
    return go("consultations.show", consultation_id=consultation_id)


@blueprint.get("/questions/<uuid:consultation_id>/files/<uuid:file_id>")
@members_only
def file(consultation_id: UUID, file_id: UUID) -> Response:
    """A file of the conversation, to be saved."""
    found = consultations.get_file(consultation_id, file_id, person())
    return to_save(found.file_name, found.media_type, consultations.content_of(found))
