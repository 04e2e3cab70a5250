"""The agreement, and the trail of everything that changed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import Actor, BookingStatus
from app.domain.meetings import PROVIDERS, MeetingKind
from app.domain.modes import MODES, BookingMode
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status
from app.models.people import User
from app.models.practice.practitioners import Practitioner, Service, ServiceKind
from app.models.practice.slots import Hold, Slot


class Booking(Base):
    """Who pays, with whom, for what, when, at which frozen price and policy. Kept for ever; never without a status."""

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("places >= 1", name="places"),
        CheckConstraint(
            "call_ended_at IS NULL OR (call_started_at IS NOT NULL AND call_ended_at >= call_started_at)", name="call"
        ),
        UniqueConstraint("client_id", "request_key"),
        Index("ix_bookings_client_id_starts_at", "client_id", "starts_at"),
        Index("ix_bookings_client_id_status_starts_at", "client_id", "status", "starts_at"),
        Index("ix_bookings_practitioner_id_starts_at", "practitioner_id", "starts_at"),
        Index("ix_bookings_practitioner_id_status_starts_at", "practitioner_id", "status", "starts_at"),
        Index("ix_bookings_status_starts_at", "status", "starts_at"),
        Index("ix_bookings_status_deadline_at", "status", "deadline_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slots.id"), index=True)
    kind: Mapped[ServiceKind] = status(ServiceKind)  # whom it is for, as the service said that day
    meeting_kind: Mapped[MeetingKind] = status(MeetingKind, default=MeetingKind.GENERATED)  # the service's that day
    status: Mapped[BookingStatus] = status(BookingStatus)
    mode_code: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    places: Mapped[int]
    price_amount: Mapped[int] = mapped_column(BigInteger)  # for all places together
    fee_amount: Mapped[int] = mapped_column(BigInteger, default=0)  # the platform's part of the price, frozen
    agreed_amount: Mapped[int] = mapped_column(
        BigInteger
    )  # the price at first, from which that of each move is counted
    agreed_minutes: Mapped[int]  # how long it was to be at that price
    currency: Mapped[str] = mapped_column(String(3))
    policy: Mapped[dict[str, Any]]
    notes: Mapped[str] = mapped_column(Text, default="")
    deadline_at: Mapped[datetime | None]  # when the present status ends by itself
    reason: Mapped[str] = mapped_column(String(500), default="")  # why it was declined, cancelled or a no-show
    late: Mapped[bool] = mapped_column(default=False)  # the client cancelled later than was free
    moves: Mapped[int] = mapped_column(default=0)  # how often the client moved it without asking
    ended_by: Mapped[str] = mapped_column(String(20), default="")
    session_notes: Mapped[str] = mapped_column(Text, default="")  # sealed; the practitioner's alone
    meeting_where: Mapped[str] = mapped_column(String(500), default="")  # the link (empty: none yet), or the place
    call_started_at: Mapped[datetime | None]
    call_ended_at: Mapped[datetime | None]
    client_joined_at: Mapped[datetime | None]  # when the client first said that they are in the call
    practitioner_joined_at: Mapped[datetime | None]  # and the practitioner
    request_key: Mapped[str | None] = mapped_column(String(80))
    uid_host: Mapped[str] = mapped_column(String(255), default="")  # of a booking that calendars know by a host name
    version: Mapped[int] = mapped_column(default=1)  # one more per status change
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    started_by: Mapped[str] = mapped_column(
        String(20), default="", server_default=""
    )  # the part of who opened it first
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]  # when it was noted that the client did not come
    client: Mapped[User] = relationship()
    practitioner: Mapped[Practitioner] = relationship()
    service: Mapped[Service] = relationship()
    slot: Mapped[Slot] = relationship()
    hold: Mapped[Hold | None] = relationship(primaryjoin="Booking.id == foreign(Hold.booking_id)", viewonly=True)

    @property
    def price(self) -> Money:
        """The frozen price of all places."""
        return Money(self.price_amount, self.currency)

    @property
    def agreed_price(self) -> Money:
        """What it cost at first, `agreed_minutes` long: moved there and back it costs just that."""
        return Money(self.agreed_amount, self.currency)

    @property
    def minutes(self) -> int:
        """How long the session is, whatever its service says by now."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def fee(self) -> Money:
        """The platform's part of the price."""
        return Money(self.fee_amount, self.currency)

    @property
    def calendar_uid(self) -> str:
        """Its name in people's calendars, for ever (RFC 7986, 5.3: a UUID, and nothing that may change, such as a host)."""
        return f"{self.id}@{self.uid_host}" if self.uid_host else str(self.id)

    @property
    def mode(self) -> BookingMode:
        """How it was booked, whatever the service is sold under by now."""
        return MODES[self.mode_code]

    @property
    def is_online(self) -> bool:
        """Whether people meet by a link."""
        return PROVIDERS[self.meeting_kind].is_online

    @property
    def both_were_in_call(self) -> bool:
        """Whether each side has said that they are in the call."""
        return self.client_joined_at is not None and self.practitioner_joined_at is not None

    @property
    def call_minutes(self) -> int | None:
        """How long the call was, every begun minute counted; None while it has not ended."""
        if self.call_started_at is None or self.call_ended_at is None:
            return None
        return -(-int((self.call_ended_at - self.call_started_at).total_seconds()) // 60)


class Change(Base):
    """One status change: from, to, who, why, when. Append-only."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_subject_subject_id", "subject", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))  # booking | checkout | attempt | refund | ...
    subject_id: Mapped[str] = mapped_column(String(36))
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    from_status: Mapped[str] = mapped_column(String(24))  # empty: it came into being
    to_status: Mapped[str] = mapped_column(String(24))
    actor: Mapped[Actor] = status(Actor)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    why: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(index=True)
