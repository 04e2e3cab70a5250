"""People: whoever logs in, and the bearer tokens of their programs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, status


class Role(StrEnum):
    """What a person may be; decided when the account is made."""

    CLIENT = "client"
    PRACTITIONER = "practitioner"
    STAFF = "staff"


class User(Base):
    """A person. The e-mail is stored in lower case; the phone in E.164; the zone is an IANA name."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_feed_key", "feed_key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = status(Role)
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8), default="en")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    active: Mapped[bool] = mapped_column(default=True)
    # What the person chose about messages (services/notifications/preferences); what is not there is as it comes.
    switches: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    feed_key: Mapped[str | None] = mapped_column(String(64))  # the secret in the address of their calendar
    # Raised to end every session and reset link that exists: a new password, say.
    session_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # a pseudonym stands for the person from then on (services/backoffice/erasure)

    # What flask-login asks of a user.
    @property
    def is_authenticated(self) -> bool:
        """True: anonymous visitors are another class."""
        return True

    @property
    def is_active(self) -> bool:
        """Whether the person may log in."""
        return self.active

    @property
    def is_anonymous(self) -> bool:
        """False: see is_authenticated."""
        return False

    def get_id(self) -> str:
        """What the session stores; a raised version makes every older session worthless."""
        return f"{self.id}.{self.session_version}"


class AccessToken(Base):
    """A bearer token of the JSON API; only its digest is stored."""

    __tablename__ = "access_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user: Mapped[User] = relationship()
