"""A question in writing and everything the two people wrote; the consultation exists only once it is paid."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import ConsultationStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.ledger.checkouts import Checkout
from app.models.people import User
from app.models.practice.practitioners import Practitioner


class Consultation(Base):
    """What a client asked a practitioner in writing, at the price, the fee and the deadline of that day."""

    __tablename__ = "consultations"
    __table_args__ = (
        CheckConstraint("price_amount > 0", name="price"),
        CheckConstraint("fee_amount >= 0 AND fee_amount <= price_amount", name="fee"),
        CheckConstraint("(status IN ('answered', 'closed')) = (answered_at IS NOT NULL)", name="answered"),
        CheckConstraint("(answered_at IS NULL) = (closes_at IS NULL)", name="closes"),
        CheckConstraint("(status IN ('closed', 'declined', 'expired')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("open_days >= 0", name="open_days"),
        Index("ix_consultations_client_id_asked_at", "client_id", "asked_at"),
        Index("ix_consultations_practitioner_id_asked_at", "practitioner_id", "asked_at"),
        Index("ix_consultations_status_answer_by", "status", "answer_by"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), unique=True)
    fee_amount: Mapped[int] = mapped_column(BigInteger)  # the platform's part of the price
    price_amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[ConsultationStatus] = status(ConsultationStatus)
    asked_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]  # later the money goes back; empty: asked before there were deadlines
    answered_at: Mapped[datetime | None]
    open_days: Mapped[int]  # for so long after the answer both may go on writing
    closes_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    client_read: Mapped[int] = mapped_column(default=0)  # the number of the last message the client has read
    practitioner_read: Mapped[int] = mapped_column(default=0)
    client: Mapped[User] = relationship()
    practitioner: Mapped[Practitioner] = relationship()
    checkout: Mapped[Checkout] = relationship()
    messages: Mapped[list["ConsultationMessage"]] = relationship(
        primaryjoin="Consultation.checkout_id == foreign(ConsultationMessage.checkout_id)",
        order_by="ConsultationMessage.number",
        viewonly=True,
    )

    @property
    def price(self) -> Money:
        """What was paid for it."""
        return Money(self.price_amount, self.currency)


class ConsultationMessage(Base):
    """What one of the two wrote, sealed. The first is the question: it is there before it is paid, and read by nobody until then.

    It belongs to the checkout, because that is all there is before the payment.
    """

    __tablename__ = "consultation_messages"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        UniqueConstraint("checkout_id", "number"),
        UniqueConstraint("checkout_id", "author_id", "request_key"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"))
    number: Mapped[int]  # 1, 2, 3 ... of its consultation
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    text: Mapped[str] = mapped_column(Text)  # sealed; empty where only files were sent
    request_key: Mapped[str | None] = mapped_column(String(80))
    written_at: Mapped[datetime]
    files: Mapped[list["ConsultationFile"]] = relationship(back_populates="message", order_by="ConsultationFile.place")


class ConsultationFile(Base):
    """A picture or PDF sent with a message, sealed; kept in the database so that it is there when its row is."""

    __tablename__ = "consultation_files"
    __table_args__ = (CheckConstraint("size > 0", name="size"), UniqueConstraint("message_id", "place"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consultation_messages.id"))
    place: Mapped[int]  # 1, 2, 3 of its message
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))  # by its content, never by its name
    size: Mapped[int]
    content: Mapped[str] = mapped_column(Text, deferred=True)  # sealed
    message: Mapped[ConsultationMessage] = relationship(back_populates="files")
