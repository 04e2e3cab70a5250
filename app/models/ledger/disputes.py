"""Charges a payer's bank challenges."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import DisputePhase, DisputeStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.ledger.checkouts import Attempt


class Dispute(Base):
    """A challenge of a charge or of a part of it, known by the vendor's own id. It ends no booking: a person decides that."""

    __tablename__ = "disputes"
    __table_args__ = (
        UniqueConstraint("attempt_id", "charge_ref", "vendor_ref"),
        Index("ix_disputes_status_respond_by", "status", "respond_by"),
    )

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


class DisputeAnswer(Base):
    """Staff have sent evidence at the vendor's own site: on which day of theirs, what, and what that answered. Never changed."""

    __tablename__ = "dispute_answers"
    __table_args__ = (Index("ix_dispute_answers_dispute_id", "dispute_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dispute_id: Mapped[int] = mapped_column(ForeignKey("disputes.id"))
    phase: Mapped[DisputePhase] = status(DisputePhase)
    respond_by: Mapped[datetime | None]  # the deadline it was sent for: a later one asks for more
    sent_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(500))
    staff_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    noted_at: Mapped[datetime]

    @staticmethod
    def is_latest() -> ColumnElement[bool]:
        """SQL: it answers what the bank asks of its dispute now; as `answers`."""
        is_same_deadline = DisputeAnswer.respond_by.is_not_distinct_from(Dispute.respond_by)
        return (DisputeAnswer.dispute_id == Dispute.id) & (DisputeAnswer.phase == Dispute.phase) & is_same_deadline

    def answers(self, dispute: Dispute) -> bool:
        """Whether it answers what the bank asks now: in the same phase, with no other deadline since."""
        return self.phase is dispute.phase and self.respond_by == dispute.respond_by


class DisputeAddition(Base):
    """What the practitioner adds to the evidence: words of their own, sealed, or one chosen message of their conversation.

    It goes when they take it back, which they may until it has been sent.
    """

    __tablename__ = "dispute_additions"
    __table_args__ = (
        CheckConstraint("(message_id IS NULL) = (text <> '')", name="one"),
        UniqueConstraint("dispute_id", "message_id"),
        Index("ix_dispute_additions_dispute_id", "dispute_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    dispute_id: Mapped[int] = mapped_column(ForeignKey("disputes.id"))
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consultation_messages.id"))
    text: Mapped[str] = mapped_column(Text, default="")  # sealed
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]
