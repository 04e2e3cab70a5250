"""Paying for credit that was spent and that the payer's bank had taken back."""

from datetime import datetime

from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.models import Checkout
from app.services.notifications import notices
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(checkout: Checkout, money: Money, _at: datetime) -> Fulfilment:
    """The debt is settled; not if it was owed no more, because that credit had come back."""
    if checkout.status is CheckoutStatus.CANCELLED:
        return Fulfilment.GONE
    data = {"amount": money.amount, "currency": money.currency, "checkout": str(checkout.id)}
    notices.tell(checkout.client_id, "lost_credit_paid", cause=checkout.id, data=data)
    return Fulfilment.DONE
