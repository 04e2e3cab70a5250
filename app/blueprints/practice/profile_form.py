"""The form of a practitioner's public profile."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, FileField, Form, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from app.blueprints.common import prices
from app.blueprints.common.forms import ZoneField, options
from app.domain import languages
from app.domain.money import Money
from app.models import Practitioner
from app.services.accounts import people
from app.services.core.errors import Invalid, check_all, needs
from app.services.practice import CREDENTIALS, LONGEST_DAYS, LONGEST_HOURS


class PhotoForm(Form):
    """The photo beside the profile."""

    photo = FileField(_l("A photo of you"))


class ProfileForm(Form):
    """The public profile."""

    name = StringField(_l("Name clients see"))
    headline = StringField(_l("What you do, in one line"))
    credentials = StringField(_l("Training and registration"))
    about = TextAreaField(_l("About you"))
    languages = SelectMultipleField(
        _l("Languages you speak"),
        choices=options(languages.NAMES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    other = StringField(_l("Other languages"))
    zone = ZoneField(_l("Time zone of your opening hours"))
    published = BooleanField(_l("Clients can find and book me"))
    question_price = StringField(_l("Price of a written question"))
    question_currency = SelectField(_l("Currency of that price"), validate_choice=False)
    question_hours = StringField(_l("Hours to answer"))
    question_days = StringField(_l("Days for follow-up messages"))

    def prepare(self, practitioner: Practitioner) -> None:
        """The currencies to choose from."""
        self.question_currency.choices = prices.currencies(practitioner.question_currency)

    def load(self, practitioner: Practitioner) -> None:
        """The form shows the stored profile."""
        spoken = [word.strip() for word in practitioner.languages.split(",") if word.strip()]
        self.process(obj=practitioner)
        self.languages.data = [word for word in spoken if word in languages.NAMES]
        self.other.data = ", ".join(word for word in spoken if word not in languages.NAMES)
        price = practitioner.question_price
        self.question_price.data = prices.as_typed(price) if price else ""

    def plain(self) -> dict[str, Any]:
        """Name and words about the practitioner. Raises Invalid: without a name there is no practice."""
        name = self.name.data or ""
        headline = self.headline.data or ""
        credentials = self.credentials.data or ""
        about = self.about.data or ""
        check_all(
            (
                lambda: people.clean_name(name),
                lambda: needs(len(headline) <= 160, Invalid("too_long", field="headline", most=160)),
                lambda: needs(
                    len(credentials) <= CREDENTIALS, Invalid("too_long", field="credentials", most=CREDENTIALS)
                ),
                lambda: needs(len(about) <= 5000, Invalid("too_long", field="about", most=5000)),
            )
        )
        return {"name": name, "headline": headline, "credentials": credentials, "about": about}

    def asked_price(self) -> Money | None:
        """What a question in writing costs; None where the field is empty. Raises Invalid."""
        text = (self.question_price.data or "").strip()
        return prices.parse(text, self.question_currency.data or "", field="question_price") if text else None

    def terms(self) -> dict[str, Any]:
        """By when questions are answered, and for how long both write on after that. Raises Invalid."""
        check_all(
            (
                lambda: _number(self.question_hours, 1, LONGEST_HOURS),
                lambda: _number(self.question_days, 0, LONGEST_DAYS),
            )
        )
        days = _number(self.question_days, 0, LONGEST_DAYS)
        return {
            "question_hours": _number(self.question_hours, 1, LONGEST_HOURS),
            "question_days": 7 if days is None else days,
        }

    def spoken(self) -> str:
        """The languages as they are stored. Raises Invalid."""
        codes = [code for code in self.languages.data or [] if code in languages.NAMES]
        more = [" ".join(word.split()) for word in (self.other.data or "").split(",")]
        text = ",".join(dict.fromkeys([*codes, *filter(None, more)]))
        if len(text) > 80:
            raise Invalid("too_long", field="other", most=80)
        return text


def _number(field: Field, least: int, most: int) -> int | None:
    text = (field.data or "").strip()
    try:
        found = int(text) if text else None
    except ValueError:
        found = least - 1
    if found is not None and not least <= found <= most:
        raise Invalid("out_of_range", field=field.short_name, least=least, most=most)
    return found
