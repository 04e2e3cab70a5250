"""Credit on its way out; the credit itself is nowhere but in the ledger."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import PayoutStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.people import User


class Payout(Base):
    """A client's wish to have credit paid out; staff send it by hand and say how, or refuse with a reason."""

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_payouts_status_asked_at", "status", "asked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    destination: Mapped[str] = mapped_column(String(200))  # in the client's words: a phone, an account
    status: Mapped[PayoutStatus] = status(PayoutStatus)
    evidence: Mapped[str] = mapped_column(String(500), default="")  # how it was sent, or why not
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()

    @property
    def money(self) -> Money:
        """What goes out."""
        return Money(self.amount, self.currency)
