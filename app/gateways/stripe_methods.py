"""Stripe's ways to pay that tell days later whether they paid: which we may ask for, and how long each takes.

https://docs.stripe.com/payments/payment-methods#payment-notification; finding PAY-6.
"""

from collections.abc import Iterable
from datetime import timedelta

from app.gateways.base import SettingsMissing

# From when the payer has said yes on Stripe's page. A voucher is good for three days (stripe_params.VOUCHERS), a Multibanco
# reference for a week; what is paid at a counter is told of some bank days later.
SLOW: dict[str, timedelta] = {
    "sepa_debit": timedelta(days=14),
    "us_bank_account": timedelta(days=14),
    "multibanco": timedelta(days=14),
    "boleto": timedelta(days=8),
    "oxxo": timedelta(days=8),
    "konbini": timedelta(days=8),
}
_LONGEST = max(SLOW.values())


def named(setting: str) -> dict[str, timedelta]:
    """The slow ways to pay that a comma list names. Raises SettingsMissing for a word that is none of them."""
    asked = [word.strip() for word in setting.split(",") if word.strip()]
    if unknown := [word for word in asked if word not in SLOW]:
        raise SettingsMissing(f"STRIPE_SLOW_METHODS names {', '.join(unknown)}; known are {', '.join(SLOW)}")
    return {word: SLOW[word] for word in asked}


def takes(offered: Iterable[str]) -> timedelta | None:
    """How long a payment may take that was not made at once on a page with these ways to pay; None: by card alone."""
    # A way that is in no table was switched on before we asked for a list: as slow as any.
    return max((SLOW.get(each, _LONGEST) for each in offered if each != "card"), default=None)
