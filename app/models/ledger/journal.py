"""The books: double entry in minor units, append-only. A trigger on both engines refuses every update and delete."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, one_of

# Where money can be. Of the first, `owner` is the gateway's code, and minus what it holds for us; of the others, plus
# what is there and whose it is (a user, a practitioner, an attempt, a gift, a package, a refund, a payout).
ACCOUNTS = (
    "gateway",  # at the payment provider
    "received",  # taken in and not placed yet: at rest only while a review is open
    "practitioner",  # payable to the practitioner
    "platform",  # the platform's fee
    "wallet",  # the client's credit
    "gift",  # given away as a code and not redeemed yet
    "package",  # paid for sessions that were not booked yet
    "refunds",  # on its way back
    "payouts",  # credit on its way out by hand
    "by_hand",  # sent by staff by other means
    "write_off",  # given up, or won, after a review or a dispute
)


class LedgerTransaction(Base):
    """One movement of money and its cause; its entries sum to zero per currency. The key makes it happen once."""

    __tablename__ = "ledger_transactions"
    __table_args__ = (Index("ix_ledger_transactions_kind_at", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(30))  # capture | land | refund_asked | refund_done | top_up | ...
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    at: Mapped[datetime]
    entries: Mapped[list["LedgerEntry"]] = relationship(back_populates="transaction", order_by="LedgerEntry.id")


class LedgerEntry(Base):
    """One side of a movement: plus comes into the account, minus leaves it (minor units)."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint(one_of("account", ACCOUNTS), name="account"),
        Index("ix_ledger_entries_account_owner", "account", "owner"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(ForeignKey("ledger_transactions.id"), index=True)
    account: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(40), default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    transaction: Mapped[LedgerTransaction] = relationship(back_populates="entries")
