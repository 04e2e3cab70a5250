"""The staff's forms: a decision, an amount, and in each what was done and why."""

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, RadioField, SelectField, StringField, TextAreaField

from app import words
from app.blueprints.common import web
from app.blueprints.common.forms import options
from app.domain import languages
from app.domain.money import Money, MoneyError
from app.models import Review
from app.services.backoffice import repair
from app.services.core.errors import Invalid


class EvidenceForm(Form):
    """What was done, or why, so that somebody else can check it."""

    evidence = TextAreaField(_l("How can this be checked?"))

    @property
    def said(self) -> str:
        """What was typed."""
        return self.evidence.data or ""


class CodeForm(Form):
    """The code of a payment that nobody has heard of."""

    receipt = StringField(_l("M-Pesa code"))


class ReviewForm(EvidenceForm):
    """What becomes of a review."""

    decision = RadioField(_l("What should be done?"), validate_choice=False)

    @classmethod
    def of(cls, review: Review) -> "ReviewForm":
        """An empty one, with the decisions that are open to this review."""
        form = cls()
        form.prepare(review)
        return form

    def prepare(self, review: Review) -> None:
        """The decisions to choose from; a single one is chosen already."""
        possible = repair.decisions_for(review)
        self.decision.choices = options((code, words.DECISIONS[code][0]) for code in possible)
        if len(possible) == 1 and not self.decision.data:
            self.decision.data = possible[0]
        self.effects = {code: _effect(review, code) for code in possible}


def _effect(review: Review, decision: str) -> str:
    """What the decision does to the money that waits, in the reader's language; empty where none does."""
    effect = repair.effect_of(review, decision)
    if effect is None:
        return ""
    values = {"held": web.money(effect.held), "asked": web.money(effect.asked)}
    if effect.forgiven:
        return str(words.FORGIVEN) % (values | {"rest": web.money(effect.forgiven)})
    return str(words.COMING_BACK[effect.way]) % {"amount": web.money(effect.back)} if effect.back else ""


class RefundForm(EvidenceForm):
    """How much goes back; `left` is what the page said could go, so that a form sent twice acts once."""

    amount = StringField(_l("Amount"))
    left = HiddenField()

    @classmethod
    def of(cls, left: Money) -> "RefundForm":
        """One that would send back all that is left."""
        return cls(data={"amount": f"{left.major:f}", "left": str(left.amount)})

    def money(self, currency: str) -> Money:
        """What was typed. Raises Invalid beside the amount."""
        try:
            return Money.parse(self.amount.data or "", currency)
        except MoneyError:
            raise Invalid("amount_invalid", field="amount") from None

    def seen(self, currency: str) -> Money | None:
        """What the page said was left."""
        text = self.left.data or ""
        return Money(int(text), currency) if text.isascii() and text.isdigit() and len(text) < 18 else None


class AnswerForm(EvidenceForm):
    """When the bank was answered at the vendor's own site, and what with."""

    sent_on = StringField(_l("Sent on"))
    evidence = TextAreaField(_l("What did you send?"))

    @property
    def day(self) -> date | None:
        """The day that was typed; None for what is no date."""
        try:
            return date.fromisoformat((self.sent_on.data or "").strip())
        except ValueError:
            return None


class PaperForm(Form):
    """In which language the evidence is written, and whether it says what the service is called."""

    language = SelectField(_l("Language of the PDF"), validate_choice=False)
    names_service = BooleanField(_l("Include the name of the service"))

    @classmethod
    def in_language(cls, reader: str) -> "PaperForm":
        """A new one: banks read English, or the language of who works on it."""
        form = cls()
        form.language.choices = options((code, languages.NAMES[code]) for code in dict.fromkeys(("en", reader)))
        return form

    @property
    def spoken(self) -> str:
        """The language to write it in; English for one that we do not speak."""
        return self.language.data if self.language.data in languages.NAMES else "en"
