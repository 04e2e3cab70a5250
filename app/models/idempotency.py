"""Answers kept so that a repeated request with the same Idempotency-Key does nothing twice."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class IdempotentRequest(Base):
    """One POST of the JSON API with an Idempotency-Key; `status` is empty while it is being worked on."""

    __tablename__ = "idempotent_requests"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    caller: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime]
