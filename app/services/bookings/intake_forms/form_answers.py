"""What somebody filled in: tidied, and every fault of it found at once, each beside its field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from app.lib.text import clean
from app.models import PaperKind, PaperVersion, Question
from app.services.accounts.people import clean_text
from app.services.core.errors import Invalid

ANSWER_LIMIT = 5_000
ANSWERS_LIMIT = 50_000
NAME_LIMIT = 120
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Filled:
    """What a client filled in: answers by question key, the name as a signature, the version of the form."""

    answers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    version: int | None = None  # None: whichever is asked for now
    agreed: bool = True

    def tidy(self) -> "Filled":
        """What was filled in, without control characters and empty answers."""
        given = {key: clean(text) for key, text in self.answers.items()}
        answers = {key: text for key, text in given.items() if text}
        return Filled(answers, clean_text(self.name), self.version, self.agreed)


def faults(version: PaperVersion, filled: Filled) -> list[Invalid]:
    """Everything for which this cannot be signed, in the order of the form.

    `field` is a question's key, agreed or name.
    """
    filled = filled.tidy()
    questions = version.questions
    known = {question.key for question in questions}
    wrong = [Invalid("answer_unknown", field=key[:20]) for key in filled.answers if key not in known]
    for question in questions:
        wrong += _faults(question, filled.answers.get(question.key, ""))
    if sum(map(len, filled.answers.values())) > ANSWERS_LIMIT:
        wrong.append(Invalid("answers_too_long", most=ANSWERS_LIMIT))
    return [*wrong, *_signature(version, filled)]


def _faults(question: Question, answer: str) -> Iterator[Invalid]:
    if not answer:
        if question.required:
            yield Invalid("answer_needed", field=question.key)
    elif len(answer) > ANSWER_LIMIT:
        yield Invalid("too_long", field=question.key, most=ANSWER_LIMIT)
    elif question.kind == "date" and not _is_date(answer):
        yield Invalid("date_invalid", field=question.key)
    elif answer not in _choices(question, answer):
        yield Invalid("option_unknown", field=question.key)


def _choices(question: Question, answer: str) -> tuple[str, ...]:
    return {"choice": question.options, "yes_no": ("yes", "no")}.get(question.kind, (answer,))


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _signature(version: PaperVersion, filled: Filled) -> Iterator[Invalid]:
    if version.paper.kind is PaperKind.AGREEMENT and not filled.agreed:
        yield Invalid("agreement_missing", field="agreed")
    if not filled.name:
        yield Invalid("signature_missing", field="name")
    elif len(filled.name) > NAME_LIMIT:
        yield Invalid("name_invalid", field="name")
