"""Charges a payer's bank challenges."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import DisputePhase, DisputeStatus
from app.domain.money import Money
from app.models.base import Base, status
from app.models.ledger.checkouts import Attempt


class Dispute(Base):
    """A challenge of a charge or of a part of it, known by the vendor's own id. It ends no booking: a person decides that."""

    __tablename__ = "disputes"
    __table_args__ = (UniqueConstraint("attempt_id", "charge_ref", "vendor_ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"))
    charge_ref: Mapped[str] = mapped_column(String(120))
    vendor_ref: Mapped[str] = mapped_column(String(120), default="")  # empty: not told, and then the charge's only one
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    phase: Mapped[DisputePhase] = status(DisputePhase)
    stage: Mapped[str] = mapped_column(String(40))  # the vendor's last word: created, under_review, won, ...
    status: Mapped[DisputeStatus] = status(DisputeStatus)
    respond_by: Mapped[datetime | None]
    deducted: Mapped[int | None] = mapped_column(BigInteger)  # what the vendor took for it; of a lost one always known
    fee: Mapped[int | None] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    attempt: Mapped[Attempt] = relationship()

    @staticmethod
    def of_own_charge() -> ColumnElement[bool]:
        """SQL: the dispute, joined with its attempt, is about the charge that paid."""
        return Dispute.charge_ref == func.coalesce(Attempt.charge_ref, Dispute.charge_ref)

    @staticmethod
    def withholding() -> ColumnElement[bool]:
        """SQL: nothing of the charge may go back now; as `withholds`."""
        return (Dispute.status == DisputeStatus.OPEN) & (Dispute.phase != DisputePhase.ENQUIRY)

    @property
    def money(self) -> Money:
        """What is challenged."""
        return Money(self.amount, self.currency)

    @property
    def lost(self) -> Money:
        """What is gone if it is lost."""
        return Money(self.deducted or self.amount, self.currency)

    @property
    def taken(self) -> Money | None:
        """What the vendor has taken for it, where it said so."""
        return Money(self.deducted, self.currency) if self.deducted else None

    @property
    def cost(self) -> Money | None:
        """The vendor's fee for it, where it said so."""
        return Money(self.fee, self.currency) if self.fee else None

    @property
    def withholds(self) -> bool:
        """Whether nothing of the charge may go back: the bank may take the same money, or has it already."""
        return self.status is DisputeStatus.OPEN and self.phase is not DisputePhase.ENQUIRY
