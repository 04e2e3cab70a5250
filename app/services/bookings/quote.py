"""What was agreed: shown before somebody asks, and kept with the draft and the booking whatever becomes of the service."""

from dataclasses import asdict, dataclass
from typing import Any

from app.domain.meetings import MeetingKind
from app.domain.money import Money
from app.models import Checkout, Service
from app.services.bookings import cancellation_policy
from app.services.ledger import splits


@dataclass(frozen=True)
class Agreed:
    """How a session is booked, called, held and paid for; amounts in minor units, for all places together."""

    mode_code: str
    title: str
    minutes: int
    price_amount: int
    fee_amount: int
    currency: str
    policy: dict[str, Any]
    meeting_kind: str
    meeting_where: str  # as the service has it; where a link is made for each booking, that is made with the booking

    @property
    def price(self) -> Money:
        """What it costs."""
        return Money(self.price_amount, self.currency)

    def kept(self) -> dict[str, Any]:
        """The same for a draft: words and numbers only."""
        return asdict(self)


def of_service(service: Service, places: int) -> Agreed:
    """What somebody agrees to who asks for so many places of the service now."""
    price = service.price * places
    return Agreed(
        mode_code=service.mode_code,
        title=service.title,
        minutes=service.minutes,
        price_amount=price.amount,
        fee_amount=splits.fee_for(price).amount,
        currency=price.currency,
        policy=cancellation_policy.freeze(service),
        meeting_kind=MeetingKind(service.meeting_kind).value,
        meeting_where=service.meeting_where,
    )


def of_draft(checkout: Checkout, service: Service) -> Agreed:
    """What the client agreed to who pays for this draft; one from before that was kept has the service as it is now."""
    draft = checkout.draft or {}
    if kept := draft.get("agreed"):
        return Agreed(**kept)
    now = of_service(service, int(draft["places"])).kept()
    fee = splits.fee_for(checkout.money).amount
    return Agreed(**now | {"price_amount": checkout.amount, "currency": checkout.currency, "fee_amount": fee})
