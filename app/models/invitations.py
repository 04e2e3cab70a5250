"""Who was asked to have an account with a role, and has not answered."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, status
from app.models.people import Role


class Invitation(Base):
    """One that is open: its row is gone once it was taken, withdrawn, or ran out. An address has one at most.

    The link that takes it is made of its mailed code, which is not stored (services/accounts/mailed_codes).
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = status(Role)
    language: Mapped[str] = mapped_column(String(8))
    code_id: Mapped[uuid.UUID] = mapped_column(unique=True)  # a code that was let go opens nothing any more
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # empty: who runs the machine
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
