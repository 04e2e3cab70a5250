"""What many shapes are made of: bodies, moments, sums."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.blueprints.api.base import FILLED, Code, Query, Shape, Taken
from app.domain.money import CODE, Money
from app.services import bookings
from app.services.sessions import ratings

# As it was typed: blanks at its ends are part of it, here as on the pages.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=200)]


class Pages(Query):
    """Which page of them."""

    page: int = Field(1, ge=1, le=2**31 - 1, description="counted from 1; beyond the last there is nothing")


class Nothing(Taken):
    """No body is needed."""


class Reason(Taken, json_schema_extra={"examples": [{"reason": "I have fallen ill."}]}):
    """Why; the other side reads it."""

    reason: str = Field("", max_length=bookings.REASON_LIMIT)


class NeededReason(Taken, json_schema_extra={"examples": [{"reason": "I am away that week."}]}):
    """Why, which must be said; the other side reads it."""

    reason: Annotated[str, Code("reason_missing")] = Field(pattern=FILLED, max_length=bookings.REASON_LIMIT)


class Answer(Taken, json_schema_extra={"examples": [{"text": "Thank you for your kind words."}]}):
    """The practitioner's answer."""

    text: Annotated[str, Code("answer_missing")] = Field(pattern=FILLED, max_length=ratings.TEXT_LIMIT)


class Amount(Shape):
    """Minor units and an ISO 4217 code."""

    amount: int = Field(examples=[150_000])
    currency: str = Field(pattern=CODE, examples=["KES"])

    @classmethod
    def of(cls, money: Money) -> "Amount":
        """Return the amount as programs read it."""
        return cls(amount=money.amount, currency=money.currency)
