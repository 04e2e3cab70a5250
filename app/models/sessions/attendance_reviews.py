"""Who came to a session, where the two sides do not say the same."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import AttendanceClaim, AttendanceStatus
from app.lib.chance import new_id
from app.models.base import Base, status, unique_where
from app.models.bookings.booking import Booking


class AttendanceReview(Base):
    """Staff are to look at who came: at most one open of a booking; what was said stands in the trail."""

    __tablename__ = "attendance_reviews"
    __table_args__ = (
        CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
        unique_where("uq_attendance_reviews_open", "booking_id", where="status = 'open'"),
        Index("ix_attendance_reviews_booking_id", "booking_id"),
        Index("ix_attendance_reviews_status_opened_at", "status", "opened_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"))
    claim: Mapped[AttendanceClaim] = status(AttendanceClaim)
    status: Mapped[AttendanceStatus] = status(AttendanceStatus)
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    booking: Mapped[Booking] = relationship()
