"""Wishes to hold a session at another time."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import Actor, RescheduleStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status, unique_where
from app.models.bookings.booking import Booking


class Reschedule(Base):
    """One proposal to move a booking, by either side; the old place is kept until the new one is taken.

    The database allows one open proposal per booking.
    """

    __tablename__ = "reschedules"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("price_amount > 0", name="price"),
        unique_where("uq_reschedules_open", "booking_id", where="status = 'open'"),
        Index("ix_reschedules_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"), index=True)
    proposed_by: Mapped[Actor] = status(Actor)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    was_at: Mapped[datetime]  # when the session was to begin
    price_amount: Mapped[int] = mapped_column(BigInteger)  # of the session as proposed, all places together
    reason: Mapped[str] = mapped_column(String(500), default="")
    status: Mapped[RescheduleStatus] = status(RescheduleStatus)
    answer: Mapped[str] = mapped_column(String(500), default="")  # why not
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    booking: Mapped[Booking] = relationship()

    @property
    def price(self) -> Money:
        """What the session costs as proposed."""
        return Money(self.price_amount, self.booking.currency)

    @property
    def minutes(self) -> int:
        """How long the session would be."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60
