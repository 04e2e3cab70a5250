"""What a practitioner keeps to show that a session took place."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.lib.chance import new_id
from app.models.base import Base


class SessionProof(Base):
    """A picture or PDF given with a completed session, for the practitioner and staff alone; at most one of a booking."""

    __tablename__ = "session_proofs"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"), unique=True)
    sent_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))  # by its content, never by its name
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sent_at: Mapped[datetime]
