"""What somebody who takes part in a booking keeps in mind about it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.lib.chance import new_id
from app.models.base import Base
from app.models.people import User


class BookingNote(Base):
    """One person's private note on one booking: for its writer and staff, never for the other side."""

    __tablename__ = "booking_notes"
    __table_args__ = (
        UniqueConstraint("booking_id", "user_id"),
        CheckConstraint("length(text) BETWEEN 1 AND 2000", name="text"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    user: Mapped[User] = relationship()
