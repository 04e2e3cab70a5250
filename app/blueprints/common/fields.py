"""Fields for what people type: whole numbers and times of day, with words for people instead of the library's."""

from collections.abc import Callable
from typing import Any

from flask_babel import LazyString
from wtforms import Field, Form, IntegerField, TimeField
from wtforms.validators import Optional, ValidationError

from app import words


def at_most(letters: int) -> Callable[[Form, Field], None]:
    """A validator: the text is no longer than that."""

    def validate(_form: Form, field: Field) -> None:
        if len(field.data or "") > letters:
            raise ValidationError(words.about_field("too_long", field.label.text, {"most": letters}))

    return validate


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
            raise ValueError(words.about_field("whole_number", self.label.text)) from None


class WholeOrNone(Whole):
    """A whole number; left empty it is None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Words for people instead of the library's."""
        if "".join(valuelist).strip():
            super().process_formdata(valuelist)
        else:
            self.data = None


class Clock(TimeField):
    """A time of day, or nothing."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        super().__init__(label, format=["%H:%M", "%H:%M:%S"], validators=[Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Words for people instead of the library's."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(words.about_field("time_invalid", self.label.text)) from None
