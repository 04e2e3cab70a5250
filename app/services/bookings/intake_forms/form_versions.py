"""The practitioner's own forms: written, published in versions, asked for with services."""

import re
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import select

from app.domain.lifecycle import BookingStatus
from app.extensions import db
from app.lib import clock
from app.lib.text import clean
from app.models import Booking, Paper, PaperDue, PaperKind, PaperVersion, Question, Service, User
from app.models.bookings.intake_forms import items_of
from app.services.accounts.people import clean_text
from app.services.bookings.intake_forms.form_requests import tell_missing
from app.services.core.errors import Invalid, NotFound, check_all, needs
from app.services.core.transaction import lock, transaction
from app.services.practice import of_user

QUESTION_KINDS = ("text", "long", "choice", "yes_no", "date")
QUESTIONS_LIMIT = 30
EMPTY = Question(key="", label="")
BODY_LIMIT = 20_000
LABEL_LIMIT = 300
TITLE_LIMIT = 120
_OPTIONS = (2, 20)
OPTION_LIMIT = 120
_LARGEST_ID = 2**31
_KEY = re.compile(r"q[0-9]{1,6}")
_ASKED_IN = (BookingStatus.PENDING_APPROVAL, BookingStatus.CONFIRMED)


@dataclass(frozen=True)
class Draft:
    """What a practitioner says about a form; a question without a key is new."""

    kind: str
    title: str
    body: str = ""
    questions: tuple[Question, ...] = ()
    due: str = PaperDue.SESSION
    once: bool = False
    active: bool = True
    services: tuple[int, ...] = ()


def mine(user: User) -> list[Paper]:
    """The practitioner's forms, the ones in use first. Raises NotFound."""
    statement = select(Paper).where(Paper.practitioner_id == of_user(user).id)
    return list(db.session.scalars(statement.order_by(Paper.active.desc(), Paper.id)))


def own(user: User, paper_id: int) -> Paper:
    """One of the person's own forms. Raises NotFound."""
    found = db.session.get(Paper, paper_id) if paper_id < _LARGEST_ID else None
    if found is None or found.practitioner_id != of_user(user).id:
        raise NotFound
    return found


def version(user: User, paper_id: int, number: int) -> PaperVersion:
    """What one of the person's own forms said. Raises NotFound."""
    found = next((each for each in own(user, paper_id).versions if each.number == number), None)
    if found is None:
        raise NotFound
    return found


def draft_of(paper: Paper) -> Draft:
    """The form as it is, to be changed."""
    now = paper.current
    services = tuple(service.id for service in paper.services)
    return Draft(paper.kind, now.title, now.body, tuple(now.questions), paper.due, paper.once, paper.active, services)


def save(user: User, draft: Draft, paper_id: int | None = None) -> Paper:
    """The form is asked for as described; other words than before are a new version.

    Clients who wait will be told once.
    Its kind never changes. What was signed stays readable, whatever becomes of the form. Raises NotFound, Invalid beside the
    field: of a question as questions-0-label, counted from 0. (Report S3-27)
    """
    draft = _checked(replace(draft, kind=own(user, paper_id).kind) if paper_id else draft)
    with transaction() as session:
        paper = _locked(user, paper_id) if paper_id else _new(user, draft)
        paper.due = PaperDue(draft.due)
        paper.active = draft.active
        paper.once = draft.once or paper.kind is PaperKind.AGREEMENT
        paper.services = _services(user, draft)
        session.add(paper)
        _publish(paper, draft)
        session.flush()
        for booking in _waiting(paper):
            tell_missing(booking)
        return paper


def _new(user: User, draft: Draft) -> Paper:
    return Paper(practitioner_id=of_user(user).id, kind=PaperKind(draft.kind), created_at=clock.now())


def _locked(user: User, paper_id: int) -> Paper:
    own(user, paper_id)
    found = lock(Paper, paper_id)
    if found is None:
        raise NotFound
    return found


