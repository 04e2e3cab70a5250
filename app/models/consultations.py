"""A question in writing and its answer; the row exists only once it is paid."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.chance import new_id
from app.lifecycle import ConsultationStatus
from app.models.base import Base, status
from app.models.checkouts import Checkout
from app.models.people import User
from app.models.practice import Practitioner
from app.money import Money


class Consultation(Base):
    """What a client asked a practitioner in writing, at the price and the fee of that day."""

    __tablename__ = "consultations"
    __table_args__ = (
        CheckConstraint("price_amount > 0", name="price"),
        CheckConstraint("fee_amount >= 0 AND fee_amount <= price_amount", name="fee"),
        CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name="answered"),
        Index("ix_consultations_client_id_asked_at", "client_id", "asked_at"),
        Index("ix_consultations_practitioner_id_asked_at", "practitioner_id", "asked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), unique=True)
    question: Mapped[str] = mapped_column(Text)
    fee_amount: Mapped[int] = mapped_column(BigInteger)  # the platform's part of the price
    price_amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[ConsultationStatus] = status(ConsultationStatus)
    answer: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    client: Mapped[User] = relationship()
    practitioner: Mapped[Practitioner] = relationship()
    checkout: Mapped[Checkout] = relationship()

    @property
    def price(self) -> Money:
        """What was paid for it."""
        return Money(self.price_amount, self.currency)
