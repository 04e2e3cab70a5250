"""Charges a payer's bank challenges."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import DisputeStatus
from app.domain.money import Money
from app.models.base import Base, status
from app.models.ledger.checkouts import Attempt


class Dispute(Base):
    """One challenged charge. It flags its booking and moves nothing: a person decides what follows."""

    __tablename__ = "disputes"
    __table_args__ = (UniqueConstraint("attempt_id", "charge_ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"))
    charge_ref: Mapped[str] = mapped_column(String(120))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[DisputeStatus] = status(DisputeStatus)
    stage: Mapped[str] = mapped_column(String(40))  # the vendor's last word: created, under_review, won, ...
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    attempt: Mapped[Attempt] = relationship()

    @staticmethod
    def of_own_charge() -> ColumnElement[bool]:
        """SQL: the dispute, joined with its attempt, is about the charge that paid."""
        return Dispute.charge_ref == func.coalesce(Attempt.charge_ref, Dispute.charge_ref)

    @property
    def money(self) -> Money:
        """What is challenged."""
        return Money(self.amount, self.currency)
