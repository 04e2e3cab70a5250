"""Whose rows are whose: every record that hangs on a client, as SQL, and their ids where rows name each other in words."""

from functools import cached_property
from typing import Any

from sqlalchemy import Select, select

from app.domain.lifecycle import OPEN_WAITS
from app.extensions import db
from app.models import (
    Attempt,
    Booking,
    Checkout,
    Consultation,
    ConsultationMessage,
    Gift,
    Package,
    Payout,
    Proof,
    Rating,
    Refund,
    Reschedule,
    Review,
    SignUp,
    User,
    Wait,
)

_SHORT = ("person", "review")  # whose ids are numbers that stand in other texts too


class Theirs:
    """What belongs to one client."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.address: Select[Any] = select(User.address).where(User.id == user_id)
        self.bookings: Select[Any] = select(Booking.id).where(Booking.client_id == user_id)
        self.checkouts: Select[Any] = select(Checkout.id).where(Checkout.client_id == user_id)
        self.attempts: Select[Any] = select(Attempt.id).where(Attempt.checkout_id.in_(self.checkouts))
        self.waits: Select[Any] = select(Wait.id).where(Wait.client_id == user_id, Wait.status.in_(OPEN_WAITS))
        self.sign_ups: Select[Any] = select(SignUp.id).where(SignUp.address.in_(self.address))
        # Both sides' messages: what a practitioner answers is about the client.
        self.written: Select[Any] = select(ConsultationMessage.id).where(
            ConsultationMessage.checkout_id.in_(self.checkouts)
        )

    @cached_property
    def subjects(self) -> dict[str, list[str]]:
        """Ids by the subject the trail knows them under; only of what is not found by its booking."""
        found: dict[str, Select[Any]] = {
            "review": select(Review.id).where(Review.attempt_id.in_(self.attempts)),
            "refund": select(Refund.id).where(Refund.attempt_id.in_(self.attempts)),
            "proof": select(Proof.id).where(Proof.attempt_id.in_(self.attempts)),
            "checkout": self.checkouts,
            "attempt": self.attempts,
            "payout": select(Payout.id).where(Payout.user_id == self.user_id),
            "consultation": select(Consultation.id).where(Consultation.client_id == self.user_id),
            "gift": select(Gift.id).where(Gift.buyer_id == self.user_id),
            "package": select(Package.id).where(Package.client_id == self.user_id),
            "person": select(User.id).where(User.id == self.user_id),
        }
        return {subject: [str(key) for key in db.session.scalars(ids)] for subject, ids in found.items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every long id by which a message or a kept answer may name something of theirs."""
        more = (
            self.bookings,
            select(Rating.id).where((Rating.user_id == self.user_id) | Rating.booking_id.in_(self.bookings)),
            select(Reschedule.id).where(Reschedule.booking_id.in_(self.bookings)),
        )
        ids = [key for subject, keys in self.subjects.items() if subject not in _SHORT for key in keys]
        return frozenset([*ids, *(str(key) for each in more for key in db.session.scalars(each))])
