"""Money on its way back."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.ledger.checkouts import Attempt


class Refund(Base):
    """Money back for one charge: the row with its key is committed first, the gateway is called after.

    Until `offer_until` the client may choose another way (a near time, credit), then it goes back by itself.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint("attempt_id", "charge_ref", "reason"),  # what it is for: asked for twice, it is one refund
        Index("ix_refunds_status_next_try_at", "status", "next_try_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    charge_ref: Mapped[str] = mapped_column(String(120), default="")  # empty: the vendor never named the charge
    key: Mapped[str] = mapped_column(String(40), unique=True)
    renewed: Mapped[int] = mapped_column(default=0)  # how often staff began anew after the vendor's own failed refund
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(
        String(30)
    )  # too_late | second_charge | cancelled | staff:1 | at_gateway:... | ...
    means: Mapped[RefundMeans] = status(RefundMeans, default=RefundMeans.GATEWAY)
    status: Mapped[RefundStatus] = status(RefundStatus)
    version: Mapped[int] = mapped_column(default=1)  # one more per status change
    offer_until: Mapped[datetime | None]
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    failure: Mapped[str] = mapped_column(String(200), default="")
    tries: Mapped[int] = mapped_column(default=0)
    unsent: Mapped[bool] = mapped_column(default=False, server_default=false())  # tried, and for certain not heard
    next_try_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    attempt: Mapped[Attempt] = relationship()

    @property
    def wire_key(self) -> str:
        """The key the vendor knows: the same for every repeat, another only after its own word that a refund failed."""
        return f"{self.key}-{self.renewed}" if self.renewed else self.key

    @staticmethod
    def key_in(wire_key: str) -> str:
        """The row's own key in one that the vendor knows."""
        return wire_key.partition("-")[0]

    @property
    def money(self) -> Money:
        """What goes back."""
        return Money(self.amount, self.currency)
