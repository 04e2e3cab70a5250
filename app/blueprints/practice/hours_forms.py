"""The forms of opening hours: the week, and the dates that have hours of their own."""

from collections.abc import Iterable
from datetime import date, time
from itertools import pairwise
from typing import Any

from babel.dates import get_day_names
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, Form, StringField

from app import words
from app.blueprints.common.fields import Clock
from app.blueprints.common.times.days import Calendar
from app.services.core.errors import Invalid, check_all, needs
from app.services.practice import Hours
from app.services.practice.hours import STRETCHES
from app.services.practice.slots import MAX_DAYS


class WeekForm(Form):
    """The week: per weekday up to three stretches of local time."""

    def load_week(self, openings: Iterable[Any]) -> None:
        """The form shows these weekly hours."""
        count = [0] * 7
        for opening in openings:
            if count[opening.weekday] < STRETCHES:
                begin, end = self.pairs(opening.weekday)[count[opening.weekday]]
                begin.data = opening.starts
                end.data = opening.ends
                count[opening.weekday] += 1

    def pairs(self, weekday: int) -> list[tuple[Field, Field]]:
        """The weekday's fields, two for each stretch."""
        return [(self[f"from_{weekday}_{n}"], self[f"to_{weekday}_{n}"]) for n in range(STRETCHES)]

    def week(self) -> list[Hours]:
        """What was typed, in order."""
        return [Hours(day, *stretch) for day in range(7) for stretch in self.filled_on(day)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each day makes sense by itself, so that the sentence can stand beside its field."""
        fine = super().validate(extra_validators)
        wrong = [day for day in range(7) if not self._is_fine(day)]
        return fine and not wrong

    def tidy_week(self) -> None:
        """The form shows the week in order and without gaps, so that what is wrong with the nth stands beside the nth."""
        for day in range(7):
            filled = [*self.filled_on(day), *[(None, None)] * STRETCHES]
            for fields, stretch in zip(self.pairs(day), filled, strict=False):
                for field, value in zip(fields, stretch, strict=True):
                    field.data = value
                    field.raw_data = None

    def is_week_fine(self) -> bool:
        """Whether nothing is wrong with the times of any day."""
        return not any(field.errors for day in range(7) for pair in self.pairs(day) for field in pair)

    def filled_on(self, weekday: int) -> list[tuple[time, time]]:
        """The stretches of a weekday that were typed, in order."""
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
        for (_, before), (after, _) in pairwise(self.filled_on(weekday)):
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
        setattr(WeekForm, f"from_{_day}_{_n}", Clock(_l("From")))
        setattr(WeekForm, f"to_{_day}_{_n}", Clock(_l("To")))


class HoursForm(WeekForm):
    """The week of the practitioner."""

    copy = BooleanField(_l("Use Monday's hours for Tuesday to Friday too"))

    def hours(self) -> list[Hours]:
        """What was typed; Monday's also for the other working days if so wished."""
        source = {day: 0 if self.copy.data and day < 5 else day for day in range(7)}
        return [Hours(day, *stretch) for day in range(7) for stretch in self.filled_on(source[day])]


class DayForm(Form):
    """Dates that are open at other hours than the week says."""

    day = Calendar(_l("Day"))
    last = Calendar(_l("Last day"))
    starts = Clock(_l("Open from"))
    ends = Clock(_l("Open to"))
    note = StringField(_l("Note for yourself"))

    def span(self) -> tuple[date, date]:
        """The first and the last date meant. Raises Invalid."""
        missing = "starts" if self.starts.data is None else "ends"
        check_all(
            (
                lambda: needs(self.day.data, Invalid("date_invalid", field="day")),
                lambda: needs(
                    self.starts.data is not None and self.ends.data is not None, Invalid("hours_missing", field=missing)
                ),
            )
        )
        day = self.day.data
        if day is None:
            raise Invalid("date_invalid", field="day")
        last = self.last.data or day
        if last < day:
            raise Invalid("range_reversed", field="last")
        if (last - day).days >= MAX_DAYS:
            raise Invalid("range_too_long", field="last", days=MAX_DAYS)
        return day, last
