"""Reading packages: what is left of them, and what they have paid for."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Booking, Checkout, Package, PackageUse, Practitioner, Role, User
from app.services.core.errors import NotFound
from app.services.ledger import prepaid_balances


@dataclass(frozen=True)
class Held:
    """A package as its client and its practitioner see it."""

    package: Package
    left: int  # sessions that can be used; none once it is over
    rest: Money  # what they are worth
    bookings: list[Booking]  # paid with it, the newest first
    bookable: bool  # whether its service can still be booked with it

    @property
    def state(self) -> str:
        """In a word: open, used_up (until a session comes back), or its status. A key of words.PACKAGES."""
        if prepaid_balances.is_open(self.package):
            return "open" if self.left else "used_up"
        return self.package.status.value if self.package.ended_at else "expired"


def get(package_id: uuid.UUID, user: User) -> Held:
    """The package, if the person bought or sold it or is staff. Raises NotFound."""
    package = db.session.get(Package, package_id)
    if package is None:
        raise NotFound
    if not (user.id == package.client_id or package.practitioner.is_of(user) or user.role is Role.STAFF):
        raise NotFound
    return held(package)


def for_client(client: User) -> list[Held]:
    """What the client bought, the newest first."""
    return _all(select(Package).where(Package.client_id == client.id))


def for_practitioner(user: User) -> list[Held]:
    """What the practitioner sold, the newest first."""
    return _all(select(Package).where(Package.practitioner_id.in_(Practitioner.ids_of(user))))


def _all(statement: Select[Package]) -> list[Held]:
    return [held(package) for package in db.session.scalars(statement.order_by(Package.bought_at.desc(), Package.id))]


def held(package: Package) -> Held:
    """What is left of the package."""
    left = len(free(package)) if prepaid_balances.is_open(package) else 0
    return Held(package, left, prepaid_balances.left(package), _bookings(package), can_be_booked(package))


def can_be_booked(package: Package) -> bool:
    """Whether what it was bought for is still offered in a way that it can pay for."""
    service = package.service
    return service.is_sold and not service.mode.reserves and service.currency == package.currency


def free(package: Package) -> list[int]:
    """The numbers of the sessions that are not used, the first first."""
    out = select(PackageUse.nth).where(PackageUse.package_id == package.id, PackageUse.returned_at.is_(None))
    used = set(db.session.scalars(out))
    return [nth for nth in range(1, package.sessions + 1) if nth not in used]


def _bookings(package: Package) -> list[Booking]:
    statement = (
        select(Booking)
        .join(Checkout, Checkout.booking_id == Booking.id)
        .join(Attempt, Attempt.checkout_id == Checkout.id)
        .join(PackageUse, PackageUse.attempt_id == Attempt.id)
        .where(PackageUse.package_id == package.id)
        .order_by(PackageUse.used_at.desc())
    )
    return list(db.session.scalars(statement))


def of_booking(booking: Booking) -> Package | None:
    """The package the booking was paid with."""
    statement = (
        select(Package)
        .join(PackageUse, PackageUse.package_id == Package.id)
        .join(Attempt, Attempt.id == PackageUse.attempt_id)
        .join(Checkout, Checkout.id == Attempt.checkout_id)
        .where(Checkout.booking_id == booking.id)
    )
    return db.session.scalars(statement).first()


def of_checkout(checkout: Checkout) -> Package | None:
    """The package that was paid for, if that is what was paid for."""
    bought = prepaid_balances.bought_with(checkout)
    return bought if isinstance(bought, Package) else None
