"""Messages: what to tell whom, written in the transaction that causes it, and what became of each copy."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, index_where, status
from app.models.bookings.booking import Booking
from app.models.people import User


class Channel(StrEnum):
    """A way a message reaches a person besides the app."""

    MAIL = "mail"
    SMS = "sms"


class Outcome(StrEnum):
    """What became of one copy of a message; stored as a plain word, empty while it waits."""

    SENT = "sent"
    STALE = "stale"  # no longer true
    OFF = "off"  # switched off meanwhile
    REFUSED = "refused"  # the number takes none
    LIMITED = "limited"  # the person has had as many SMS as there are in a day


class Notification(Base):
    """One message to one person, for one cause: in the app at once, sent by its deliveries after the commit."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_booking_id_kind", "booking_id", "kind"),
        Index("ix_notifications_user_id_created_at", "user_id", "created_at"),
        index_where("ix_notifications_unread", "user_id", where="read_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(40))
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"))
    data: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
    booking: Mapped[Booking | None] = relationship()
    deliveries: Mapped[list["Delivery"]] = relationship(
        back_populates="notification", order_by="Delivery.id", lazy="selectin"
    )

    @property
    def mail(self) -> "Delivery | None":
        """Its copy by mail: every message has one, also one that is switched off."""
        return next((each for each in self.deliveries if each.channel is Channel.MAIL), None)

    @property
    def mailed_at(self) -> datetime | None:
        """When the mail was settled: sent, or dropped (see `outcome`)."""
        return self.mail.done_at if self.mail else None

    @property
    def outcome(self) -> str:
        """What became of the mail, a word of Outcome; empty while it waits."""
        return self.mail.outcome if self.mail else ""


class Delivery(Base):
    """One copy of a message by one channel: tried again and settled whatever becomes of the other."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notification_id", "channel"),
        Index("ix_deliveries_done_at_due_at", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notification_id: Mapped[int] = mapped_column(ForeignKey("notifications.id"))
    channel: Mapped[Channel] = status(Channel)
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]  # sent, or not needed any more: see `outcome`
    outcome: Mapped[str] = mapped_column(String(20), default="")  # of Outcome
    sent_to: Mapped[str] = mapped_column(String(80), default="", server_default="")  # where it went that day, masked
    tries: Mapped[int] = mapped_column(default=0)
    notification: Mapped[Notification] = relationship(back_populates="deliveries")
