"""People: whoever logs in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, String, case
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, index_where, status


class Role(StrEnum):
    """What a person may be; staff change it (services/accounts/rights)."""

    CLIENT = "client"
    PRACTITIONER = "practitioner"
    STAFF = "staff"


class User(Base):
    """A person, whose address is proved: an e-mail address in lower case, or where they gave none a number in E.164.

    The phone is in E.164, the zone an IANA name.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_feed_key", "feed_key", unique=True),
        index_where("ix_users_erased", "id", where="erased_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column("email", String(254), unique=True)  # the column is older than numbers in it
    password_hash: Mapped[str] = mapped_column(String(255))  # empty without a password: a code by mail logs in then
    role: Mapped[Role] = status(Role)
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    phone_proved_at: Mapped[datetime | None]  # by a code sent to it; SMS go to no other number
    language: Mapped[str] = mapped_column(String(8), default="en")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    active: Mapped[bool] = mapped_column(default=True)
    # What the person chose about messages (services/notifications/preferences); what is not there is as it comes.
    switches: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    feed_key: Mapped[str | None] = mapped_column(String(64))  # the secret in the address of their calendar
    # Raised to end every login that exists: after a new password, say.
    session_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    seen_on: Mapped[date | None]  # the last day, in UTC, on which a login of theirs was used
    erased_at: Mapped[datetime | None]  # a pseudonym stands for the person from then on (services/backoffice/erasure)

    @hybrid_property
    def email(self) -> str:
        """The e-mail address; empty for who is known by their number alone."""
        return self.address if "@" in self.address else ""

    @email.inplace.setter
    def _email_setter(self, email: str) -> None:
        self.address = email

    @email.inplace.expression
    @classmethod
    def _email_expression(cls) -> ColumnElement[str]:
        return case((cls.address.contains("@"), cls.address), else_="")

    @property
    def gives_sessions(self) -> bool:
        """Whether the person is a practitioner today: neither suspended, nor anything else by now."""
        return self.active and self.role is Role.PRACTITIONER

    @property
    def proved_phone(self) -> str:
        """The number, where the person has shown that they read what is sent to it; else empty."""
        return self.phone if self.phone and self.phone_proved_at else ""

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
        """Flask-Login's name for the person; what a browser keeps is the secret of its login (services/accounts/logins)."""
        return str(self.id)
