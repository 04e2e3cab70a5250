"""What one side of a session thought of it, or of the other, and what the practitioner answered."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import RatingStatus
from app.lib.chance import new_id
from app.models.base import Base
from app.models.bookings.booking import Booking
from app.models.people import User
from app.models.practice.practitioners import Practitioner


class Rating(Base):
    """One person's rating of one session that took place; never changed by its writer and never deleted."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("booking_id", "user_id"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("length(feedback) <= 2000", name="feedback"),
        CheckConstraint("length(answer) <= 2000", name="answer"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered"),
        CheckConstraint("(hidden_at IS NULL) = (hidden_reason = '')", name="hidden"),
        CheckConstraint("NOT (of_client AND public)", name="private"),
        Index("ix_ratings_practitioner_id_created_at", "practitioner_id", "created_at"),
        Index("ix_ratings_user_id_created_at", "user_id", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))  # who wrote it
    of_client: Mapped[bool] = mapped_column(
        server_default=false()
    )  # by the practitioner, about the client; never public
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    stars: Mapped[int]
    feedback: Mapped[str] = mapped_column(Text, default="")
    public: Mapped[bool]
    recommends: Mapped[bool | None]
    tags: Mapped[list[Any]]  # keys of words.RATING_TAGS, in their order
    created_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    hidden_reason: Mapped[str] = mapped_column(String(500), default="")
    booking: Mapped[Booking] = relationship()
    user: Mapped[User] = relationship()
    practitioner: Mapped[Practitioner] = relationship()

    @property
    def by(self) -> str:
        """The name of who wrote it."""
        return self.practitioner.name if self.of_client else self.user.name

    @property
    def status(self) -> RatingStatus:
        """Whether it counts."""
        return RatingStatus.HIDDEN if self.hidden_at else RatingStatus.SHOWN
