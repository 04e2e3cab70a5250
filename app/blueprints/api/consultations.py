"""Questions in writing: ask by paying, list, answer or decline, write to each other, read, close.

What was written is in answers to GET alone: an answer to a POST with an Idempotency-Key is kept for repetitions, in the clear.
"""

from base64 import b64encode
from uuid import UUID

from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import CheckoutView, Nothing, Pages
from app.blueprints.api.shapes.consultations import (
    Asked,
    ConsultationState,
    ConsultationView,
    Conversation,
    Declined,
    FileContent,
    FileView,
    Letter,
    Question,
    ReadUpTo,
    SentView,
)
from app.models import Role
from app.services import consultations, practice


def _state(consultation_id: UUID) -> ConsultationState:
    return ConsultationState.of(consultations.get(consultation_id, caller()))


@call(
    "POST /practitioners/{slug}/questions",
    "Ask something in writing",
    name="ask_question",
    takes=Question,
    gives=Asked,
    status=201,
    fails=(
        "403 clients_only",
        "409 not_taking_bookings question_not_taken too_many_questions",
        "422 no_method",
    ),
)
def ask(body: Question, slug: str) -> Asked:
    """Something to be paid; the question is asked once it is paid, and not before."""
    made = consultations.ask(caller(), practice.by_slug(slug), body.question, request_key())
    return Asked(checkout=CheckoutView.of(made))


@call(
    "GET /consultations",
    "My questions in writing, or those asked of me",
    name="list_consultations",
    query=Pages,
    gives=list[ConsultationView],
    fails=("503 sealed_away",),
    counts=("X-Total-Count", "X-Pages", "X-Unread-Count"),
)
def find(asked: Pages) -> tuple[list[ConsultationView], int, dict[str, str]]:
    """One page of them."""
    is_asked = caller().role is Role.PRACTITIONER
    found = (consultations.for_practitioner if is_asked else consultations.for_client)(caller(), asked.page)
    shown = [ConsultationView.opened(consultation) for consultation in found.items]
    counts = {"X-Total-Count": found.total, "X-Pages": found.pages, "X-Unread-Count": consultations.unread(caller())}
    return shown, 200, {name: str(count) for name, count in counts.items()}


@call(
    "GET /consultations/{consultation_id}",
    "One question in writing and its conversation",
    name="show_consultation",
    gives=Conversation,
    fails=("503 sealed_away",),
)
def show(consultation_id: UUID) -> Conversation:
    """Everything that was written, for the two people it belongs to; it stays unread until `read` says otherwise."""
    return Conversation.whole(consultations.get(consultation_id, caller()))


@call(
    "POST /consultations/{consultation_id}/answer",
    "Answer a question in writing",
    name="answer_consultation",
    takes=Letter,
    gives=ConsultationState,
    upload=True,
    fails=(
        "403 forbidden",
        "409 answer_too_late not_allowed",
        "422 answer_missing proof_size proof_type",
    ),
)
def answer(body: Letter, consultation_id: UUID) -> ConsultationState:
    """The client reads it, and both may go on writing; 409 answer_too_late once the deadline has passed."""
    consultations.answer(consultation_id, caller(), body.written())
    return _state(consultation_id)


@call(
    "POST /consultations/{consultation_id}/messages",
    "Write in a conversation",
    name="write_message",
    takes=Letter,
    gives=SentView,
    status=201,
    upload=True,
    fails=(
        "409 answer_too_late not_allowed",
        "422 answer_missing proof_size proof_type text_missing too_many",
        "429 too_many_messages",
    ),
)
def write(body: Letter, consultation_id: UUID) -> SentView:
    """The other side reads it; a practitioner's first message is the answer."""
    return SentView.of(consultations.write(consultation_id, caller(), body.written()))


@call(
    "POST /consultations/{consultation_id}/read",
    "Say up to which message it is read",
    name="mark_read",
    takes=ReadUpTo,
    gives=ConsultationState,
)
def read(body: ReadUpTo, consultation_id: UUID) -> ConsultationState:
    """Never less than before."""
    consultations.mark_read(consultation_id, caller(), body.number)
    return _state(consultation_id)


@call(
    "POST /consultations/{consultation_id}/decline",
    "Decline a question in writing",
    name="decline_consultation",
    takes=Declined,
    gives=ConsultationState,
    fails=(
        "403 forbidden",
        "409 answer_too_late not_allowed",
    ),
)
def decline(body: Declined, consultation_id: UUID) -> ConsultationState:
    """The client reads why, and the money goes back."""
    consultations.decline(consultation_id, caller(), body.reason)
    return _state(consultation_id)


@call(
    "POST /consultations/{consultation_id}/close",
    "Close an answered conversation",
    name="close_consultation",
    takes=Nothing,
    gives=ConsultationState,
    fails=(
        "403 forbidden",
        "409 not_allowed",
    ),
)
def close(_body: Nothing, consultation_id: UUID) -> ConsultationState:
    """Nothing more is written; what was written stays."""
    consultations.close(consultation_id, caller())
    return _state(consultation_id)


@call(
    "GET /consultations/{consultation_id}/files/{file_id}",
    "A file of a conversation",
    name="show_consultation_file",
    gives=FileContent,
    fails=("503 sealed_away",),
)
def file(consultation_id: UUID, file_id: UUID) -> FileContent:
    """For the two people it belongs to."""
    found = consultations.get_file(consultation_id, file_id, caller())
    content = b64encode(consultations.content_of(found)).decode()
    return FileContent(**vars(FileView.of(found)), content=content)
