"""A phone typed three ways is one phone."""

import pytest

from app.lib.phones import numbers


@pytest.mark.parametrize(
    "typed", ["0712345678", "0712 345 678", "+254712345678", "254712345678", "+254 712-345-678", "712345678"]
)
def test_a_kenyan_number_typed_any_way_is_the_same_number(typed: str) -> None:
    """Complaint 12: phone normalised from 07, +254 and 254."""
    assert numbers.normalise(typed, "KE") == "+254712345678"


def test_the_newer_01_numbers_are_kenyan_too() -> None:
    assert numbers.normalise("0110 123 456", "KE") == "+254110123456"


@pytest.mark.parametrize("typed", ["", "12345", "07123", "abc", "+919820000001", "0712345678 9999"])
def test_what_cannot_be_asked_for_money_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="number"):
        numbers.normalise(typed, "KE")


def test_a_masked_number_shows_its_owner_enough_and_nobody_else() -> None:
    assert numbers.masked("+254712345678") == "0712 xxx 678"
    assert numbers.masked(None) == ""
    assert "34567" not in numbers.masked("+919812345678")
