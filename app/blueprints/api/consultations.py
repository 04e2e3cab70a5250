"""Questions in writing: ask by paying, list, answer or decline, write to each other, read, close.

What was written is in answers to GET alone: an answer to a POST with an Idempotency-Key is kept for repetitions, in the clear.
"""

from base64 import b64encode
from uuid import UUID

from flask import request
from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import Amount, CheckoutView, Instant, Nothing, Taken
from app.models import Consultation, ConsultationFile, ConsultationMessage, Role
from app.services import consultations, practice
from app.services.consultations import Upload, Written

_FARTHEST_PAGE = 10**6
_FILE = "a picture (PNG, JPEG, WebP) or PDF of at most 5 MB"


class Question(Taken):
    """A question in writing; the price is the practitioner's."""

    question: str = Field(description="1 to 2000 characters")


class Asked(Shape):
    """What asking in writing brought about: something to be paid; the question is asked once it is."""

    checkout: CheckoutView


class Letter(Taken):
    """What is written, in a form with up to three files; an answer needs words, a message words or a file."""

    text: str = Field("", description="at most 2000 characters")
    file: bytes = Field(b"", description=_FILE)
    file_2: bytes = Field(b"", description=_FILE)
    file_3: bytes = Field(b"", description=_FILE)

    def written(self) -> Written:
        """Return the message as the service takes it, with the names its files were sent under."""
        return Written(self.text, tuple(self._uploads()), request_key())

    def _uploads(self) -> list[Upload]:
        contents = {"file": self.file, "file_2": self.file_2, "file_3": self.file_3}
        names = {name: (sent.filename or "") for name, sent in request.files.items()}
        return [(names.get(name, ""), content) for name, content in contents.items()]


class Declined(Taken):
    """Why the question is not answered; the client reads it."""

    reason: str = Field("", description="1 to 2000 characters")


class ReadUpTo(Taken):
    """The number of the last message that was read."""

    number: int = Field(ge=0, lt=2**31)


class FileView(Shape):
    """A file sent with a message."""

    id: UUID
    file_name: str
    media_type: str
    size: int

    @classmethod
    def of(cls, file: ConsultationFile) -> "FileView":
        """The view of the two people."""
        return cls(id=file.id, file_name=file.file_name, media_type=file.media_type, size=file.size)


class FileContent(FileView):
    """The file itself."""

    content: str = Field(description="base64")


class SentView(Shape):
    """A message, without its words: `number` counts from 1, the question."""

    id: UUID
    number: int
    mine: bool
    written_at: Instant
    files: list[FileView]

    @classmethod
    def of(cls, message: ConsultationMessage) -> "SentView":
        """The caller's view."""
        return cls(
            id=message.id,
            number=message.number,
            mine=message.author_id == caller().id,
            written_at=message.written_at,
            files=[FileView.of(file) for file in message.files],
        )


class MessageView(SentView):
    """A message with its words."""

    text: str

    @classmethod
    def opened(cls, message: ConsultationMessage) -> "MessageView":
        """The caller's view."""
        return cls(**vars(SentView.of(message)), text=consultations.text_of(message))


class ConsultationState(Shape):
    """How a question in writing stands: open, answered, closed, declined or expired; the last two have paid the money back."""

    id: UUID
    status: str
    practitioner: str
    client: str
    price: Amount
    asked_at: Instant
    answer_by: Instant | None = Field(description="without an answer by then the money goes back")
    answered_at: Instant | None
    closes_at: Instant | None = Field(description="until when both may go on writing")
    unread: int = Field(description="messages of the other side that the caller has not read")
    allowed_actions: list[str]

    @classmethod
    def of(cls, consultation: Consultation) -> "ConsultationState":
        """The view of the caller, one of the two it belongs to, by the clock."""
        return cls(
            id=consultation.id,
            status=consultations.status_now(consultation).value,
            practitioner=consultation.practitioner.name,
            client=consultation.client.name,
            price=Amount.of(consultation.price),
            asked_at=consultation.asked_at,
            answer_by=consultation.answer_by,
            answered_at=consultation.answered_at,
            closes_at=consultation.closes_at,
            unread=consultations.unread_in(consultation, caller()),
            allowed_actions=consultations.actions(consultation, caller()),
        )


class ConsultationView(ConsultationState):
    """The same with the question, and the answer or why there is none; both are empty until then."""

    question: str
    answer: str
    reason: str

    @classmethod
    def opened(cls, consultation: Consultation) -> "ConsultationView":
        """The view of the caller."""
        return cls(
            **vars(ConsultationState.of(consultation)),
            question=_text(consultations.question_of(consultation)),
            answer=_text(consultations.answer_of(consultation)),
            reason=_text(consultations.reason_of(consultation)),
        )


