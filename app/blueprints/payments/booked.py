"""What the page of a payment says of the session: its terms before, and once it is booked the session before the money."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.checkout_kinds import CheckoutKind
from app.domain.terms import CancellationPolicy, Step
from app.models import Booking, Checkout, User
from app.services.bookings import cancellation_policy, intake_forms
from app.services.bookings.intake_forms import Asked
from app.services.bookings.quote import Quote
from app.services.workflows.checkout_page import PayPage, PayState

_BOOKING = (CheckoutKind.BOOKING, CheckoutKind.DRAFT_BOOKING)


@dataclass(frozen=True)
class Booked:
    """A session that stands, for who has just paid for it; its names are those of the booking's page."""

    booking: Booking
    who: str
    status: str
    steps: list[Step]
    missing_forms: list[Asked]


def terms_of(checkout: Checkout, held: Booking | Quote | None, start: datetime | None) -> list[Step]:
    """Until when how much comes back of the session that is being paid for; nothing where it is no session to come."""
    if held is None or start is None or checkout.kind not in _BOOKING:
        return []
    if isinstance(held, Booking):
        return cancellation_policy.steps(held)
    return CancellationPolicy.from_json(held.policy).steps(start)


def of(page: PayPage, user: User) -> Booked | None:
    """Return what was booked with the money; None where it paid for something else, or the session has ended since."""
    booking = page.checkout.booking
    is_theirs = page.state is PayState.PAID and page.checkout.kind in _BOOKING and page.checkout.client_id == user.id
    if booking is None or not is_theirs or page.has_ended:
        return None
    return Booked(
        booking=booking,
        who=booking.practitioner.name,
        status=booking.status,
        steps=cancellation_policy.steps(booking),
        missing_forms=intake_forms.waiting(booking),
    )
