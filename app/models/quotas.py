"""What was done how often lately, and who was stopped: by an account where there is one, else by a digest."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base
from app.models.people import User


class QuotaCount(Base):
    """How often a rule was used for a key since the window began; the key's digest alone is stored."""

    __tablename__ = "quota_counts"

    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)  # from then on the next use begins a window of its own


class QuotaStop(Base):
    """How often one day (UTC) a quota stopped somebody: an account, or a stranger of whom only a digest is known."""

    __tablename__ = "quota_stops"
    __table_args__ = (UniqueConstraint("day", "rule", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    rule: Mapped[str] = mapped_column(String(40))
    who: Mapped[str] = mapped_column(String(64))  # "user:12", or the digest of whose share it was
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    count: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    user: Mapped[User | None] = relationship()
