"""Money on its way back, and what staff say of it."""

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status, word
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
        Index("ix_refunds_charge_ref", "charge_ref"),
        Index("ix_refunds_asked_at", "asked_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    charge_ref: Mapped[str] = mapped_column(String(120), default="")  # empty: the vendor never named the charge
    key: Mapped[str] = mapped_column(String(40), unique=True)
    renewed: Mapped[int] = mapped_column(default=0)  # how often staff began anew after the vendor's own failed refund
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    lost_before: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0"
    )  # to the payer's bank, when asked
    reason: Mapped[str] = mapped_column(
        String(30)
    )  # too_late | second_charge | cancelled | staff:1 | at_gateway:... | ...
    means: Mapped[RefundMeans] = status(RefundMeans, default=RefundMeans.GATEWAY)
    status: Mapped[RefundStatus] = status(RefundStatus)
    version: Mapped[int] = mapped_column(default=1)  # one more per status change
    offer_until: Mapped[datetime | None]
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    failure: Mapped[str] = mapped_column(String(200), default="")
    failure_code: Mapped[str] = mapped_column(String(24), default="", server_default="")  # a RefundFailureCode
    tries: Mapped[int] = mapped_column(default=0)
    unsent: Mapped[bool] = mapped_column(default=False, server_default=false())  # tried, and for certain not heard
    next_try_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    attempt: Mapped[Attempt] = relationship()
    waiver: Mapped["RefundWaiver | None"] = relationship(back_populates="refund", cascade="all, delete-orphan")

    @staticmethod
    def of_own_charge() -> ColumnElement[bool]:
        """SQL: the refund, joined with its attempt, is of the charge that paid."""
        return Refund.charge_ref.in_(("", func.coalesce(Attempt.charge_ref, Refund.charge_ref)))

    @property
    def is_not_under_way(self) -> bool:
        """Whether its gateway has certainly nothing of it in hand, so that it may still end another way."""
        unheard = self.status is RefundStatus.ASKED and (self.unsent or not self.tries)
        return (unheard or self.status is RefundStatus.FAILED) and self.means is RefundMeans.GATEWAY

    @property
    def wire_key(self) -> str:
        """The key the vendor knows: the same for every repeat, another only after its own word that a refund failed."""
        return f"{self.key}-{self.renewed}" if self.renewed else self.key

    @staticmethod
    def key_in(wire_key: str) -> str:
        """The row's own key in one that the vendor knows."""
        return wire_key.partition("-")[0]

    def is_key_of_later(self, wire_key: str) -> bool:
        """Whether it was begun anew under that key, in a time that was lost with the database (services/core/restorations)."""
        own, _, number = wire_key.partition("-")
        return own == self.key and number.isdecimal() and int(number) > self.renewed

    def take_key(self, wire_key: str, failed_ref: str | None) -> None:
        """The row is about the vendor's refund under that key, a later one, by its id where it failed as those before."""
        self.renewed = int(wire_key.partition("-")[2])
        self.provider_ref = failed_ref

    @property
    def money(self) -> Money:
        """What goes back."""
        return Money(self.amount, self.currency)


class RefundWaiver(Base):
    """Somebody of staff says that the refund is not owed any more, and why; another of them has still to agree."""

    __tablename__ = "refund_waivers"

    refund_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("refunds.id"), primary_key=True)
    means: Mapped[RefundMeans] = word(RefundMeans, 24)  # before, or not_owed
    evidence: Mapped[str] = mapped_column(String(500))
    staff_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    proposed_at: Mapped[datetime]
    refund: Mapped[Refund] = relationship(back_populates="waiver")
