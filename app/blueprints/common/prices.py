"""Prices that people type, and the currencies they choose from."""

from flask_babel import get_locale
from wtforms import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from app.blueprints.common.forms import options
from app.domain.money import Money, MoneyError
from app.services import house
from app.services.backoffice.overview import payment_ways
from app.services.core.errors import Invalid


def currencies(used: str | None) -> list[SelectChoice]:
    """Return the currencies to choose from: those that can be paid, the house's first, then the most used; and the one in use."""
    can = payment_ways.currencies()
    usual = [code for code in [house.known().currency] if code in can]
    codes = dict.fromkeys([*usual, *can, *filter(None, [used])])
    names = get_locale().currencies
    return options((code, f"{code} · {names.get(code, code)}") for code in codes)


def as_typed(price: Money) -> str:
    """Return the price as people type it."""
    return str(int(price.major)) if price.is_whole else f"{price.major:f}"


def parse(text: str, currency: str, field: str = "price") -> Money:
    """Return the money a typed price above zero means. Raises Invalid (price_invalid) beside `field`."""
    try:
        price = Money.parse(text, currency)
    except MoneyError:
        raise Invalid("price_invalid", field=field) from None
    if price.amount <= 0:
        raise Invalid("price_invalid", field=field)
    return price
