"""What many shapes are made of: bodies, moments, sums."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, PlainSerializer, StringConstraints

from app.blueprints.api.base import Shape
from app.domain.money import Money

Instant = Annotated[
    datetime, PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str, when_used="json")
]

# As it was typed: blanks at its ends are part of it, here as on the pages.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=200)]


class Taken(Shape):
    """A body. Fields nobody asked for are ignored."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Nothing(Taken):
    """No body is needed."""


class Reason(Taken):
    """Why; the other side reads it."""

    reason: str = Field("", max_length=500)


class Answer(Taken):
    """The practitioner's answer."""

    text: str = Field(description="1 to 2000 characters")


class Amount(Shape):
    """Minor units and an ISO 4217 code."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> "Amount":
        """Return the amount as programs read it."""
        return cls(amount=money.amount, currency=money.currency)
