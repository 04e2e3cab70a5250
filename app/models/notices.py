"""The outbox of messages: what to tell whom, written in the transaction that causes it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.bookings import Booking
from app.models.people import User


class Notification(Base):
    """One message to one person: shown in the app at once, sent by mail after the commit, never twice for one cause."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_user_id_created_at", "user_id", "created_at"),
        Index("ix_notifications_mailed_at_due_at", "mailed_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(40))
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"))
    data: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]  # sent, or dropped because it was stale: see `outcome`
    outcome: Mapped[str] = mapped_column(String(20), default="")  # sent | stale
    tries: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
    booking: Mapped[Booking | None] = relationship()
