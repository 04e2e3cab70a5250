"""Whether anybody could pay a price, checked when it is set up."""

from app.domain.money import Money
from app.services.core import payment_methods
from app.services.core.errors import Invalid


def unpayable_reasons(price: Money) -> dict[str, str]:
    """Why each gateway cannot take `price`: code to a word; empty for those that can."""
    return {g.code: why for g in payment_methods.offered().values() if (why := g.capabilities.why_not(price))}


def check_payable(price: Money, *, amount_field: str = "price", currency_field: str = "currency") -> None:
    """Somebody could pay the price. Raises Invalid beside the field, with the reason."""
    if price.amount <= 0:
        raise Invalid("price_invalid", field=amount_field)
    if not payment_methods.accepting(price):
        reasons = unpayable_reasons(price)
        word = next((why for why in reasons.values() if why != "currency"), "currency")
        field = currency_field if word == "currency" else amount_field
        raise Invalid(f"cannot_be_paid_{word}", field=field, currency=price.currency)
