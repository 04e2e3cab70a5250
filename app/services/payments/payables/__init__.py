"""What can be paid for: one file each, one line here.

Everything runs in the caller's transaction, under its locks. A file says what the money that came in brings about; it is
told the amount, which after a decision of staff may be less than the bill's, and when the money came in, for what would be
too late. What else is true of a kind of checkout is its row in domain/checkout_kinds.
"""

from collections.abc import Callable
from datetime import datetime

from app.domain.checkout_kinds import CheckoutKind
from app.domain.money import Money
from app.models import Checkout
from app.services.payments.payables import (
    booked,
    consultation,
    debt,
    draft,
    gift,
    lost,
    lost_credit,
    package,
    top_up,
)
from app.services.payments.payables.fulfilment import Fulfilment

__all__ = ["PAYABLES", "Fulfilment", "try_fulfil"]

PAYABLES: dict[CheckoutKind, Callable[[Checkout, Money, datetime], Fulfilment]] = {
    CheckoutKind.BOOKING: booked.try_fulfil,
    CheckoutKind.DRAFT_BOOKING: draft.try_fulfil,
    CheckoutKind.DUE: debt.try_fulfil,
    CheckoutKind.FEE: debt.try_fulfil,
    CheckoutKind.DIFFERENCE: debt.try_fulfil,
    CheckoutKind.LOST_CREDIT: lost_credit.try_fulfil,
    CheckoutKind.CONSULTATION: consultation.try_fulfil,
    CheckoutKind.TOP_UP: top_up.try_fulfil,
    CheckoutKind.GIFT: gift.try_fulfil,
    CheckoutKind.PACKAGE: package.try_fulfil,
    CheckoutKind.LOST: lost.try_fulfil,
}


def try_fulfil(checkout: Checkout, money: Money, at: datetime) -> Fulfilment:
    """What was paid for is the payer's, where it can still be had; the answer says whether it is."""
    return PAYABLES[checkout.kind](checkout, money, at)
