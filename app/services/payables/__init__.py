"""What can be paid for: one file each, one line here. Everything runs in the caller's transaction, under its locks."""

from collections.abc import Callable
from dataclasses import dataclass

from app.models import Checkout
from app.services.payables import booked, draft, due, top_up


@dataclass(frozen=True)
class Payable:
    """What the money of one kind of checkout brings about; whose it then is stands in services/shares."""

    land: Callable[[Checkout], bool]  # what was paid for is theirs; False: it cannot be had any more
    offers: Callable[[Checkout], bool]  # whether a late payer is offered other times before the money goes back


PAYABLES: dict[str, Payable] = {
    "booking": Payable(booked.land, booked.offers),
    "draft_booking": Payable(draft.land, draft.offers),
    "due": Payable(due.land, due.offers),
    "top_up": Payable(top_up.land, top_up.offers),
}


def of(checkout: Checkout) -> Payable:
    """The payable behind the checkout."""
    return PAYABLES[checkout.kind]
