"""Questions in writing: what is sent, and how they and what was written stand."""

from typing import Annotated
from uuid import UUID

from flask import request
from pydantic import Field

from app.blueprints.api.base import Code, Instant, Shape, Taken, prose
from app.blueprints.api.calls import caller, request_key
from app.blueprints.api.shapes.checkouts import CheckoutView
from app.blueprints.api.shapes.common import Amount
from app.domain.lifecycle import ConsultationStatus
from app.models import Consultation, ConsultationFile, ConsultationMessage
from app.services import consultations
from app.services.consultations import Upload, Written

_FILE = "a picture (PNG, JPEG, WebP) or PDF of at most 5 MB"


class Question(Taken, json_schema_extra={"examples": [{"question": "How long does it take?"}]}):
    """A question in writing; the price is the practitioner's."""

    question: Annotated[str, prose(consultations.TEXT_LIMIT, filled=True), Code("question_missing")]


class Asked(Shape):
    """What asking in writing brought about: something to be paid; the question is asked once it is."""

    checkout: CheckoutView


class Letter(Taken, json_schema_extra={"examples": [{"text": "Two to four sessions."}]}):
    """What is written, in a form with up to three files; an answer needs words, a message words or a file."""

    text: Annotated[str, prose(consultations.TEXT_LIMIT)] = ""
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


class Declined(Taken, json_schema_extra={"examples": [{"reason": "Please ask a doctor."}]}):
    """Why the question is not answered; the client reads it."""

    reason: Annotated[str, prose(consultations.TEXT_LIMIT, filled=True), Code("reason_missing")]


class ReadUpTo(Taken, json_schema_extra={"examples": [{"number": 3}]}):
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
    status: ConsultationStatus
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
            status=consultations.status_now(consultation),
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
