"""Something to be paid, and every try to pay it."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.checkout_kinds import CHECKOUT_KINDS, CheckoutKind, CheckoutRules
from app.domain.lifecycle import LIVE_ATTEMPTS, AttemptStatus, CheckoutStatus, PendingOperation
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, one_of, status, unique_where, word
from app.models.bookings.booking import Booking
from app.models.people import User


class Checkout(Base):
    """An amount to be paid until a deadline. `draft` carries what is booked once paid, where nothing may exist before."""

    __tablename__ = "checkouts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        UniqueConstraint("client_id", "request_key"),
        unique_where("uq_checkouts_open_booking", "booking_id", where="status = 'open'"),
        Index("ix_checkouts_client_id_status", "client_id", "status"),
        Index("ix_checkouts_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[CheckoutKind] = word(CheckoutKind, 20)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(120))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[CheckoutStatus] = status(CheckoutStatus)
    manual_capture: Mapped[bool] = mapped_column(default=False)  # the amount is reserved first, taken on approval
    expires_at: Mapped[datetime]
    request_key: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    client: Mapped[User] = relationship()
    booking: Mapped[Booking | None] = relationship()
    attempts: Mapped[list["Attempt"]] = relationship(back_populates="checkout", order_by="Attempt.created_at")

    @property
    def rules(self) -> CheckoutRules:
        """What is true of everything of its kind."""
        return CHECKOUT_KINDS[self.kind]

    @property
    def money(self) -> Money:
        """What is to be paid."""
        return Money(self.amount, self.currency)


_LIVE = one_of("status", LIVE_ATTEMPTS)


class Attempt(Base):
    """One try at one gateway. Committed before the gateway is called; everything the call needs is frozen here.

    The database allows one live attempt per checkout, and one attempt per vendor's payment and per charge.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_ref"),
        UniqueConstraint("gateway", "charge_ref"),
        UniqueConstraint("checkout_id", "request_key"),
        unique_where("uq_attempts_live", "checkout_id", where=_LIVE),
        Index("ix_attempts_next_look_up_at", "next_look_up_at"),
        Index("ix_attempts_status_gateway_settled_at", "status", "gateway", "settled_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), index=True)
    gateway: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[AttemptStatus] = status(AttemptStatus)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    account: Mapped[str | None] = mapped_column(String(40))  # ours at the vendor; null: from before it was written down
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164; whose phone is asked to pay
    request: Mapped[dict[str, Any]]  # what start() is given, frozen
    step: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what start() answered: how the payer goes on
    details: Mapped[dict[str, Any]]  # values the vendor's news must repeat
    # The practitioner on whose word alone it is paid, in cash: they have it. No foreign key: PostgreSQL would lock the
    # practitioner's row, which is the diary, before the checkout and the booking.
    held_by: Mapped[int | None]
    unsent: Mapped[bool] = mapped_column(default=False, server_default=false())  # for certain the vendor heard nothing
    busy: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # the vendor was too busy to say what it did
    sent_at: Mapped[datetime | None]  # of the call that counts, where an earlier one was not heard; null: created_at
    provider_ref: Mapped[str | None] = mapped_column(String(120))
    charge_ref: Mapped[str | None] = mapped_column(String(120))
    failure: Mapped[str] = mapped_column(String(40), default="")  # a FailureCode
    vendor_code: Mapped[str] = mapped_column(String(60), default="")
    cross_checked: Mapped[bool] = mapped_column(default=True)  # False: paid, says unsigned news, and no look-up yet
    capture_before: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]  # when the vendor says it took the money, never before it was asked nor to come
    settles_by: Mapped[datetime | None]  # the payer has done their part, and their bank may take so long
    pending_operation: Mapped[PendingOperation] = word(
        PendingOperation, 10, name="ending", default=PendingOperation.NONE
    )
    request_key: Mapped[str | None] = mapped_column(String(80))
    look_ups: Mapped[int] = mapped_column(default=0)
    looked_up_at: Mapped[datetime | None]
    next_look_up_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    checkout: Mapped[Checkout] = relationship(back_populates="attempts")

    @property
    def money(self) -> Money:
        """What was asked for."""
        return Money(self.amount, self.currency)

    @property
    def heard_at(self) -> datetime:
        """Since when the vendor may know of it; where it is unsent, that is still to come."""
        return self.sent_at or self.created_at

    @property
    def is_hardly_begun(self) -> bool:
        """Whether it most likely came to nothing at a vendor that was too busy to say: other ways are open at once."""
        return self.busy and self.provider_ref is None

    @property
    def is_paid(self) -> bool:
        """Whether it brought in money."""
        return self.status is AttemptStatus.PAID

    @property
    def is_claimed(self) -> bool:
        """Whether unsigned news says that it was paid, and the gateway's own answer has not agreed."""
        return not self.cross_checked and not self.is_paid

    @property
    def is_live(self) -> bool:
        """Whether its outcome is open and no other try may begin."""
        return self.status in LIVE_ATTEMPTS
