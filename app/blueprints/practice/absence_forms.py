"""The forms of absences: time off, public holidays, and what everybody reads meanwhile."""

from collections.abc import Iterable
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField, TextAreaField

from app import words
from app.blueprints.common.fields import Clock
from app.blueprints.common.forms import options
from app.blueprints.common.times.days import Calendar
from app.domain.agenda import Absence
from app.lib.calendars import public_holidays
from app.models import Practitioner
from app.services.core.errors import Invalid, Problem
from app.services.practice import absence_notice, time_off


class _Checked(Form):
    """A form whose service says everything that is wrong with it at once."""

    def show(self, problems: Iterable[Problem]) -> bool:
        """Whether there are none; else each stands beside its field."""
        found = list(problems)
        for problem in found:
            field = self[problem.field or ""]
            field.errors = [*field.errors, words.about_field(problem.code, field.label.text, problem.values)]
        return not found


class TimeOffForm(_Checked):
    """From which day to which, perhaps from and until a time."""

    first = Calendar(_l("First day"))
    last = Calendar(_l("Last day"))
    first_time = Clock(_l("From this time on the first day"))
    last_time = Clock(_l("Until this time on the last day"))
    name = StringField(_l("Note for yourself"))

    def absence(self) -> Absence:
        """What was typed; without a last day it is one day."""
        if self.first.data is None:
            raise Invalid("date_invalid", field="first")
        return Absence(self.first.data, self.last.data or self.first.data, self.first_time.data, self.last_time.data)

    def is_fine(self, practitioner: Practitioner) -> bool:
        """Whether it can be entered; else what is wrong stands beside the fields."""
        fine = self.validate()
        try:
            return self.show(time_off.problems(practitioner, self.absence(), self.name.data or "")) and fine
        except Invalid as problem:
            return self.show([] if self.first.errors else [problem]) and False


class HolidaysForm(_Checked):
    """Whose public holidays are days off. A region bears its country's code: that of another country is not meant."""

    country = SelectField(_l("Country"), validate_choice=False)
    region = SelectField(_l("Region"), validate_choice=False)

    def prepare(self) -> None:
        """What can be chosen: every country, and the regions of the one that is chosen."""
        names = {code: get_locale().territories.get(code, code) for code in public_holidays.countries()}
        in_order = sorted(names.items(), key=lambda pair: pair[1])
        self.country.choices = options([("", _l("No public holidays")), *in_order])
        code = self.country.data or ""
        regions = public_holidays.regions(code).items()
        self.region.choices = options([("", _l("The whole country")), *((f"{code}-{k}", name) for k, name in regions)])

    def load(self, practitioner: Practitioner) -> None:
        """The form shows what is chosen."""
        self.country.data = practitioner.holiday_country
        chosen = (practitioner.holiday_country, practitioner.holiday_region)
        self.region.data = "-".join(chosen) if chosen[1] else ""

    def chosen(self) -> tuple[str, str]:
        """The codes of country and region."""
        country = self.country.data or ""
        of, _, region = (self.region.data or "").partition("-")
        return country, region if of == country else ""


class NoticeForm(_Checked):
    """What everybody reads while the practitioner is away."""

    text = TextAreaField(_l("What clients read"))
    first = Calendar(_l("From"))
    last = Calendar(_l("Until"))

    def load(self, practitioner: Practitioner) -> None:
        """The form shows what is set."""
        self.process(
            data={
                "text": practitioner.absence_text,
                "first": practitioner.absence_from,
                "last": practitioner.absence_until,
            }
        )

    def is_fine(self, practitioner: Practitioner) -> bool:
        """Whether it can be shown; else what is wrong stands beside the fields."""
        fine = self.validate()
        found = absence_notice.problems(practitioner, *self.typed())
        return self.show(each for each in found if not self[each.field or ""].errors) and fine

    def typed(self) -> tuple[str, Any, Any]:
        """The text, the first and the last day."""
        return self.text.data or "", self.first.data, self.last.data
