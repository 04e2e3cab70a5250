"""Time that is taken: slots with a capacity, and the holds that count against it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, index_where


class Slot(Base):
    """A stretch of a practitioner's time for one service; made when it is first taken.

    `busy_from` and `busy_until` include the buffers. A slot whose holds have all ended is closed when another needs its
    time. No two open slots of a practitioner overlap: an exclusion constraint (PostgreSQL) or a trigger (SQLite) refuses.
    """

    __tablename__ = "slots"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at AND busy_from <= starts_at AND ends_at <= busy_until", name="order"),
        CheckConstraint("capacity >= 1", name="capacity"),
        # On SQLite the trigger against overlaps says so, too.
        CheckConstraint("busy_until <= busy_from + interval '1 day'", name="within_a_day").ddl_if(dialect="postgresql"),
        index_where("ix_slots_open", "practitioner_id", "busy_from", where="closed_at IS NULL"),
        Index("ix_slots_practitioner_id_busy_from", "practitioner_id", "busy_from"),
        Index("ix_slots_service_id_starts_at", "service_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    busy_from: Mapped[datetime]
    busy_until: Mapped[datetime]
    capacity: Mapped[int]
    closed_at: Mapped[datetime | None]


class Hold(Base):
    """The right to `places` of a slot until `expires_at` (None: confirmed, for good).

    Counts while it is not released and `expires_at` lies ahead, by the clock and not by a worker. A trigger on both
    engines refuses more live places than the slot has; it takes the time from `taken_at`, which the application sets.
    """

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("places >= 1", name="places"),
        Index("ix_holds_slot_id", "slot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slots.id"))
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"), unique=True)
    places: Mapped[int]
    taken_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    slot: Mapped[Slot] = relationship()


class GuestHold(Base):
    """`places` of a slot that count as taken until `expires_at`, while who asks for them proves their address.

    Nobody's right: whoever holds a booking there has one, and the database's own guards count bookings alone. `key` is that
    of the request.
    """

    __tablename__ = "guest_holds"
    __table_args__ = (CheckConstraint("places >= 1", name="places"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("slots.id"), index=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    places: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    slot: Mapped[Slot] = relationship()
