"""The forms of clients and visitors. Services check what is typed; forms keep it and carry the sentence beside the field.

CSRF is checked for every POST (extensions.csrf), so these are plain forms.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    EmailField,
    Field,
    FileField,
    Form,
    HiddenField,
    MultipleFileField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import TextInput

from app import words
from app.blueprints.common.fields import Whole, at_most
from app.lib.calendars import zones
from app.services import bookings, house
from app.services.accounts import passwords, people
from app.services.accounts.people import Profile
from app.services.bookings import attendees
from app.services.core.errors import Problem

_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def _needed(what_to_do: LazyString) -> InputRequired:
    return InputRequired(what_to_do)


def _good(check: Callable[[str], object]) -> Callable[[Form, Field], None]:
    """A service's own check, so that everything that is wrong with a form is said at once."""

    def validate(_form: Form, field: Field) -> None:
        try:
            if field.data:
                check(field.data)
        except Problem as problem:
            raise ValidationError(words.problem(problem.code, problem.values)) from None

    return validate


def options(pairs: Iterable[tuple[str, object]], group: str | None = None) -> list[SelectChoice]:
    """Value and label of each, as a select field wants them."""
    return [SelectChoice(value, label, optgroup=group) for value, label in pairs]


def _zones() -> list[SelectChoice]:
    """Time zones as people know them, by part of the world."""
    found = options([("", "…"), ("UTC", "UTC")], "UTC")
    for name in sorted(zones.names()):
        area, _, city = name.partition("/")
        if city and area in _AREAS:
            also = {"data-also": " ".join(zones.former()[name])} if name in zones.former() else {}
            found.append(SelectChoice(name, city.replace("_", " "), also, area))
    return found


class ZoneField(SelectField):
    """A time zone; one that is kept under an old name is shown under the new one."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        super().__init__(label, choices=ZONES, validate_choice=False, coerce=zones.present, **options)


class LanguageField(SelectField):
    """One of the languages that this house speaks."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        super().__init__(label, choices=_languages, validate_choice=False, **options)


def _languages() -> list[SelectChoice]:
    return options(house.known().spoken.items())


ZONES = _zones()


class AddressForm(Form):
    """The address that somebody is known by, which may be a number where SMS go out."""

    email = EmailField(_l("E-mail"), [_needed(_l("Enter your e-mail address."))])

    def __init__(self, *given: Any, **more: Any) -> None:
        """The field says whether a number will do."""
        super().__init__(*given, **more)
        if people.takes_numbers():
            self.email.label.text = _l("E-mail or phone number")
            self.email.widget = TextInput()
            self.email.validators = [_needed(_l("Enter your e-mail address or your phone number."))]


class LoginForm(AddressForm):
    """Address and password."""

    password = PasswordField(_l("Password"), [_needed(_l("Enter your password."))])


class PersonForm(Form):
    """What is known of a person: how they are called and reached, and in which language and zone they read."""

    name = StringField(_l("Your name"), [_needed(_l("Enter your name.")), _good(people.clean_name)])
    phone = TelField(_l("Phone"))
    language = LanguageField(_l("Language"))
    zone = ZoneField(_l("Time zone"))

    def validate_phone(self, field: Field) -> None:
        """It is one, first taken for one of the zone's country."""
        zone = self.zone.data if self.zone.data in zones.names() else "UTC"
        _good(lambda text: people.clean_profile(Profile("-", text, "en", zone)))(self, field)


class RegisterForm(PersonForm):
    """A new client account."""

    email = EmailField(_l("E-mail"), [_needed(_l("Enter your e-mail address.")), _good(people.clean_email)])
    password = PasswordField(_l("Password"), [_good(passwords.check)])


class ProfileForm(PersonForm):
    """What people may change about themselves."""


class ForgotForm(Form):
    """Where to send the link."""

    email = EmailField(_l("E-mail"), [_needed(_l("Enter your e-mail address."))])


class ResetForm(Form):
    """The new password."""

    password = PasswordField(_l("New password"), [_needed(_l("Enter a new password."))])


