"""What many shapes are made of: bodies, moments, sums."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from app.blueprints.api.base import Code, Query, Shape, Taken, prose
from app.domain.money import CODE, Money
from app.services import bookings
from app.services.sessions import ratings

# As it was typed: blanks at its ends are part of it, here as on the pages.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=200)]


_FARTHEST_PAGE = 10**6
_COUNTED = {"type": "integer", "minimum": 1, "maximum": _FARTHEST_PAGE, "default": 1}


def _within(page: int) -> int:
    # A page before the first was always the first one.
    return min(max(page, 1), _FARTHEST_PAGE)


class Pages(Query):
    """Which page of them."""

    page: Annotated[int, AfterValidator(_within), WithJsonSchema(_COUNTED)] = Field(
        1, description="counted from 1; beyond the last there is nothing"
    )


class Nothing(Taken):
    """No body is needed."""


class Reason(Taken, json_schema_extra={"examples": [{"reason": "I have fallen ill."}]}):
    """Why; the other side reads it."""

    reason: Annotated[str, prose(bookings.REASON_LIMIT)] = ""


class NeededReason(Taken, json_schema_extra={"examples": [{"reason": "I am away that week."}]}):
    """Why, which must be said; the other side reads it."""

    reason: Annotated[str, prose(bookings.REASON_LIMIT, filled=True), Code("reason_missing")]


class Answer(Taken, json_schema_extra={"examples": [{"text": "Thank you for your kind words."}]}):
    """The practitioner's answer."""

    text: Annotated[str, prose(ratings.TEXT_LIMIT, filled=True), Code("answer_missing", field="answer")]


class Amount(Shape):
    """Minor units and an ISO 4217 code."""

    amount: int = Field(examples=[150_000])
    currency: str = Field(pattern=CODE, examples=["KES"])

    @classmethod
    def of(cls, money: Money) -> "Amount":
        """Return the amount as programs read it."""
        return cls(amount=money.amount, currency=money.currency)
