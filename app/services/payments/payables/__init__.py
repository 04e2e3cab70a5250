"""What can be paid for: one file each, one line here. Everything runs in the caller's transaction, under its locks."""

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.money import Money
from app.models import Checkout
from app.services.ledger import splits
from app.services.payments.payables import booked, consultation, debt, draft, gift, package, top_up


@dataclass(frozen=True)
class Payable:
    """What the money of one kind of checkout brings about, and whose it then is."""

    land: Callable[[Checkout, Money], bool]  # with this money it is theirs; False: it cannot be had any more
    offers: Callable[[Checkout], bool]  # whether a late payer is offered other times before the money goes back
    gone: str = "too_late"  # why money goes back that could not have it: a word of words.REFUND_REASONS
    split: splits.Split = splits.of_booking


PAYABLES: dict[str, Payable] = {
    "booking": Payable(booked.land, booked.offers),
    "draft_booking": Payable(draft.land, draft.offers),
    "due": Payable(debt.land, debt.offers, gone="not_owed"),
    "fee": Payable(debt.land, debt.offers, gone="not_owed"),
    "difference": Payable(debt.land, debt.offers, gone="not_owed"),
    "consultation": Payable(consultation.land, consultation.offers, gone="not_asked", split=splits.of_consultation),
    "top_up": Payable(top_up.land, top_up.offers, split=splits.of_wallet),
    "gift": Payable(gift.land, gift.offers, gone="not_bought", split=splits.of_prepaid),
    "package": Payable(package.land, package.offers, gone="not_bought", split=splits.of_prepaid),
}
splits.SPLITS.update({kind: payable.split for kind, payable in PAYABLES.items()})


def of(checkout: Checkout) -> Payable:
    """The payable behind the checkout."""
    return PAYABLES[checkout.kind]
