"""Credit that was paid for and given away as a code; the money itself is nowhere but in the ledger."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import GiftStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.ledger.checkouts import Checkout
from app.models.people import User


class Gift(Base):
    """A code that puts an amount into the wallet of whoever redeems it, once; the row exists only once it is paid."""

    __tablename__ = "gifts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(status = 'redeemed') = (redeemed_by IS NOT NULL)", name="redeemed"),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended"),
        Index("ix_gifts_buyer_id_bought_at", "buyer_id", "bought_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # of the code: who reads the table cannot redeem it
    code: Mapped[str] = mapped_column(Text, default="")  # sealed, for the buyer's page and mail
    status: Mapped[GiftStatus] = status(GiftStatus)
    redeemed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    bought_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    checkout: Mapped[Checkout] = relationship()
    buyer: Mapped[User] = relationship(foreign_keys=buyer_id)

    @property
    def money(self) -> Money:
        """What it is worth."""
        return Money(self.amount, self.currency)
