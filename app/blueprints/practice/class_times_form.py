"""The part of a service's form that says when its group meets every week."""

from collections.abc import Sequence
from datetime import time
from itertools import zip_longest
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, SelectField

from app import words
from app.blueprints.common.fields import Clock
from app.blueprints.common.forms import options
from app.blueprints.practice.hours_forms import weekdays
from app.domain.agenda import ClassTime
from app.services.practice import class_times


class ClassTimesForm(Form):
    """Fixed times of a group: so many weekdays and times as there may be, most of them empty."""

    def class_rows(self) -> list[tuple[Field, Field]]:
        """The weekday and the time of each; the weekdays in the reader's language."""
        names = options([("", "…"), *((str(n), name) for n, name in enumerate(weekdays()))])
        rows = [(self[f"class_day{n}"], self[f"class_time{n}"]) for n in range(1, class_times.MOST + 1)]
        for day, _ in rows:
            setattr(day, "choices", names)  # noqa: B010  (which fields have is unknown to the library's types)
        return rows

    def classes(self) -> tuple[class_times.Wall, ...]:
        """What was filled in, as services take it."""
        filled = [(day.data, at.data) for day, at in self.class_rows() if day.data and at.data]
        return tuple((int(day), f"{at:%H:%M}") for day, at in filled)

    def are_classes_fine(self) -> bool:
        """Whether nothing is wrong with any of them."""
        return not any(field.errors for row in self.class_rows() for field in row)

    def show_classes(self, classes: Sequence[ClassTime]) -> None:
        """The form shows these times, without a gap between them."""
        for (day, at), each in zip_longest(self.class_rows(), classes[: class_times.MOST]):
            day.data = str(each.weekday) if each else ""
            at.data = each.starts if each else None
            at.raw_data = None  # what was typed there may stand in another row now

    def validate(self, extra_validators: Any = None) -> bool:
        """Every row makes sense by itself and beside the others: all that is wrong is said at once, each beside its field."""
        rows = self.class_rows()
        fine = super().validate(extra_validators)
        halves = [at for day, at in rows if bool(day.data) != isinstance(at.data, time) and not at.errors]
        for at in halves:
            at.errors = [*at.errors, words.problem("class_incomplete", {})]
        fine = self._stand_together() and fine and not halves
        if fine:
            self.show_classes([ClassTime(day, time.fromisoformat(wall)) for day, wall in self.classes()])
        return fine

    def _stand_together(self) -> bool:
        filled = [at for day, at in self.class_rows() if day.data and at.data]
        minutes = sum(self[name].data or 0 for name in ("buffer_before", "minutes", "buffer_after"))
        found = class_times.problems(self["kind"].data or "", minutes, self.classes())
        for problem in found:
            field = filled[int((problem.field or "").removeprefix("class_time")) - 1]  # counted without the empty rows
            field.errors = [*field.errors, words.problem(problem.code, problem.values)]
        return not found


for _n in range(1, class_times.MOST + 1):
    setattr(ClassTimesForm, f"class_day{_n}", SelectField(_l("Weekday"), validate_choice=False))
    setattr(ClassTimesForm, f"class_time{_n}", Clock(_l("Time")))
