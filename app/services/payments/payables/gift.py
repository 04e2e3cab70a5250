"""Paying for credit that is given away: the code is made only with the money."""

from datetime import datetime

from app.domain.lifecycle import CheckoutStatus, GiftStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.chance import new_id, reference
from app.models import Checkout, Gift
from app.services.core import codes, encryption
from app.services.core.transaction import GATEWAY, record
from app.services.notifications import notices
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(checkout: Checkout, money: Money, _at: datetime) -> Fulfilment:
    """The code is made, worth what was paid, however late the money came; not if the buyer had given it up."""
    if checkout.status is CheckoutStatus.CANCELLED:
        return Fulfilment.GONE
    code = reference(codes.LENGTH)
    gift = Gift(
        id=new_id(),
        buyer_id=checkout.client_id,
        checkout_id=checkout.id,
        checkout=checkout,
        amount=money.amount,
        currency=money.currency,
        digest=codes.digest(code),
        status=GiftStatus.OPEN,
        bought_at=clock.now(),
    )
    encryption.write(gift, "code", code)
    db.session.add(gift)
    db.session.flush()
    record("gift", gift.id, "", gift.status, GATEWAY)
    data = {"amount": gift.amount, "currency": gift.currency, "gift": str(gift.id)}
    notices.tell(checkout.client_id, "gift_bought", cause=gift.id, data=data)
    return Fulfilment.DONE
