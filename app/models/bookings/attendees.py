"""Who comes to a session, where that is not just who pays for it; and who waits for a place."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import OPEN_WAITS, WaitStatus
from app.lib.chance import new_id
from app.models.base import Base, one_of, status, unique_where
from app.models.bookings.booking import Booking
from app.models.people import User
from app.models.practice.practitioners import Service


class Attendee(Base):
    """Somebody who comes: a child, a partner, a friend; they need no account, and their link touches only their seat."""

    __tablename__ = "attendees"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    away_at: Mapped[datetime | None]  # said that they cannot come
    created_at: Mapped[datetime]
    booking: Mapped[Booking] = relationship()


_OPEN = one_of("status", OPEN_WAITS)


class Wait(Base):
    """A client who waits for places at a time that is full; an offer is a booking with a hold and a deadline."""

    __tablename__ = "waits"
    __table_args__ = (
        CheckConstraint("places >= 1", name="places"),
        CheckConstraint("(status IN ('waiting', 'left')) = (booking_id IS NULL) OR status = 'lapsed'", name="offer"),
        unique_where("uq_waits_open", "client_id", "service_id", "starts_at", where=_OPEN),
        Index("ix_waits_status_starts_at", "status", "starts_at"),
    )  # fmt: skip

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    starts_at: Mapped[datetime]
    places: Mapped[int]
    status: Mapped[WaitStatus] = status(WaitStatus)
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    client: Mapped[User] = relationship()
    service: Mapped[Service] = relationship()
    booking: Mapped[Booking | None] = relationship()
