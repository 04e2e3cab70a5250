"""Several sessions paid for at once: what is offered, what was bought, and which session was paid with it."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.domain.lifecycle import PackageStatus
from app.domain.money import Money
from app.lib.chance import new_id
from app.models.base import Base, status, unique_where
from app.models.ledger.checkouts import Attempt, Checkout
from app.models.people import User
from app.models.practice.practitioners import Practitioner, Service


class PackageOffer(Base):
    """So many sessions of a service for a price; withdrawn it is not sold any more, and what was sold stays as it is."""

    __tablename__ = "package_offers"
    __table_args__ = (
        CheckConstraint("sessions BETWEEN 2 AND 100", name="sessions"),
        CheckConstraint("price_amount >= sessions", name="price"),
        CheckConstraint("valid_days BETWEEN 1 AND 1095", name="valid_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    sessions: Mapped[int]
    price_amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    valid_days: Mapped[int | None]  # from the payment on; empty: for ever
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    service: Mapped[Service] = relationship()

    @property
    def price(self) -> Money:
        """What all of it costs."""
        return Money(self.price_amount, self.currency)

    @property
    def is_sold(self) -> bool:
        """Whether it can be bought now, and its sessions then be paid with it."""
        service = self.service
        able = service.is_sold and not service.mode.reserves
        return self.active and able and service.currency == self.currency


class Package(Base):
    """What a client bought, on the terms of that day; the row exists only once it is paid. Its money is in the ledger."""

    __tablename__ = "packages"
    __table_args__ = (
        CheckConstraint("sessions BETWEEN 2 AND 100", name="sessions"),
        CheckConstraint("price_amount >= sessions", name="price"),
        CheckConstraint("(status = 'active') = (ended_at IS NULL)", name="ended"),
        Index("ix_packages_client_id_bought_at", "client_id", "bought_at"),
        Index("ix_packages_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkouts.id"), unique=True)
    title: Mapped[str] = mapped_column(String(120))  # of the service, that day
    minutes: Mapped[int]
    sessions: Mapped[int]
    price_amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[PackageStatus] = status(PackageStatus)
    expires_at: Mapped[datetime | None]
    bought_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    client: Mapped[User] = relationship()
    practitioner: Mapped[Practitioner] = relationship()
    service: Mapped[Service] = relationship()
    checkout: Mapped[Checkout] = relationship()

    @property
    def price(self) -> Money:
        """What was paid for all of it."""
        return Money(self.price_amount, self.currency)

    def value(self, nth: int) -> Money:
        """What the nth session is worth, from 1 on: the price in equal parts, what does not divide in the first ones."""
        each, rest = divmod(self.price_amount, self.sessions)
        return Money(each + (nth <= rest), self.currency)


_OUT = "returned_at IS NULL"


class PackageUse(Base):
    """The nth session of a package has paid for something; once it is given back, it may pay again by another row."""

    __tablename__ = "package_uses"
    __table_args__ = (
        CheckConstraint("nth BETWEEN 1 AND 100", name="nth"),
        CheckConstraint("amount > 0", name="amount"),
        unique_where("uq_package_uses_nth", "package_id", "nth", where=_OUT),
    )

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempts.id"), primary_key=True)
    package_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("packages.id"))
    nth: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[datetime]
    returned_at: Mapped[datetime | None]
    package: Mapped[Package] = relationship()
    attempt: Mapped[Attempt] = relationship()