class Conversation(ConsultationView):
    """The same with everything that was written, oldest first."""

    messages: list[MessageView]

    @classmethod
    def whole(cls, consultation: Consultation) -> "Conversation":
        """The view of the caller."""
        messages = [MessageView.opened(message) for message in consultation.messages]
        return cls(**vars(ConsultationView.opened(consultation)), messages=messages)


def _text(message: ConsultationMessage | None) -> str:
    return consultations.text_of(message) if message else ""


def _state(consultation_id: UUID) -> ConsultationState:
    return ConsultationState.of(consultations.get(consultation_id, caller()))


@call("POST /practitioners/<slug>/questions", "Ask something in writing", takes=Question, gives=Asked, status=201)
def ask(body: Question, slug: str) -> Asked:
    """Something to be paid; the question is asked once it is paid, and not before."""
    made = consultations.ask(caller(), practice.by_slug(slug), body.question, request_key())
    return Asked(checkout=CheckoutView.of(made))


@call(
    "GET /consultations",
    "My questions in writing, or those asked of me; X-Total-Count, X-Pages and X-Unread-Count tell how many",
    gives=list[ConsultationView],
    query=("page",),
)
def find() -> tuple[list[ConsultationView], int, dict[str, str]]:
    """One page of them."""
    page = min(request.args.get("page", default=1, type=int), _FARTHEST_PAGE)
    is_asked = caller().role is Role.PRACTITIONER
    found = (consultations.for_practitioner if is_asked else consultations.for_client)(caller(), page)
    shown = [ConsultationView.opened(consultation) for consultation in found.items]
    counts = {"X-Total-Count": found.total, "X-Pages": found.pages, "X-Unread-Count": consultations.unread(caller())}
    return shown, 200, {name: str(count) for name, count in counts.items()}


@call("GET /consultations/<uuid:consultation_id>", "One question in writing and its conversation", gives=Conversation)
def show(consultation_id: UUID) -> Conversation:
    """Everything that was written, for the two people it belongs to; it stays unread until `read` says otherwise."""
    return Conversation.whole(consultations.get(consultation_id, caller()))


@call(
    "POST /consultations/<uuid:consultation_id>/answer",
    "Answer a question in writing",
    takes=Letter,
    gives=ConsultationState,
    upload=True,
)
def answer(body: Letter, consultation_id: UUID) -> ConsultationState:
    """The client reads it, and both may go on writing; 409 answer_too_late once the deadline has passed."""
    consultations.answer(consultation_id, caller(), body.written())
    return _state(consultation_id)


@call(
    "POST /consultations/<uuid:consultation_id>/messages",
    "Write in a conversation",
    takes=Letter,
    gives=SentView,
    status=201,
    upload=True,
)
def write(body: Letter, consultation_id: UUID) -> SentView:
    """The other side reads it; a practitioner's first message is the answer."""
    return SentView.of(consultations.write(consultation_id, caller(), body.written()))


@call(
    "POST /consultations/<uuid:consultation_id>/read",
    "Say up to which message it is read",
    takes=ReadUpTo,
    gives=ConsultationState,
)
def read(body: ReadUpTo, consultation_id: UUID) -> ConsultationState:
    """Never less than before."""
    consultations.mark_read(consultation_id, caller(), body.number)
    return _state(consultation_id)


@call(
    "POST /consultations/<uuid:consultation_id>/decline",
    "Decline a question in writing",
    takes=Declined,
    gives=ConsultationState,
)
def decline(body: Declined, consultation_id: UUID) -> ConsultationState:
    """The client reads why, and the money goes back."""
    consultations.decline(consultation_id, caller(), body.reason)
    return _state(consultation_id)


@call(
    "POST /consultations/<uuid:consultation_id>/close",
    "Close an answered conversation",
    takes=Nothing,
    gives=ConsultationState,
)
def close(_body: Nothing, consultation_id: UUID) -> ConsultationState:
    """Nothing more is written; what was written stays."""
    consultations.close(consultation_id, caller())
    return _state(consultation_id)


@call("GET /consultations/<uuid:consultation_id>/files/<uuid:file_id>", "A file of a conversation", gives=FileContent)
def file(consultation_id: UUID, file_id: UUID) -> FileContent:
    """For the two people it belongs to."""
    found = consultations.get_file(consultation_id, file_id, caller())
    content = b64encode(consultations.content_of(found)).decode()
    return FileContent(**vars(FileView.of(found)), content=content)
