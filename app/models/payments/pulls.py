"""Which Kikao this is, and what was found when the gateways' own lists were gone through."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Installation(Base):
    """The one row that says which Kikao this database is. It is in backups, so what is restored is the same Kikao."""

    __tablename__ = "installations"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]


class Pull(Base):
    """One pass over what a gateway lists of its account; nothing of others' objects is kept but how many there were."""

    __tablename__ = "pulls"
    __table_args__ = (Index("ix_pulls_gateway_begun_at", "gateway", "begun_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    until: Mapped[datetime]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # null: under way, or interrupted
    error: Mapped[str] = mapped_column(String(60), default="")  # why the gateway could not be asked to the end
    seen: Mapped[int] = mapped_column(default=0)
    ours: Mapped[int] = mapped_column(default=0)
    others: Mapped[int] = mapped_column(default=0)
    landed: Mapped[int] = mapped_column(default=0)
    reviews: Mapped[int] = mapped_column(default=0)
    unheard: Mapped[int] = mapped_column(default=0)  # had its effect now, on a payment that was here: no webhook told
