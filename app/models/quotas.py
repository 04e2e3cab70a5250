"""How often something was done lately, by whom it may not be told."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class QuotaCount(Base):
    """How often a rule was used for a key since the window began; the key's digest alone is stored."""

    __tablename__ = "quota_counts"

    rule: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)  # from then on the next use begins a window of its own
