"""What lists and pages say of a booking in short: whom one meets, and how its money stands."""

from dataclasses import dataclass
from datetime import datetime

from app.models import Booking, Checkout, User
from app.services import bookings
from app.services.ledger import checkouts

# The status already says it: no badge beside it for these, as (money's word, whether it can be paid now).
_NO_BADGE = {("none", True), ("none", False), ("processing", True), ("due", True)}


@dataclass(frozen=True)
class MoneySummary:
    """What of a booking's money a page shows, and until when the place is kept for it."""

    word: str  # a key of words.MONEY
    badge: str  # the word again, or nothing where the booking's status says it already
    to_pay: Checkout | None
    kept_until: datetime | None

    @classmethod
    def of(cls, booking: Booking, user: User) -> "MoneySummary":
        """Return how the booking's money stands for the person."""
        to_pay = bookings.to_pay(booking, user)
        word = bookings.money_shown(booking)
        return cls(
            word=word,
            badge="" if (word, to_pay is not None) in _NO_BADGE else word,
            to_pay=to_pay,
            kept_until=checkouts.kept_until(to_pay) if to_pay else None,
        )


def other_side(booking: Booking, user: User) -> str:
    """Return the name of whom the person meets; for staff both names."""
    if user.id == booking.client_id:
        return booking.practitioner.name
    if booking.practitioner.is_of(user):
        return booking.client.name
    return f"{booking.client.name} / {booking.practitioner.name}"
