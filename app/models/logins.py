"""Who may act as whom: logins, accounts whose address is not proved yet, codes by mail or SMS, identities elsewhere."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, status
from app.models.people import User


class LoginKind(StrEnum):
    """What acts for the person."""

    BROWSER = "browser"
    PROGRAM = "program"


class Scope(StrEnum):
    """What a program may do."""

    ALL = "all"
    READ = "read"  # GET alone


class Login(Base):
    """A browser that is logged in, or a program with a bearer token; of its secret only the digest is stored.

    It is good for one version of the account: a raised one ends it, though the row is still there.
    """

    __tablename__ = "logins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[LoginKind] = status(LoginKind)
    scope: Mapped[Scope] = status(Scope)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))  # the browser, or what the person calls the program
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]  # to five minutes
    proved_at: Mapped[datetime]  # when the person last proved who they are, not just that their page is open
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user: Mapped[User] = relationship()


class SignUp(Base):
    """An account to be: nobody has proved yet that the address is theirs, so it has no rights and several may name it."""

    __tablename__ = "sign_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # of the token of the browser or program that began it
    address: Mapped[str] = mapped_column("email", String(254), index=True)  # or a number in E.164
    password_hash: Mapped[str] = mapped_column(String(255))  # empty without a password
    name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    zone: Mapped[str] = mapped_column(String(64))
    wish: Mapped[dict[str, Any] | None]  # what they ask for once they are proved (services/scheduling/guests)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class CodePurpose(StrEnum):
    """What a code that was sent is for."""

    SIGN_UP = "sign_up"
    LOG_IN = "log_in"
    NEW_PASSWORD = "new_password"  # noqa: S105  (a word, not a password)
    NEW_ADDRESS = "new_address"
    CONFIRM = "confirm"  # that it is the person at the keyboard
    INVITATION = "invitation"  # to have an account with a role, or the role (models/invitations)
    PHONE = "phone"  # that a number is theirs, who have an address already


class MailedCode(Base):
    """A code, and a link, that prove who reads what is sent to an address: to one by mail, to a number in E.164 by SMS.

    Neither is stored: both are made of the row's id with the secret key (services/accounts/mailed_codes).
    """

    __tablename__ = "mailed_codes"
    __table_args__ = (Index("ix_mailed_codes_mailed_at_expires_at", "mailed_at", "expires_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    purpose: Mapped[CodePurpose] = status(CodePurpose)
    address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))  # of a mail to somebody who has no account
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # whose wish it is, where known
    sign_up_id: Mapped[int | None] = mapped_column(ForeignKey("sign_ups.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]  # by whoever sends it now
    mailed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    sign_up: Mapped[SignUp | None] = relationship()


class Identity(Base):
    """What a provider calls one of its people, who logs in here as ours; by the address they found each other only once."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
