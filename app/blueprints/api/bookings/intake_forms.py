"""Forms: what a booking asks its client to sign, signing it, and the practitioner's own forms."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Code, Instant, Shape, Taken, one_of, prose
from app.blueprints.api.calls import call, caller
from app.models import Booking, Paper, PaperDue, PaperKind, PaperVersion, Question
from app.services import bookings
from app.services.bookings import intake_forms
from app.services.bookings.intake_forms import Asked, Draft, Filled

_Kind = Annotated[str, one_of(PaperKind), Code("kind_unknown")]
_Due = Annotated[str, one_of(PaperDue), Code("due_unknown")]
_Option = Annotated[str, prose(intake_forms.OPTION_LIMIT)]
_Text = Annotated[str, prose(intake_forms.ANSWER_LIMIT)]


class Signature(
    Taken,
    json_schema_extra={"examples": [{"answers": {"q1": "Sleeping badly"}, "name": "Wanjiku Kamau", "version": 1}]},
):
    """Answers by the key of their question; a choice's answer is one of its options, yes_no's yes or no, a date's 2026-11-21."""

    answers: dict[str, _Text] = Field(default_factory=dict, max_length=200)
    name: Annotated[str, prose(intake_forms.NAME_LIMIT, filled=True), Code("signature_missing")] = Field(
        description="the full name: it is the signature, and says that the text is agreed to",
    )
    version: int | None = Field(None, description="the version that was read; 409 form_changed if there is a newer one")


class QuestionShape(
    Taken, json_schema_extra={"examples": [{"label": "What brings you?", "kind": "long", "required": True}]}
):
    """A question: text, long, choice, yes_no or date. Leave `key` empty for a new one."""

    key: str = Field("", max_length=20)
    label: Annotated[str, prose(intake_forms.LABEL_LIMIT, filled=True), Code("label_missing")]
    kind: Annotated[str, one_of(intake_forms.QUESTION_KINDS), Code("kind_unknown")] = "text"
    required: bool = False
    options: list[_Option] = Field(default_factory=list, max_length=100)

    def question(self) -> Question:
        """Return the question as the service takes it."""
        return Question(self.key, self.label, self.kind, self.required, tuple(self.options))


class QuestionView(Shape):
    """A question as it is asked."""

    key: str
    label: str
    kind: Annotated[str, one_of(intake_forms.QUESTION_KINDS)]
    required: bool
    options: list[str]

    @classmethod
    def of(cls, question: Question) -> "QuestionView":
        """Return the question as programs read it."""
        return cls(**(vars(question) | {"options": list(question.options)}))


class SignedView(Shape):
    """A form's state, without anything that was written into it."""

    id: int
    title: str
    kind: PaperKind
    due: PaperDue
    version: int
    signed_at: Instant | None

    @classmethod
    def of(cls, asked: Asked) -> "SignedView":
        """Anybody's view who has a part in the booking."""
        return cls(
            id=asked.paper.id,
            title=asked.version.title,
            kind=asked.paper.kind,
            due=asked.due,
            version=asked.version.number,
            signed_at=asked.signed.signed_at if asked.signed else None,
        )


class PaperView(SignedView):
    """A form of a booking; `name` and `answers` once it is signed."""

    body: str
    questions: list[QuestionView]
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
            questions=[QuestionView.of(question) for question in asked.version.questions],
            digest=asked.signed.digest if asked.signed else asked.version.digest,
            name=content.name if content else None,
            answers=content.answers if content else None,
        )


class PaperDraft(
    Taken, json_schema_extra={"examples": [{"title": "Before we meet", "questions": [{"label": "What brings you?"}]}]}
):
    """A practitioner's form. Other words than before make a new version; `kind` never changes."""

    kind: _Kind = "intake"
    title: Annotated[str, prose(intake_forms.TITLE_LIMIT, filled=True), Code("title_invalid")]
    body: Annotated[str, prose(intake_forms.BODY_LIMIT)] = ""
    questions: list[QuestionShape] = Field(default_factory=list, max_length=intake_forms.QUESTIONS_LIMIT)
    due: _Due = "session"
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
    kind: PaperKind
    version: int
    title: str
    body: str
    questions: list[QuestionView]
    due: PaperDue
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


def _shapes(version: PaperVersion) -> list[QuestionView]:
    return [QuestionView.of(question) for question in version.questions]


@call(
    "GET /bookings/{booking_id}/forms",
    "What the booking's client is asked to sign",
    name="list_booking_forms",
    gives=list[SignedView],
)
def find(booking_id: UUID) -> list[SignedView]:
    """Every form and whether it is signed, for everybody who has a part in the booking."""
    return [SignedView.of(asked) for asked in intake_forms.of_booking(_booking(booking_id))]


def _booking(booking_id: UUID) -> Booking:
    return bookings.get(booking_id, caller())


@call(
    "GET /bookings/{booking_id}/forms/{paper_id}",
    "One form, with what was signed",
    name="show_booking_form",
    gives=PaperView,
    fails=("503 sealed_away",),
)
def show(booking_id: UUID, paper_id: int) -> PaperView:
    """The form and its answers, for the client and the practitioner alone."""
    return PaperView.opened(intake_forms.get(booking_id, paper_id, caller())[1])


@call(
    "POST /bookings/{booking_id}/forms/{paper_id}/sign",
    "Sign a form",
    name="sign_form",
    takes=Signature,
    gives=SignedView,
    fails=(
        "403 forbidden",
        "409 form_changed form_closed",
        "422 answer_needed answer_unknown answers_too_long date_invalid name_invalid option_unknown",
    ),
)
def sign(body: Signature, booking_id: UUID, paper_id: int) -> SignedView:
    """It is signed, once; what was written is not repeated here, because answers to a POST are kept for repetitions."""
    filled = Filled(answers=body.answers, name=body.name, version=body.version)
    return SignedView.of(intake_forms.sign(booking_id, paper_id, caller(), filled))


@call(
    "GET /forms", "My own forms, as a practitioner", name="list_forms", gives=list[OwnPaper], fails=("404 not_found",)
)
def mine() -> list[OwnPaper]:
    """What clients are asked to sign, the ones in use first."""
    return [OwnPaper.of(paper) for paper in intake_forms.mine(caller())]


@call(
    "POST /forms",
    "Make a form",
    name="create_form",
    takes=PaperDraft,
    gives=OwnPaper,
    status=201,
    fails=(
        "404 not_found",
        "422 agreement_empty options_count questions_missing service_unknown",
    ),
)
def make(body: PaperDraft) -> OwnPaper:
    """It is asked for with the services named."""
    return OwnPaper.of(intake_forms.save(caller(), body.draft()))


@call(
    "POST /forms/{paper_id}",
    "Change a form",
    name="change_form",
    takes=PaperDraft,
    gives=OwnPaper,
    fails=("422 agreement_empty options_count questions_missing service_unknown",),
)
def change(body: PaperDraft, paper_id: int) -> OwnPaper:
    """Everything is as described here; other words are a new version."""
    return OwnPaper.of(intake_forms.save(caller(), body.draft(), paper_id))
