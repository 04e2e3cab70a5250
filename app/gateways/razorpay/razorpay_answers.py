"""Razorpay's answers by its SDK: the things in a list, and what an error leaves known."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from razorpay.errors import BadRequestError, ServerError
from razorpay.errors import GatewayError as BankError

from app.gateways import http
from app.gateways.base import GatewayUnavailable, KeysRefused


def items(collection: Any) -> list[http.Json]:
    """The things in a list. Raises one of http.WRONG_SHAPE."""
    return [http.dict_of(each) for each in collection["items"]]


@contextmanager
def clear_answer() -> Iterator[None]:
    """Inside, Razorpay answers clearly, or GatewayUnavailable leaves; so it does for ids Razorpay does not know (yet).

    KeysRefused where it takes no key.
    """
    with http.expecting(GatewayUnavailable, "Razorpay answered something else than was asked for"):
        try:
            yield
        except (BadRequestError, BankError, ServerError) as error:
            kind = KeysRefused if is_about_keys(error) else GatewayUnavailable
            raise kind(words_of(error)) from None


def is_about_keys(error: Exception) -> bool:
    """Whether Razorpay did not take our keys."""
    return "authentication failed" in str(error).lower()


def words_of(error: Exception) -> str:
    """What may be logged of an error."""
    return f"Razorpay: {http.redacted(error)}"
