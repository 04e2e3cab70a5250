"""The practitioner's forms: what is typed becomes what the services take, and problems come back beside their field."""

from collections.abc import Iterable
from datetime import date, time
from itertools import pairwise
from typing import Any

from babel.dates import get_day_names
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    BooleanField,
    Field,
    Form,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app import words
from app.blueprints.common.days import Calendar
from app.blueprints.common.forms import ZONES, options
from app.blueprints.common.web import LANGUAGE_NAMES
from app.domain import agenda
from app.domain.modes import DEFAULT
from app.domain.money import Money, MoneyError
from app.models import Practitioner, Service
from app.services.backoffice.overview import payment_ways
from app.services.core.errors import Invalid
from app.services.practice import LONGEST_DAYS, LONGEST_HOURS, Hours, ServiceForm
from app.services.practice.slots import MAX_DAYS

STRETCHES = 3

# What each way to book means for both sides; the short name is in words.MODES.
MODES: dict[str, LazyString] = {
    "hold_then_pay": _l(
        "The client picks a time and pays within some minutes. Nobody else can take the time meanwhile."
    ),
    "pay_then_book": _l("The time goes to whoever pays first. Who pays too late gets the money back."),
    "approve_then_pay": _l("You see each request first. The time is kept while you decide and while the client pays."),
    "authorise_then_approve": _l("The client's card is asked for the amount; you approve and only then it is charged."),
    "pay_after": _l("The session comes first, the payment after it."),
}

# Why a way to pay cannot take a price (Capabilities.why_not).
WHY_NOT: dict[str, LazyString] = {
    "currency": _l("does not take this currency"),
    "too_small": _l("the price is below its least amount"),
    "too_large": _l("the price is above its greatest amount"),
    "not_whole": _l("takes whole amounts only"),
}


class Whole(IntegerField):
    """A whole number; left empty it is `empty`, where that is allowed."""

    def __init__(self, label: LazyString, *, empty: int | None = None, **options: Any) -> None:
        super().__init__(label, **options)
        self.empty = empty

    def process_formdata(self, valuelist: list[str]) -> None:
        """Words for people instead of the library's."""
        if self.empty is not None and not "".join(valuelist).strip():
            self.data = self.empty
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Please give a whole number."))) from None


class Clock(TimeField):
    """A time of day, or nothing."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        super().__init__(label, format=["%H:%M", "%H:%M:%S"], validators=[Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Words for people instead of the library's."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(_l("Please give a time like 09:30."))) from None


# ------------------------------------------------------------------------------------------------ hours


class HoursForm(Form):
    """The week: per weekday up to three stretches of local time."""

    copy = BooleanField(_l("Use Monday's hours for Tuesday to Friday too"))

    def load(self, openings: Iterable[Any]) -> None:
        """The form shows these weekly hours."""
        count = [0] * 7
        for opening in openings:
            if count[opening.weekday] < STRETCHES:
                begin, end = self.pairs(opening.weekday)[count[opening.weekday]]
                begin.data, end.data = opening.starts, opening.ends
                count[opening.weekday] += 1

    def pairs(self, weekday: int) -> list[tuple[Field, Field]]:
        """The weekday's fields, two for each stretch."""
        return [(self[f"from_{weekday}_{n}"], self[f"to_{weekday}_{n}"]) for n in range(STRETCHES)]

    def hours(self) -> list[Hours]:
        """What was typed; Monday's also for the other working days if so wished."""
        source = {day: 0 if self.copy.data and day < 5 else day for day in range(7)}
        return [Hours(day, *stretch) for day in range(7) for stretch in self._filled(source[day])]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each day makes sense by itself, so that the sentence can stand beside its field."""
        fine = super().validate(extra_validators)
        wrong = [day for day in range(7) if not self._is_fine(day)]
        return fine and not wrong

    def _filled(self, weekday: int) -> list[tuple[time, time]]:
        pairs = [(begin.data, end.data) for begin, end in self.pairs(weekday)]
        return sorted((begin, end) for begin, end in pairs if begin is not None and end is not None)

    def _is_fine(self, weekday: int) -> bool:
        pairs = self.pairs(weekday)
        for begin, end in pairs:
            if begin.errors or end.errors:
                return False
            if (begin.data is None) != (end.data is None):
                return _wrong(end if end.data is None else begin, weekday, "hours_incomplete")
            if begin.data is not None and end.data != time(0) and end.data <= begin.data:
                return _wrong(end, weekday, "hours_reversed")
        for (_, before), (after, _) in pairwise(self._filled(weekday)):
            if before == time(0) or after < before:
                return _wrong(next(b for b, _ in pairs if b.data == after), weekday, "hours_overlap")
        return True


def weekdays() -> list[str]:
    """The names of the days, Monday first, in the reader's language."""
    names = get_day_names("wide", "stand-alone", get_locale())
    return [names[number] for number in range(7)]


