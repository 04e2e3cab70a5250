"""The forms of the house: its look, how it is reached, its own texts, who may become a practitioner."""

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import (
    ColorField,
    EmailField,
    FileField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from app import words
from app.blueprints.common import prices
from app.blueprints.common.forms import options
from app.domain import languages
from app.lib.phones import numbers
from app.services.house import Contact, Current, Look

_AS_IT_COMES = "#0f5c50"  # --brand of kikao.css; a browser's field for a colour is never empty


class LookForm(Form):
    """What is seen of the house at a glance."""

    name = StringField(_l("Name of your house"))
    tagline = StringField(_l("Line at the foot of every page"))
    colour = ColorField(_l("Colour"))

    @classmethod
    def of(cls, now: Current) -> "LookForm":
        """As it is."""
        return cls(data={"name": now.own_name, "tagline": now.tagline, "colour": now.colour or _AS_IT_COMES})

    def look(self) -> Look:
        """As the service takes it; the colour of the stylesheet is none of one's own."""
        colour = (self.colour.data or "").lower()
        return Look(self.name.data or "", self.tagline.data or "", "" if colour == _AS_IT_COMES else colour)


class LogoForm(Form):
    """The logo."""

    logo = FileField(_l("Logo"))


class ContactForm(Form):
    """How the house is reached, and what is usual there."""

    email = EmailField(_l("E-mail"))
    phone = TelField(_l("Phone"))
    address = TextAreaField(_l("Address"))
    country = SelectField(_l("Country"), validate_choice=False)
    currency = SelectField(_l("Currency"), validate_choice=False)
    languages = SelectMultipleField(
        _l("Languages offered"),
        choices=options(languages.NAMES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )

    @classmethod
    def of(cls, now: Current) -> "ContactForm":
        """As it is."""
        told = {name: getattr(now, name) for name in ("email", "phone", "address", "country", "currency")}
        return cls(data=told | {"languages": list(now.spoken)})

    def prepare(self, now: Current) -> "ContactForm":
        """The countries and currencies to choose from."""
        names = get_locale().territories
        found = sorted((names.get(code, code), code) for code in numbers.countries())
        self.country.choices = options([("", "…"), *((code, name) for name, code in found)])
        self.currency.choices = [*options([("", "…")]), *prices.currencies(now.currency or None)]
        return self

    def contact(self) -> Contact:
        """As the service takes it."""
        return Contact(
            self.email.data or "",
            self.phone.data or "",
            self.address.data or "",
            self.country.data or "",
            self.currency.data or "",
            tuple(self.languages.data or ()),
        )


class TextForm(Form):
    """One of the house's own texts."""

    text = TextAreaField(_l("Your text"))


class JoiningForm(Form):
    """Who may become a practitioner."""

    joining = RadioField(
        _l("Who may become a practitioner?"), choices=options(words.JOINING.items()), validate_choice=False
    )
