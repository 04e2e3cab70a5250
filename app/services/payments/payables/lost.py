"""Paying for something that a restored backup does not have any more."""

from datetime import datetime

from app.domain.money import Money
from app.models import Checkout
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(_checkout: Checkout, _money: Money, _at: datetime) -> Fulfilment:
    """It brings about nothing: nobody knows what it was for."""
    return Fulfilment.GONE