def _wrong(field: Field, weekday: int, code: str) -> bool:
    # With the day: the same sentence also stands above the whole form.
    field.errors = [*field.errors, f"{weekdays()[weekday]}: {words.problem(code, {})}"]
    return False


for _day in range(7):
    for _n in range(STRETCHES):
        setattr(HoursForm, f"from_{_day}_{_n}", Clock(_l("From")))
        setattr(HoursForm, f"to_{_day}_{_n}", Clock(_l("To")))


class DayForm(Form):
    """Dates that differ from the week: closed, or open at other hours."""

    day = Calendar(_l("Day"))
    last = Calendar(_l("Last day"))
    starts = Clock(_l("Open from"))
    ends = Clock(_l("Open to"))
    note = StringField(_l("Note for yourself"))

    def days(self) -> list[date]:
        """Every date meant. Raises Invalid."""
        if self.day.data is None:
            raise Invalid("date_invalid", field="day")
        last = self.last.data or self.day.data
        if last < self.day.data:
            raise Invalid("range_reversed", field="last")
        if (last - self.day.data).days >= MAX_DAYS:
            raise Invalid("range_too_long", field="last", days=MAX_DAYS)
        return list(agenda.days(self.day.data, last))


# ------------------------------------------------------------------------------------------------ profile


def _number(field: Field, least: int, most: int) -> int | None:
    text = (field.data or "").strip()
    try:
        found = int(text) if text else None
    except ValueError:
        found = least - 1
    if found is not None and not least <= found <= most:
        raise Invalid("out_of_range", field=field.short_name, least=least, most=most)
    return found


