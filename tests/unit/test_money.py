"""Money is integer minor units with a currency; decimals by ISO 4217 (complaint 24, X13: amounts 100 times wrong)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money, MoneyError, exponent


@pytest.mark.parametrize(
    ("currency", "decimals"), [("KES", 2), ("INR", 2), ("EUR", 2), ("JPY", 0), ("UGX", 0), ("KWD", 3), ("BHD", 3)]
)
def test_each_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    assert Money.from_major(1, currency).amount == 10**decimals


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("1500", "KES", 150000),
        ("1,500.50", "KES", 150050),
        (" 12.5 ", "EUR", 1250),
        ("900", "JPY", 900),
        ("12,50", "EUR", 1250),
        ("1.500,50", "EUR", 150050),
        ("1 500", "KES", 150000),
        ("1,500,000", "KES", 150000000),
        ("1.234", "KWD", 1234),
    ],
)
def test_what_people_type_becomes_minor_units(typed: str, currency: str, minor: int) -> None:
    assert Money.parse(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize("typed", ["", "abc", "1.234", "NaN", "Infinity", "1e400", "--5", "١٢x"])
def test_what_cannot_be_an_amount_is_refused(typed: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(typed, "KES")


def test_a_float_is_never_money() -> None:
    with pytest.raises(MoneyError):
        Money(1.5, "KES")  # type: ignore[arg-type]
    with pytest.raises(MoneyError):
        Money(True, "KES")


@pytest.mark.parametrize("code", ["", "kes", "KE", "KESX", "К€S", "12A"])
def test_what_is_no_currency_code_is_refused(code: str) -> None:
    with pytest.raises(MoneyError):
        Money(1, code)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(MoneyError):
        Money(1, "KES") + Money(1, "INR")
    with pytest.raises(MoneyError):
        Money(1, "KES") - Money(1, "INR")


@given(st.integers(-(10**15), 10**15), st.sampled_from(["KES", "JPY", "KWD"]))
def test_major_units_and_back_loses_nothing(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert Money.from_major(money.major, currency) == money
    assert isinstance(money.major, Decimal)


def test_whole_units_are_told_from_parts() -> None:
    assert Money(150000, "KES").is_whole
    assert not Money(150050, "KES").is_whole
    assert Money(5, "JPY").is_whole
