"""What gateways told us, as received, and what a person must look at."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.lifecycle import InboxState
from app.domain.money import Money
from app.domain.news import NewsOwner
from app.models.base import Base, status


class InboxEntry(Base):
    """A gateway's event as received, or the answer to a look-up. Append-only but for what became of it."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("gateway", "event_key"),
        Index("ix_inbox_state_received_at", "state", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    event_key: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(20))  # callback | look_up | return | staff | pull
    kind: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str | None] = mapped_column(String(40))
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    fact: Mapped[dict[str, Any]]
    echo: Mapped[dict[str, Any]]
    body: Mapped[str] = mapped_column(Text, default="")  # only of news that is matched: others' is nobody's to keep
    owner: Mapped[NewsOwner] = status(NewsOwner, default=NewsOwner.OURS, server_default=NewsOwner.OURS.value)
    state: Mapped[InboxState] = status(InboxState)
    verdict: Mapped[str] = mapped_column(String(200), default="")
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("attempts.id"), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]  # or tried last, while it waits
    dismissed_at: Mapped[datetime | None]  # staff need not look at it any more; it is heard all the same

    @property
    def told(self) -> Money | None:
        """How much the news says it is about."""
        money = self.fact.get("money")
        return Money(**money) if money else None


class Review(Base):
    """Money or news that does not fit what we asked for: kept until a person resolves it."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("attempt_id", "reason", "charge_ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    reason: Mapped[str] = mapped_column(String(40))  # amount | second_charge | reference | disputed | ...
    detail: Mapped[str] = mapped_column(String(300), default="")
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    charge_ref: Mapped[str] = mapped_column(String(120), default="")
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str] = mapped_column(
        String(20), default=""
    )  # in_full | accept | refund | credit | write_off | close
    evidence: Mapped[str] = mapped_column(String(500), default="")


class RejectedCallbacks(Base):
    """How many forged or malformed callbacks came in on a day; their content is not kept."""

    __tablename__ = "rejected_callbacks"
    __table_args__ = (UniqueConstraint("gateway", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    count: Mapped[int]
    last_at: Mapped[datetime | None]  # none: counted before this was kept


class ForeignCallbacks(Base):
    """How many genuine callbacks of a day were another product's on the same account; nothing else of them is kept."""

    __tablename__ = "foreign_callbacks"
    __table_args__ = (UniqueConstraint("gateway", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    count: Mapped[int]