class SearchForm(Form):
    """Which practitioners to show."""

    q = StringField(_l("Name or subject"))
    language = SelectField(_l("Language"), validate_choice=False)
    currency = SelectField(_l("Currency"), validate_choice=False)


class BookForm(Form):
    """A request for a session; `request_key` makes a repeated press the same request, `shown` marks the terms on the page."""

    start = HiddenField()
    request_key = HiddenField()
    shown = HiddenField()
    places = Whole(_l("Places"), default=1, empty=1)
    names = TextAreaField(_l("Who is coming"))
    notes = TextAreaField(_l("A note for the practitioner"), [at_most(bookings.NOTES_LIMIT)])

    def validate_names(self, field: Field) -> None:
        """Each is a name; how many may come the service says."""
        if any(len(name) > attendees.NAME_LIMIT for name in (field.data or "").splitlines()):
            raise ValidationError(words.about_field("each_too_long", field.label.text, {"most": attendees.NAME_LIMIT}))


class GuestForm(AddressForm, BookForm):
    """The same of who has no account yet; a number is first taken for one of the zone's country."""

    zone_name = ""
    name = StringField(_l("Your name"), [_needed(_l("Enter your name.")), _good(people.clean_name)])
    email = EmailField(
        _l("E-mail"), [_needed(_l("Enter your e-mail address."))]
    )  # once more, so that it is asked after the name

    def validate_email(self, field: Field) -> None:
        """It is one that a code can go to."""
        _good(lambda text: people.clean_address(text, self.zone_name))(self, field)


class AskForm(Form):
    """A question in writing; `request_key` makes a repeated press the same question."""

    request_key = HiddenField()
    question = TextAreaField(_l("Your question"), [_needed(words.PROBLEMS["question_missing"])])


class LetterForm(Form):
    """What is sent with something written: `request_key` makes a repeated press the same message, `seen` is the last one read."""

    file = MultipleFileField(_l("Pictures or PDFs"))
    request_key = HiddenField()
    seen = HiddenField()


class MessageForm(LetterForm):
    """A message in a conversation; it may be files alone."""

    text = TextAreaField(_l("Your message"))


class AnswerForm(LetterForm):
    """The practitioner's answer."""

    answer = TextAreaField(_l("Your answer"), [_needed(words.PROBLEMS["answer_missing"])])


class PayForm(Form):
    """One way to pay; `request_key` makes a repeated press the same try, `package_id` says which package."""

    gateway = HiddenField()
    package_id = HiddenField()
    request_key = HiddenField()
    phone = TelField(_l("Phone used to pay"))

    def package(self) -> UUID | None:
        """The package to pay with; nothing for anything else."""
        try:
            return UUID(self.package_id.data or "")
        except ValueError:
            return None


class ProofForm(Form):
    """What shows that money was sent by other means."""

    file = FileField(_l("Picture or PDF of your payment"))
    note = TextAreaField(_l("A note"))


class ReceiptForm(Form):
    """The code of a payment that has not arrived."""

    receipt = StringField(_l("M-Pesa code"))


class EvidenceForm(Form):
    """How somebody knows that the money is there."""

    evidence = TextAreaField(_l("How do you know?"))


class OfferForm(Form):
    """What a late payer chooses: a near time (`start`), credit, or the money back."""

    choice = HiddenField()
    start = HiddenField()


class TopUpForm(Form):
    """Money into the wallet; `then` is the checkout it is meant for."""

    amount = StringField(_l("Amount"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    then = HiddenField()
    request_key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amount.id = "top-up-amount"
        self.currency.id = "top-up-currency"

    def intent(self) -> UUID | None:
        """The checkout it is meant for; nothing for anything else."""
        try:
            return UUID(self.then.data or "")
        except ValueError:
            return None


class PayoutForm(Form):
    """Credit out of the wallet, by hand, to where the client says."""

    amount = StringField(_l("Amount"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    destination = StringField(_l("Where to send it"))


class ReasonForm(Form):
    """Why; the other side reads it."""

    reason = TextAreaField(_l("Reason"))