class ProfileForm(Form):
    """The public profile."""

    name = StringField(_l("Name clients see"))
    headline = StringField(_l("What you do, in one line"))
    about = TextAreaField(_l("About you"))
    languages = SelectMultipleField(
        _l("Languages you speak"),
        choices=options(LANGUAGE_NAMES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    other = StringField(_l("Other languages"))
    zone = SelectField(_l("Time zone of your opening hours"), choices=ZONES, validate_choice=False)
    published = BooleanField(_l("Clients can find me and book"))
    question_price = StringField(_l("Price of a question in writing"))
    question_currency = SelectField(_l("Currency of that price"), validate_choice=False)
    question_hours = StringField(_l("Hours to answer in"))
    question_days = StringField(_l("Days to go on writing"))

    def prepare(self, practitioner: Practitioner) -> None:
        """The currencies to choose from."""
        self.question_currency.choices = _currencies(practitioner.question_currency)

    def load(self, practitioner: Practitioner) -> None:
        """The form shows the stored profile."""
        spoken = [word.strip() for word in practitioner.languages.split(",") if word.strip()]
        self.process(obj=practitioner)
        self.languages.data = [word for word in spoken if word in LANGUAGE_NAMES]
        self.other.data = ", ".join(word for word in spoken if word not in LANGUAGE_NAMES)
        price = practitioner.question_price
        self.question_price.data = typed_price(price) if price else ""

    def plain(self) -> dict[str, Any]:
        """Name and words about the practitioner. Raises Invalid: without a name there is no practice."""
        name, headline, about = (field.data or "" for field in (self.name, self.headline, self.about))
        if not name.strip():
            raise Invalid("name_invalid", field="name")
        if len(headline) > 160:
            raise Invalid("too_long", field="headline", most=160)
        return {"name": name, "headline": headline, "about": about}

    def asked_price(self) -> Money | None:
        """What a question in writing costs; None where the field is empty. Raises Invalid."""
        text = (self.question_price.data or "").strip()
        return parse_price(text, self.question_currency.data or "", field="question_price") if text else None

    def terms(self) -> dict[str, Any]:
        """By when questions are answered, and for how long both write on after that. Raises Invalid."""
        days = _number(self.question_days, 0, LONGEST_DAYS)
        return {
            "question_hours": _number(self.question_hours, 1, LONGEST_HOURS),
            "question_days": 7 if days is None else days,
        }

    def spoken(self) -> str:
        """The languages as they are stored. Raises Invalid."""
        codes = [code for code in self.languages.data or [] if code in LANGUAGE_NAMES]
        more = [" ".join(word.split()) for word in (self.other.data or "").split(",")]
        text = ",".join(dict.fromkeys([*codes, *filter(None, more)]))
        if len(text) > 80:
            raise Invalid("too_long", field="other", most=80)
        return text


# ------------------------------------------------------------------------------------------------ services


_TIERS = 2  # steps between "all of it" and "nothing" that the page has room for


class OfferForm(Form):
    """A service: what it is, what it costs, how it is booked. Field names are those of practice.ServiceForm."""

    title = StringField(_l("Title"))
    description = TextAreaField(_l("What clients can expect"))
    kind = RadioField(
        _l("Whom it is for"), choices=options(words.KINDS.items()), default="individual", validate_choice=False
    )
    minutes = Whole(_l("Minutes"), default=50)
    places = Whole(_l("Places"), default=1, empty=1)
    price = StringField(_l("Price of one place"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    mode_code = StringField(_l("How it is booked"), default=DEFAULT)
    meeting_kind = RadioField(
        _l("How you meet"), choices=options(words.MEETINGS.items()), default="generated", validate_choice=False
    )
    meeting_where = StringField(_l("Your link, or the place"))
    free_cancel_hours = Whole(_l("Free to cancel until this many hours before"), default=24)
    tier1_percent = Whole(_l("Later, this percentage comes back"), default=0, empty=0)
    tier1_hours = Whole(_l("until this many hours before"), default=0, empty=0)
    tier2_percent = Whole(_l("And later still, this percentage"), default=0, empty=0)
    tier2_hours = Whole(_l("until this many hours before"), default=0, empty=0)
    no_show_percent = Whole(_l("Percentage that comes back to who does not come"), default=0, empty=0)
    free_moves = Whole(_l("How often a client may move the session without asking you"), default=0, empty=0)
    free_move_hours = Whole(_l("Until this many hours before"), default=24, empty=24)
    buffer_before = Whole(_l("Free minutes before"), default=0, empty=0)
    buffer_after = Whole(_l("Free minutes after"), default=0, empty=0)
    step_minutes = Whole(_l("A session may begin every … minutes"), default=None, empty=0)
    hold_minutes = Whole(_l("Minutes to pay while the place is kept"), default=15)
    answer_hours = Whole(_l("Hours you have to answer a request"), default=24)
    pay_hours = Whole(_l("Hours to pay after you approve"), default=24)
    active = BooleanField(_l("Clients can book this"), default=True)

    def prepare(self, service: Service | None) -> None:
        """The currencies to choose from: those that can be paid, the most used first."""
        self.currency.choices = _currencies(service.currency if service else None)

    def load(self, service: Service) -> None:
        """The form shows the stored service."""
        self.process(obj=service)
        self.price.data = typed_price(service.price)
        for number, (hours, percent) in enumerate(service.later_tiers[:_TIERS], start=1):
            self[f"tier{number}_hours"].data, self[f"tier{number}_percent"].data = hours, percent

    def money(self) -> Money:
        """The price as it was typed. Raises Invalid."""
        return parse_price(self.price.data or "", self.currency.data or "")

    def filled(self) -> ServiceForm:
        """What was typed, as the service takes it. Raises Invalid."""
        price = self.money()
        typed: dict[str, Any] = {name: self[name].data for name in ServiceForm.__dataclass_fields__ if name in self}
        same: dict[str, Any] = {
            name: "" if value is None else value for name, value in typed.items()
        }  # a field that was not sent
        return ServiceForm(**same, price_amount=price.amount, later_tiers=self._tiers())

    def _tiers(self) -> tuple[tuple[int, int], ...]:
        """The steps that were filled in: a percentage of nothing is no step."""
        rows = [(self[f"tier{n}_hours"].data, self[f"tier{n}_percent"].data) for n in range(1, _TIERS + 1)]
        return tuple((hours or 0, percent) for hours, percent in rows if percent)


def _currencies(used: str | None) -> list[SelectChoice]:
    codes = dict.fromkeys([*payment_ways.currencies(), *filter(None, [used])])
    names = get_locale().currencies
    return options((code, f"{code} · {names.get(code, code)}") for code in codes)


def typed_price(price: Money) -> str:
    """The price as people type it."""
    return str(int(price.major)) if price.is_whole else f"{price.major:f}"


def parse_price(text: str, currency: str, field: str = "price") -> Money:
    """Money from a typed price above zero. Raises Invalid beside the price."""
    try:
        price = Money.parse(text, currency)
    except MoneyError:
        raise Invalid("price_invalid", field=field) from None
    if price.amount <= 0:
        raise Invalid("price_invalid", field=field)
    return price
