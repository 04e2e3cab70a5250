"""Credit by where it came from: each entry of a wallet is divided into lots, and stays so by trigger."""

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.ledger.journal import LedgerEntry


class CreditMove(Base):
    """What one entry of a wallet brought into a lot (plus) or took from it (minus).

    A lot is credit that came of one payment, whoever has it now; without a payment nobody knows where it came from.
    """

    __tablename__ = "credit_moves"
    __table_args__ = (
        UniqueConstraint("entry_id", "attempt_id", "payable"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("attempt_id IS NOT NULL OR NOT payable", name="payable"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    payable: Mapped[bool]  # the payment could not go back the way it came, so this may be paid out
    amount: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[LedgerEntry] = relationship()
