"""Time that a practitioner's other calendar says is taken."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.practice.practitioners import Practitioner


class BusyFeed(Base):
    """The address of another calendar of a practitioner, and how its last fetch went."""

    __tablename__ = "busy_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    url: Mapped[str] = mapped_column(String(500))  # a secret: whoever has it reads the calendar
    problem: Mapped[str] = mapped_column(
        String(40), default=""
    )  # why the last fetch failed: a key of words.FEED_PROBLEMS
    created_at: Mapped[datetime]
    next_fetch_at: Mapped[datetime] = mapped_column(index=True)
    fetched_at: Mapped[datetime | None]  # the last that went well
    left_out: Mapped[str] = mapped_column(String(300), default="")  # names of entries that repeat beyond measure
    practitioner: Mapped[Practitioner] = relationship()

    @property
    def host(self) -> str:
        """Where it is, without what is secret in its address."""
        return urlsplit(self.url).hostname or ""

    @property
    def known_at(self) -> datetime:
        """When its busy times were last read; when it was given, where they never were."""
        return self.fetched_at or self.created_at


class BusyTime(Base):
    """A stretch of time in which nothing new can be booked; replaced whole with each fetch of its feed."""

    __tablename__ = "busy_times"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_busy_times_practitioner_id_starts_at", "practitioner_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    feed_id: Mapped[int] = mapped_column(ForeignKey("busy_feeds.id", ondelete="CASCADE"), index=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
