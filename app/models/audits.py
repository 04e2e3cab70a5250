"""What the daily looks found: over the books, and over our accounts at others."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Audit(Base):
    """One run of the audit: how many things were checked and which were broken (none: all is well)."""

    __tablename__ = "audits"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    checks: Mapped[int]
    breaches: Mapped[list[Any]]


class Checkup(Base):
    """One look at keys, webhooks and what else ends by itself, with all that was wrong: each source, topic and words."""

    __tablename__ = "checkups"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    troubles: Mapped[list[Any]]
