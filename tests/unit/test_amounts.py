"""What becomes of odd amounts: fees, taxes, parts, lengths and packages, each worked out by hand; the fraction stands beside it."""

import pytest
from flask import Flask

from app.domain import terms
from app.domain.money import Money
from app.models import Package
from app.services.ledger import splits
from app.services.ledger.receipts import taxes
from app.services.scheduling import price_changes


@pytest.mark.parametrize(
    ("price", "currency", "percent", "fee"),
    [
        (6_005, "EUR", 10, 601),  # 600.5
        (6_004, "EUR", 10, 600),  # 600.4
        (6_030, "EUR", 15, 905),  # 904.5: up, not to the even one
        (6_003, "EUR", 15, 900),  # 900.45
        (1, "EUR", 49, 0),  # 0.49
        (1, "EUR", 50, 1),  # 0.5
        (310, "JPY", 15, 47),  # 46.5
        (333, "RWF", 10, 33),  # 33.3
        (1_030, "KWD", 15, 155),  # 154.5
        (7_777, "BHD", 7, 544),  # 544.39
        (33, "TND", 33, 11),  # 10.89
        (99_999, "KES", 0, 0),
        (99_999, "KES", 100, 99_999),
    ],
)
def test_half_a_unit_of_a_fee_is_rounded_up(price: int, currency: str, percent: int, fee: int) -> None:
    """S2-16."""
    app = Flask(__name__)
    app.config["PLATFORM_FEE_PERCENT"] = percent
    with app.app_context():
        assert splits.fee_for(Money(price, currency)) == Money(fee, currency)


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        (6_000, 1_600, 828),  # 827.59
        (1, 1_600, 0),  # 0.14
        (4, 1_600, 1),  # 0.55
        (3, 2_000, 1),  # 0.5
        (15, 2_000, 3),  # 2.5: up, not to the even one
        (13, 400, 1),  # 0.5
        (65, 400, 3),  # 2.5
        (1_999, 1_900, 319),  # 319.17
        (3_334, 770, 238),  # 238.36
        (999, 0, 0),
        (1_000, 5_000, 333),  # 333.33
    ],
)
def test_half_a_unit_of_an_included_tax_is_rounded_up(amount: int, rate: int, tax: int) -> None:
    """S2-26: the tax inside an amount, not on top of it."""
    assert taxes.included(amount, rate) == tax


@pytest.mark.parametrize(
    ("amount", "currency", "percent", "back"),
    [
        (6_001, "EUR", 50, 3_001),  # 3,000.5
        (6_001, "EUR", 25, 1_501),  # 1,500.25
        (3_333, "EUR", 33, 1_100),  # 1,099.89
        (1, "EUR", 1, 1),  # 0.01
        (999, "EUR", 100, 999),
        (10, "EUR", 0, 0),
        (1_001, "JPY", 50, 501),  # 500.5
        (335, "UGX", 10, 34),  # 33.5
        (1_234, "KWD", 50, 617),
        (1_235, "BHD", 50, 618),  # 617.5
        (1_001, "TND", 99, 991),  # 990.99
    ],
)
def test_a_broken_unit_is_rounded_for_who_gets_it_back(amount: int, currency: str, percent: int, back: int) -> None:
    """S2-22."""
    assert terms.part(Money(amount, currency), percent) == Money(back, currency)


@pytest.mark.parametrize(
    ("price", "currency", "minutes", "wanted", "costs"),
    [
        (6_000, "EUR", 60, 90, 9_000),
        (6_000, "EUR", 50, 55, 6_600),
        (5_000, "EUR", 60, 50, 4_200),  # 41.67: a price in whole coins stays one
        (6_005, "EUR", 60, 90, 9_008),  # 9,007.5
        (6_005, "EUR", 60, 20, 2_002),  # 2,001.67
        (150_100, "KES", 60, 90, 225_200),  # 2,251.50 shillings: M-Pesa takes no cents
        (1_001, "JPY", 60, 90, 1_502),  # 1,501.5
        (1_000, "RWF", 45, 50, 1_112),  # 1,111.11
        (5_000, "KWD", 60, 50, 5_000),  # 4.167 dinars
        (5_005, "KWD", 60, 50, 4_171),  # 4,170.83
    ],
)
def test_another_length_costs_in_proportion_rounded_up(
    price: int, currency: str, minutes: int, wanted: int, costs: int
) -> None:
    """S2-21."""
    assert price_changes.for_length(Money(price, currency), minutes, wanted) == Money(costs, currency)


@pytest.mark.parametrize(
    ("price", "currency", "parts"),
    [
        (10_000, "EUR", [3_334, 3_333, 3_333]),
        (10_001, "EUR", [3_334, 3_334, 3_333]),
        (100, "JPY", [15, 15, 14, 14, 14, 14, 14]),
        (2_345, "KWD", [1_173, 1_172]),
        (3, "EUR", [1, 1, 1]),
    ],
)
def test_what_does_not_divide_is_in_the_first_sessions_of_a_package(
    price: int, currency: str, parts: list[int]
) -> None:
    package = Package(price_amount=price, currency=currency, sessions=len(parts))
    assert [package.value(nth) for nth in range(1, len(parts) + 1)] == [Money(part, currency) for part in parts]
