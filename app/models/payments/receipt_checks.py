"""Gateways' receipts that somebody shows for a payment, and how many payments were nobody's here."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import ReceiptCheckStatus, ReceiptSource
from app.lib.chance import new_id
from app.models.base import Base, status, unique_where, word
from app.models.ledger.checkouts import Attempt


class ReceiptCheck(Base):
    """A receipt, of whom it is said to be, and what the gateway's own answer came to; nothing about who paid it.

    Committed before the gateway is asked. One checkout shows one receipt once, and one receipt lands once.
    """

    __tablename__ = "receipt_checks"
    __table_args__ = (
        UniqueConstraint("checkout_id", "receipt"),
        Index("ix_receipt_checks_gateway_receipt", "gateway", "receipt"),
        Index("ix_receipt_checks_next_try_at", "next_try_at"),
        unique_where("uq_receipt_checks_landed", "gateway", "receipt", where="status = 'landed'"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"))
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    gateway: Mapped[str] = mapped_column(String(20))
    receipt: Mapped[str] = mapped_column(String(40))
    source: Mapped[ReceiptSource] = word(ReceiptSource, 10)
    status: Mapped[ReceiptCheckStatus] = status(ReceiptCheckStatus)
    verdict: Mapped[str] = mapped_column(String(40), default="")  # why it was refused or is doubted, in a word
    conversations: Mapped[list[Any]]  # what the gateway called each question when it took it
    early: Mapped[list[Any]]  # answers that came before it was known what the gateway calls the question; then nothing
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]  # when somebody showed it last
    settled_at: Mapped[datetime | None]
    attempt: Mapped[Attempt] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether the gateway's answer is waited for."""
        return self.status is ReceiptCheckStatus.OPEN


class ForeignPayments(Base):
    """How many payments to our account on a day (UTC) named nothing of ours; nothing else of them is kept."""

    __tablename__ = "foreign_payments"
    __table_args__ = (UniqueConstraint("gateway", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    count: Mapped[int]
