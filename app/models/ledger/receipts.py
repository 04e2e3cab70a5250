"""Receipts and credit notes, numbered without gaps and never rewritten; what tax a practitioner's prices include."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status, unique_where
from app.models.bookings.booking import Booking
from app.models.ledger.checkouts import Attempt
from app.models.ledger.refunds import Refund
from app.models.people import User
from app.models.practice.practitioners import Practitioner


class ReceiptKind(StrEnum):
    """What a document says happened to money."""

    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"


class ReceiptSeries(Base):
    """The last number given in one series. Taking the next locks the row until the commit, so none is lost or given twice."""

    __tablename__ = "receipt_series"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)  # P and the practitioner's id; K for the house
    last: Mapped[int]


class Receipt(Base):
    """What was paid, or given back, in the words and with the tax of that day. A trigger refuses every change."""

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("series", "nth"),
        UniqueConstraint("number"),
        UniqueConstraint("refund_id"),
        CheckConstraint("amount > 0 AND nth > 0", name="amount"),
        CheckConstraint("tax_amount >= 0 AND tax_amount <= amount", name="tax"),
        CheckConstraint(
            "(kind = 'credit_note') = (refund_id IS NOT NULL) AND (kind = 'credit_note') = (corrects_id IS NOT NULL)",
            name="corrects",
        ),
        unique_where("uq_receipts_attempt", "attempt_id", where="kind = 'receipt'"),
        Index("ix_receipts_attempt_id", "attempt_id"),
        Index("ix_receipts_client_id_issued_at", "client_id", "issued_at"),
        Index("ix_receipts_practitioner_id_issued_at", "practitioner_id", "issued_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[ReceiptKind] = status(ReceiptKind)
    series: Mapped[str] = mapped_column(ForeignKey("receipt_series.code"))
    nth: Mapped[int]
    number: Mapped[str] = mapped_column(String(32))  # series and nth as people read them
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"))
    refund_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refunds.id"))
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("receipts.id"))  # a credit note: which receipt
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioners.id"))  # empty: the house's own
    client_name: Mapped[str] = mapped_column(String(120))
    issuer_name: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(String(20))  # the checkout's kind: what was paid for, in a discreet word
    title: Mapped[str] = mapped_column(String(120), default="")  # only for who asked to have sessions named
    starts_at: Mapped[datetime | None]
    zone: Mapped[str] = mapped_column(String(64))  # the client's: dates on paper stay the same
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    method: Mapped[str] = mapped_column(String(40))  # how it was paid, by the label of that day
    charge_ref: Mapped[str] = mapped_column(String(120), default="")
    reference: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(30), default="")  # of a credit note: the refund's own word
    tax_name: Mapped[str] = mapped_column(String(40), default="")
    tax_rate: Mapped[int] = mapped_column(default=0)  # hundredths of a percent
    tax_number: Mapped[str] = mapped_column(String(40), default="")
    tax_amount: Mapped[int] = mapped_column(BigInteger, default=0)  # of the amount
    issued_at: Mapped[datetime]
    attempt: Mapped[Attempt] = relationship()
    refund: Mapped[Refund | None] = relationship()
    corrects: Mapped["Receipt | None"] = relationship(remote_side="Receipt.id")
    booking: Mapped[Booking | None] = relationship()
    client: Mapped[User] = relationship()
    practitioner: Mapped[Practitioner | None] = relationship()

    @property
    def money(self) -> Money:
        """What was paid, or given back."""
        return Money(self.amount, self.currency)

    @property
    def tax(self) -> Money:
        """The tax in it."""
        return Money(self.tax_amount, self.currency)

    @property
    def is_credit(self) -> bool:
        """Whether it says that money was given back."""
        return self.kind is ReceiptKind.CREDIT_NOTE


class PracticeTax(Base):
    """The tax that a practitioner's prices include, as it is put on receipts from now on."""

    __tablename__ = "practice_taxes"
    __table_args__ = (
        CheckConstraint("rate BETWEEN 0 AND 5000", name="rate"),
        CheckConstraint("rate = 0 OR name <> ''", name="name"),
    )

    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), default="")
    rate: Mapped[int] = mapped_column(default=0)  # hundredths of a percent
    number: Mapped[str] = mapped_column(String(40), default="")