def _services(user: User, draft: Draft) -> list[Service]:
    theirs = {service.id: service for service in of_user(user).services}
    if not set(draft.services) <= theirs.keys():
        raise Invalid("service_unknown", field="services")
    return [service for service_id, service in theirs.items() if service_id in draft.services]


def _publish(paper: Paper, draft: Draft) -> None:
    """The newest version says what the draft says.

    Questions without a key get one that no version had before.
    """
    last = paper.versions[-1] if paper.versions else None
    questions = _with_keys(paper, draft.questions)
    items = items_of(questions)
    if last is not None and (last.title, last.body, last.items) == (draft.title, draft.body, items):
        return
    number = last.number + 1 if last else 1
    paper.versions.append(
        PaperVersion(number=number, title=draft.title, body=draft.body, items=items, created_at=clock.now())
    )


def _with_keys(paper: Paper, questions: tuple[Question, ...]) -> list[Question]:
    used = [int(question.key[1:]) for version in paper.versions for question in version.questions]
    following = max(used, default=0) + 1
    taken = set[str]()
    found = []
    for question in questions:
        key = question.key
        if not _is_used(key, used) or key in taken:
            key = f"q{following}"
            following += 1
        taken.add(key)
        found.append(replace(question, key=key))
    return found


def _is_used(key: str, used: list[int]) -> bool:
    return bool(_KEY.fullmatch(key)) and int(key[1:]) in used


def _waiting(paper: Paper) -> list[Booking]:
    """Bookings that ask for the form and have not begun."""
    services = [service.id for service in paper.services]
    statement = select(Booking).where(Booking.service_id.in_(services), Booking.status.in_(_ASKED_IN))
    return list(db.session.scalars(statement.where(Booking.starts_at > clock.now()))) if paper.active else []


# ------------------------------------------------------------------------------------------------ checking what is typed


def _checked(draft: Draft) -> Draft:
    title = clean_text(draft.title)
    body = clean(draft.body)
    kinds = {kind.value for kind in PaperKind}
    dues = {due.value for due in PaperDue}
    each = [partial(_question, n, question) for n, question in enumerate(draft.questions)]
    check_all(
        (
            lambda: needs(1 <= len(title) <= TITLE_LIMIT, Invalid("title_invalid", field="title")),
            lambda: needs(len(body) <= BODY_LIMIT, Invalid("too_long", field="body", most=BODY_LIMIT)),
            lambda: needs(draft.kind in kinds, Invalid("kind_unknown", field="kind")),
            lambda: needs(draft.due in dues, Invalid("due_unknown", field="due")),
            *each,
            lambda: _check_substance(draft.kind, body, draft.questions),
        )
    )
    return replace(draft, title=title, body=body, questions=tuple(question() for question in each))


def _check_substance(kind: str, body: str, questions: tuple[Question, ...]) -> None:
    needs(len(questions) <= QUESTIONS_LIMIT, Invalid("too_many", field="questions", most=QUESTIONS_LIMIT))
    needs(kind != PaperKind.AGREEMENT or body, Invalid("agreement_empty", field="body"))
    needs(kind != PaperKind.INTAKE or questions, Invalid("questions_missing", field="questions"))


def _question(n: int, question: Question) -> Question:
    label = clean_text(question.label)
    if not label:
        raise Invalid("label_missing", field=f"questions-{n}-label")
    if len(label) > LABEL_LIMIT:
        raise Invalid("too_long", field=f"questions-{n}-label", most=LABEL_LIMIT)
    if question.kind not in QUESTION_KINDS:
        raise Invalid("kind_unknown", field=f"questions-{n}-kind")
    options = _options(n, question) if question.kind == "choice" else ()
    return replace(question, label=label, options=options)


def _options(n: int, question: Question) -> tuple[str, ...]:
    field = f"questions-{n}-options"
    least, most = _OPTIONS
    options = tuple(dict.fromkeys(filter(None, map(clean_text, question.options))))
    if not least <= len(options) <= most:
        raise Invalid("options_count", field=field, least=least, most=most)
    if any(len(option) > OPTION_LIMIT for option in options):
        raise Invalid("too_long", field=field, most=OPTION_LIMIT)
    return options
