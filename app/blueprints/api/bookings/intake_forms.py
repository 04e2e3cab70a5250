"""Forms: what a booking asks its client to sign, signing it, and the practitioner's own forms."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Instant, Taken
from app.models import Booking, Paper, PaperVersion, Question
from app.services import bookings
from app.services.bookings import intake_forms
from app.services.bookings.intake_forms import Asked, Draft, Filled


class Signature(Taken):
    """Answers by the key of their question; a choice's answer is one of its options, yes_no's yes or no, a date's 2026-11-21."""

    answers: dict[str, str] = Field(default_factory=dict, max_length=200)
    name: str = Field(
        "", max_length=1000, description="the full name: it is the signature, and says that the text is agreed to"
    )
    version: int | None = Field(None, description="the version that was read; 409 form_changed if there is a newer one")


class QuestionShape(Taken):
    """A question: text, long, choice, yes_no or date. Leave `key` empty for a new one."""

    key: str = Field("", max_length=20)
    label: str = Field(max_length=1000)
    kind: str = Field("text", max_length=20)
    required: bool = False
    options: list[str] = Field(default_factory=list, max_length=100)

    @classmethod
    def of(cls, question: Question) -> "QuestionShape":
        """Return the question as programs read it."""
        return cls(**(vars(question) | {"options": list(question.options)}))

    def question(self) -> Question:
        """Return the question as the service takes it."""
        return Question(self.key, self.label, self.kind, self.required, tuple(self.options))


class SignedView(Shape):
    """A form's state, without anything that was written into it."""

    id: int
    title: str
    kind: str
    due: str = Field(description="approval, session or optional")
    version: int
    signed_at: Instant | None

    @classmethod
    def of(cls, asked: Asked) -> "SignedView":
        """Anybody's view who has a part in the booking."""
        return cls(
            id=asked.paper.id,
            title=asked.version.title,
            kind=asked.paper.kind.value,
            due=asked.due.value,
            version=asked.version.number,
            signed_at=asked.signed.signed_at if asked.signed else None,
        )


class PaperView(SignedView):
    """A form of a booking; `name` and `answers` once it is signed."""

    body: str
    questions: list[QuestionShape]
    digest: str = Field(description="SHA-256 of the text, as it was when it was signed")
    name: str | None
    answers: dict[str, str] | None

    @classmethod
    def opened(cls, asked: Asked) -> "PaperView":
        """The view of the client and of the practitioner."""
        content = intake_forms.opened(asked.signed, caller()) if asked.signed else None
        return cls(
            **vars(SignedView.of(asked)),
            body=asked.version.body,
            questions=[QuestionShape.of(question) for question in asked.version.questions],
            digest=asked.signed.digest if asked.signed else asked.version.digest,
            name=content.name if content else None,
            answers=content.answers if content else None,
        )


class PaperDraft(Taken):
    """A practitioner's form. Other words than before make a new version; `kind` never changes."""

    kind: str = Field("intake", max_length=20, description="intake or agreement")
    title: str = Field(max_length=500)
    body: str = Field("", max_length=40_000)
    questions: list[QuestionShape] = Field(default_factory=list, max_length=200)
    due: str = Field("session", max_length=20, description="approval, session or optional")
    once: bool = False
    active: bool = True
    services: list[int] = Field(default_factory=list, max_length=1000)

    def draft(self) -> Draft:
        """Return the form as the service takes it."""
        same = {"kind", "title", "body", "due", "once", "active"}
        questions = tuple(question.question() for question in self.questions)
        return Draft(**self.model_dump(include=same), questions=questions, services=tuple(self.services))


class OwnPaper(Shape):
    """A practitioner's form as it is asked now."""

    id: int
    kind: str
    version: int
    title: str
    body: str
    questions: list[QuestionShape]
    due: str
    once: bool
    active: bool
    services: list[int]

    @classmethod
    def of(cls, paper: Paper) -> "OwnPaper":
        """The practitioner's view."""
        draft = intake_forms.draft_of(paper)
        now = paper.current
        same = {name: getattr(draft, name) for name in ("kind", "title", "body", "due", "once", "active")}
        return cls(id=paper.id, version=now.number, questions=_shapes(now), services=list(draft.services), **same)


def _shapes(version: PaperVersion) -> list[QuestionShape]:
    return [QuestionShape.of(question) for question in version.questions]


@call("GET /bookings/<uuid:booking_id>/forms", "What the booking's client is asked to sign", gives=list[SignedView])
def find(booking_id: UUID) -> list[SignedView]:
    """Every form and whether it is signed, for everybody who has a part in the booking."""
    return [SignedView.of(asked) for asked in intake_forms.of_booking(_booking(booking_id))]


def _booking(booking_id: UUID) -> Booking:
    return bookings.get(booking_id, caller())


@call("GET /bookings/<uuid:booking_id>/forms/<int:paper_id>", "One form, with what was signed", gives=PaperView)
def show(booking_id: UUID, paper_id: int) -> PaperView:
    """The form and its answers, for the client and the practitioner alone."""
    return PaperView.opened(intake_forms.get(booking_id, paper_id, caller())[1])


@call("POST /bookings/<uuid:booking_id>/forms/<int:paper_id>/sign", "Sign a form", takes=Signature, gives=SignedView)
def sign(body: Signature, booking_id: UUID, paper_id: int) -> SignedView:
    """It is signed, once; what was written is not repeated here, because answers to a POST are kept for repetitions."""
    filled = Filled(answers=body.answers, name=body.name, version=body.version)
    return SignedView.of(intake_forms.sign(booking_id, paper_id, caller(), filled))


@call("GET /forms", "My own forms, as a practitioner", gives=list[OwnPaper])
def mine() -> list[OwnPaper]:
    """What clients are asked to sign, the ones in use first."""
    return [OwnPaper.of(paper) for paper in intake_forms.mine(caller())]


@call("POST /forms", "Make a form", takes=PaperDraft, gives=OwnPaper, status=201)
def make(body: PaperDraft) -> OwnPaper:
    """It is asked for with the services named."""
    return OwnPaper.of(intake_forms.save(caller(), body.draft()))


@call("POST /forms/<int:paper_id>", "Change a form", takes=PaperDraft, gives=OwnPaper)
def change(body: PaperDraft, paper_id: int) -> OwnPaper:
    """Everything is as described here; other words are a new version."""
    return OwnPaper.of(intake_forms.save(caller(), body.draft(), paper_id))
