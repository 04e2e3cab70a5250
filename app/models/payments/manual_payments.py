"""What a payer shows for money sent by other means."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import ProofStatus
from app.lib.chance import new_id
from app.models.base import Base, status, unique_where
from app.models.ledger.checkouts import Attempt

_WAITING = "status = 'waiting'"


class Proof(Base):
    """A picture or PDF of a payment, with the payer's words; kept in the database so that it is there when its row is."""

    __tablename__ = "proofs"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        unique_where("uq_proofs_waiting", "attempt_id", where=_WAITING),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))  # by its content, never by its name
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    status: Mapped[ProofStatus] = status(ProofStatus)
    reason: Mapped[str] = mapped_column(String(500), default="")
    sent_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    attempt: Mapped[Attempt] = relationship()
