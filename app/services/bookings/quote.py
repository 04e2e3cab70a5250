"""The quote: what is shown before somebody asks, and stored with the draft and the booking.

It holds whatever becomes of the service.
"""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from app.domain.meetings import MeetingKind
from app.domain.modes import BookingMode
from app.domain.money import Money
from app.models import Checkout, Service
from app.services.bookings import cancellation_policy
from app.services.ledger import splits


@dataclass(frozen=True)
class Quote:
    """How a session is booked, named and paid for, and where people meet.

    Amounts are in minor units, for all places together.
    """

    mode_code: str
    title: str
    minutes: int
    price_amount: int
    fee_amount: int
    currency: str
    policy: dict[str, Any]
    meeting_kind: str
    meeting_where: str  # as the service has it; where a link is made for each booking, that is made with the booking
    kind: str  # whom it is for
    alone: bool = False  # nobody else has places in it; of drafts from before this was stored nobody knows

    @property
    def price(self) -> Money:
        """What it costs."""
        return Money(self.price_amount, self.currency)

    def to_json(self) -> dict[str, Any]:
        """The quote as a draft stores it: words and numbers only."""
        return asdict(self)


def of_service(service: Service, places: int, mode: BookingMode | None = None) -> Quote:
    """What somebody agrees to who asks for so many places of the service now, by its own mode or another."""
    price = service.price * places
    return Quote(
        mode_code=(mode or service.mode).code,
        title=service.title,
        minutes=service.minutes,
        price_amount=price.amount,
        fee_amount=splits.fee_for(price).amount,
        currency=price.currency,
        policy=cancellation_policy.freeze(service),
        meeting_kind=MeetingKind(service.meeting_kind).value,
        meeting_where=service.meeting_where,
        kind=service.kind.value,
        alone=service.places == 1,
    )


def mark_of(service: Service, mode: BookingMode) -> str:
    """What a form says of the terms it shows: the same text while one place of the service has the same terms in this mode."""
    terms = of_service(service, 1, mode).to_json()
    del terms["fee_amount"]  # the house's part of the price is nothing that a client agrees to
    return sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()


def of_draft(checkout: Checkout, service: Service) -> Quote:
    """What the client agreed to who pays for this draft.

    What a draft does not say, because it was not stored in those days, is as the service has it now, at the price and fee of
    its checkout.
    """
    draft = checkout.draft or {}
    if stored := draft.get("agreed"):
        return Quote(**{"kind": service.kind.value} | stored)
    now = of_service(service, int(draft["places"])).to_json()
    fee = splits.fee_for(checkout.money).amount
    return Quote(**now | {"price_amount": checkout.amount, "currency": checkout.currency, "fee_amount": fee})
