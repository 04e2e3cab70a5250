"""Second factors: what somebody has beside a password or their mail. No row opens anything to who copies the table."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Passkey(Base):
    """A key pair that the person's device or password manager keeps; here is only the public half."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    handle: Mapped[str] = mapped_column(
        String(64)
    )  # by which the person's devices know whose it is; one for all of theirs
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # as in the answers, in base64url
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(
        BigInteger
    )  # how often it signed, as the device says; 0 where it does not count
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]  # an answer to a challenge from before this is a repetition


class CodeApp(Base):
    """An app that shows a new code every half minute (TOTP, RFC 6238); one for each person."""

    __tablename__ = "code_apps"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    secret: Mapped[str] = mapped_column(Text)  # sealed
    last_step: Mapped[int] = mapped_column(
        BigInteger
    )  # the half minute of the last code that was used; 0 before the first
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # by a first code; until then it is no factor
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for who has lost the rest, good once: the row goes with its use. Of the code only the digest is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    digest: Mapped[str] = mapped_column(String(64))
