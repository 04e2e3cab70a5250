"""The form of a service: what it is, what it costs, how it is booked."""

from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from app import words
from app.blueprints.common import prices
from app.blueprints.common.fields import Whole, WholeOrNone
from app.blueprints.common.forms import options
from app.blueprints.common.submissions import onto
from app.blueprints.practice.class_times_form import ClassTimesForm
from app.blueprints.practice.hours_forms import WeekForm
from app.domain.modes import DEFAULT
from app.domain.money import Money
from app.models import Service
from app.services.core.errors import Problem
from app.services.practice import ServiceForm

# What each way to book means for both sides; the short name is in words.MODES.
MODES: dict[str, LazyString] = {
    "hold_then_pay": _l(
        "The client picks a time and pays within a few minutes. Nobody else can take the time meanwhile."
    ),
    "pay_then_book": _l("The time goes to whoever pays first. Anyone who pays too late gets their money back."),
    "approve_then_pay": _l("You see each request first. The time is held while you decide and while the client pays."),
    "authorise_then_approve": _l("The amount is authorised on the client's card, and charged only when you approve."),
    "pay_after": _l("The session comes first, then the payment."),
}

# Why a way to pay cannot take a price (Capabilities.why_not).
WHY_NOT: dict[str, LazyString] = {
    "currency": _l("does not accept this currency"),
    "too_small": _l("the price is below its minimum"),
    "too_large": _l("the price is above its maximum"),
    "not_whole": _l("accepts whole amounts only"),
}

_TIERS = 2  # steps between "all of it" and "nothing" that the page has room for


class EditServiceForm(WeekForm, ClassTimesForm):
    """A service: what it is, what it costs, how it is booked. Field names are those of practice.ServiceForm."""

    title = StringField(_l("Title"))
    description = TextAreaField(_l("What clients can expect"))
    kind = RadioField(
        _l("Who it is for"), choices=options(words.KINDS.items()), default="individual", validate_choice=False
    )
    minutes = Whole(_l("Minutes"), default=50)
    places = Whole(_l("Places"), default=1, empty=1)
    price = StringField(_l("Price of one place"))
    currency = SelectField(_l("Currency"), validate_choice=False)
    mode_code = StringField(_l("How it is booked"), default=DEFAULT)
    first_time = SelectField(
        _l("First-time clients"),
        choices=options(words.FIRST_TIMES.items()),
        default="alike",
        validate_choice=False,
    )
    meeting_kind = RadioField(
        _l("How you meet"), choices=options(words.MEETINGS.items()), default="generated", validate_choice=False
    )
    meeting_where = StringField(_l("Your link, or the place"))
    free_cancel_hours = Whole(_l("Free cancellation until this many hours before"), default=24)
    tier1_percent = Whole(_l("If later, refund this percentage"), default=0, empty=0)
    tier1_hours = Whole(_l("until this many hours before"), default=0, empty=0)
    tier2_percent = Whole(_l("After that, refund this percentage"), default=0, empty=0)
    tier2_hours = Whole(_l("until this many hours before"), default=0, empty=0)
    no_show_percent = Whole(_l("Percentage refunded to a client who does not attend"), default=0, empty=0)
    free_moves = Whole(_l("How many times a client can move the session without asking you"), default=0, empty=0)
    free_move_hours = Whole(_l("Until this many hours before"), default=24, empty=24)
    buffer_before = Whole(_l("Free minutes before"), default=0, empty=0)
    buffer_after = Whole(_l("Free minutes after"), default=0, empty=0)
    step_minutes = Whole(_l("A session can start every … minutes"), default=None, empty=0)
    hold_minutes = Whole(_l("Minutes to pay while the place is held"), default=15)
    answer_hours = Whole(_l("Hours you have to answer a request"), default=24)
    pay_hours = Whole(_l("Hours to pay after you approve"), default=24)
    lead_hours = Whole(_l("Minimum notice, in hours"), default=0, empty=0)
    days_ahead = WholeOrNone(_l("How many days ahead it can be booked"))
    most_per_day = WholeOrNone(_l("Maximum sessions a day"))
    most_per_week = WholeOrNone(_l("Maximum sessions a week"))
    introductory = BooleanField(_l("It is a first consultation"))
    active = BooleanField(_l("Clients can book this"), default=True)

    def prepare(self, service: Service | None) -> None:
        """The currencies to choose from: those that can be paid, the most used first."""
        self.currency.choices = prices.currencies(service.currency if service else None)

    def load(self, service: Service) -> None:
        """The form shows the stored service."""
        self.process(obj=service)
        self.price.data = prices.as_typed(service.price)
        self._show(service.later_tiers)
        self.load_week(service.own_hours)
        self.show_classes(service.classes)

    def validate(self, extra_validators: Any = None) -> bool:
        """What was typed can be read: numbers, hours, a price."""
        fine = super().validate(extra_validators)
        try:
            self.money()
        except Problem as problem:
            onto(self, problem)
            return False
        return fine

    def placed(self, problem: Problem) -> Problem:
        """The problem, and what else is wrong, with the fields that this form has for it."""
        for each in (problem, *problem.also):
            if "weekday" in each.values:
                each.field = f"from_{each.values['weekday']}_{each.values['nth']}"
        return problem

    def money(self) -> Money:
        """The price as it was typed. Raises Invalid."""
        return prices.parse(self.price.data or "", self.currency.data or "")

    def filled(self) -> ServiceForm:
        """What was typed, as the service takes it; what could not be read is left out."""
        typed = {name: self._read(name) for name in ServiceForm.__dataclass_fields__ if name in self}
        price = 0 if self.price.errors or self.currency.errors else self.money().amount
        hours = self.week() if self.is_week_fine() else ()
        if hours:
            self.tidy_week()
        typed |= {"price_amount": price, "later_tiers": self._tiers(), "own_hours": tuple(hours)}
        return ServiceForm(**typed, class_times=self.classes() if self.are_classes_fine() else ())

    def _read(self, name: str) -> Any:
        field = self[name]
        value = field.default if field.errors else field.data
        # Else None is a field that was not sent.
        return "" if value is None and not isinstance(field, WholeOrNone) else value

    def _tiers(self) -> tuple[tuple[int, int], ...]:
        """The steps that were filled in: a percentage of nothing is no step.

        A gap before one is closed in the form too, because what is wrong with the first step is said beside the first.
        """
        rows = [(self[f"tier{n}_hours"].data, self[f"tier{n}_percent"].data) for n in range(1, _TIERS + 1)]
        filled = tuple((hours or 0, percent) for hours, percent in rows if percent)
        self._show([*filled, *[(0, 0)] * (_TIERS - len(filled))])
        return filled

    def _show(self, tiers: Sequence[Sequence[int]]) -> None:
        for number, values in enumerate(tiers[:_TIERS], start=1):
            for name, value in zip(("hours", "percent"), values, strict=True):
                field = self[f"tier{number}_{name}"]
                field.data = value
                field.raw_data = None
