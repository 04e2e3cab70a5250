"""The fields of forms that clients sign, made from their questions, and those a practitioner writes them with."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app import words
from app.blueprints.common.forms import options
from app.models import PaperVersion, Question, Service
from app.services.bookings.intake_forms import QUESTIONS_LIMIT, Draft, Filled

_Given = MultiDict[str, str] | None
_PLACE = re.compile(r"[0-9]{1,4}(?:-|$)")


class FillForm(Form):
    """A form to sign; the fields of its questions, named by their keys, come from `fill_form`."""

    version = HiddenField()
    agreed = BooleanField(_l("I have read this and I agree"))
    name = StringField(_l("Your full name"))


def fill_form(version: PaperVersion, given: _Given = None) -> FillForm:
    """The fields for this version, with what was typed into one before where the questions are the same."""
    fields = {question.key: _field(question) for question in version.questions}
    form: FillForm = type("QuestionsForm", (FillForm,), fields)(given)
    form.version.data = str(version.number)
    return form


def filled(form: FillForm, given: MultiDict[str, str]) -> Filled:
    """What was sent, as the service takes it; also answers to questions this version does not have."""
    ours = ("version", "agreed", "name", "csrf_token")
    sent = given.get("version", "")
    return Filled(
        answers={key: text for key, text in given.items() if key not in ours},
        name=form.name.data or "",
        version=int(sent) if sent.isdecimal() and len(sent) < 9 else 0,
        agreed=bool(form.agreed.data),
    )


def _field(question: Question) -> Any:
    label = _isolated(question.label)
    if question.kind == "choice":
        pairs = [(option, _isolated(option)) for option in question.options]
        return RadioField(label, choices=options(pairs), validate_choice=False)
    if question.kind == "yes_no":
        return RadioField(label, choices=options(words.YES_NO.items()), validate_choice=False)
    return TextAreaField(label) if question.kind == "long" else StringField(label)


def _isolated(text: str) -> Markup:
    # A practitioner's words may be in another direction than the page.
    return Markup("<bdi>{}</bdi>").format(text)


# ------------------------------------------------------------------------------------------------ writing them


class QuestionForm(Form):
    """One question of a form."""

    key = HiddenField()
    label = StringField(_l("Question"))
    kind = SelectField(_l("Answer"), choices=options(words.ANSWER_KINDS.items()), validate_choice=False)
    options = TextAreaField(_l("Answers to choose from"))
    required = BooleanField(_l("Answer required"))

    def question(self) -> Question:
        """What was typed."""
        chosen = tuple((self.options.data or "").splitlines())
        return Question(
            (self.key.data or "")[:20], self.label.data or "", self.kind.data or "", self.required.data, chosen
        )


class Questions(FieldList):  # type: ignore[type-arg]  # generic in the stubs alone
    """The rows of a form's questions, in order."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        # WTForms takes "²" for a number and fails at it, and at one of five thousand digits: what is neither is no row.
        numbered = (name for name in formdata if _PLACE.match(name.removeprefix(f"{prefix}-")))
        found: Iterator[int] = super()._extract_indices(prefix, numbered)  # type: ignore[misc]  # the stubs do not know it
        return found


class PaperForm(Form):
    """A form as its practitioner writes it."""

    title = StringField(_l("Title"))
    body = TextAreaField(_l("Text"))
    questions = Questions(FormField(QuestionForm), _l("Questions"), max_entries=QUESTIONS_LIMIT)
    due = SelectField(_l("When it is due"), choices=options(words.PAPER_DUE.items()), validate_choice=False)
    once = BooleanField(_l("Ask each client only once"))
    services = SelectMultipleField(
        _l("Services that ask for it"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    active = BooleanField(_l("Ask clients for it"), default=True)

    def prepare(self, services: Iterable[Service]) -> None:
        """The services to choose from."""
        self.services.choices = options((str(service.id), _isolated(service.title)) for service in services)

    def load(self, draft: Draft) -> None:
        """The form shows what is asked now."""
        self.title.data = draft.title
        self.body.data = draft.body
        self.due.data = draft.due
        self.once.data = draft.once
        self.active.data = draft.active
        self.services.data = [str(service_id) for service_id in draft.services]
        for question in draft.questions:
            self.questions.append_entry(vars(question) | {"options": "\n".join(question.options)})

    def add(self) -> None:
        """There is one more question to write, if there may be."""
        if len(self.questions.entries) < QUESTIONS_LIMIT:
            self.questions.append_entry()

    def arrange(self, act: str) -> None:
        """A question is taken out ("remove-2") or goes up by one ("up-2"); they count from 0."""
        verb, _, place = act.partition("-")
        entries = self.questions.entries
        n = int(place) if place.isdecimal() and len(place) < 4 else -1
        if verb == "remove" and 0 <= n < len(entries):
            del entries[n]
        if verb == "up" and 0 < n < len(entries):
            texts = [dict(entry.data) for entry in entries]
            texts[n - 1], texts[n] = texts[n], texts[n - 1]
            for entry, text in zip(entries[n - 1 : n + 1], texts[n - 1 : n + 1], strict=True):
                entry.form.process(data=text)

    def draft(self, kind: str) -> Draft:
        """What was typed, as the service takes it."""
        chosen = [text for text in self.services.data or [] if text.isdecimal() and len(text) < 10]
        return Draft(
            kind=kind,
            title=self.title.data or "",
            body=self.body.data or "",
            questions=tuple(entry.form.question() for entry in self.questions.entries),
            due=self.due.data or "",
            once=self.once.data,
            active=self.active.data,
            services=tuple(map(int, chosen)),
        )

    def field_of(self, name: str) -> Field | None:
        """The field a problem of the service is about: also questions-0-label."""
        head, _, rest = name.partition("-")
        place, _, inner = rest.partition("-")
        if head == "questions" and place.isdecimal() and int(place) < len(self.questions.entries):
            found: Field | None = self.questions.entries[int(place)].form._fields.get(inner)
            return found
        return self._fields.get(name)
