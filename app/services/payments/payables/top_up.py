"""Putting money into one's own wallet."""

from datetime import datetime

from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.models import Checkout
from app.services.notifications import notices
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(checkout: Checkout, money: Money, _at: datetime) -> Fulfilment:
    """The credit is there, however late the money came; not if the client had given it up."""
    if checkout.status is CheckoutStatus.CANCELLED:
        return Fulfilment.GONE
    data = {"amount": money.amount, "currency": money.currency, "checkout": str(checkout.id)}
    notices.tell(checkout.client_id, "topped_up", cause=checkout.id, data=data)
    return Fulfilment.DONE
