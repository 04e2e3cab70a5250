"""Reading packages: what is left of them, and what they have paid for."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.domain.checkout_kinds import CHECKOUT_KINDS
from app.domain.lifecycle import BookingStatus, CheckoutStatus
from app.domain.modes import MODES
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Booking, Checkout, Package, PackageUse, Practitioner, Role, User
from app.services.core import batching
from app.services.core.errors import NotFound
from app.services.ledger import checkouts, prepaid_balances

_PAID_AFTER = [code for code, mode in MODES.items() if mode.is_paid_after]
_AHEAD = (BookingStatus.CONFIRMED, BookingStatus.IN_PROGRESS)  # their bill comes once they took place


@dataclass(frozen=True)
class Held:
    """A package as its client and its practitioner see it."""

    package: Package
    left: int  # sessions that can be used; none once it is over
    rest: Money  # what they are worth
    bookings: list[Booking]  # paid with it, the newest first
    bookable: bool  # whether its service can still be booked with it

    @property
    def is_awaited(self) -> bool:
        """Whether it pays for a session that was asked for in time, though its end has come."""
        return self.package.ended_at is None and is_awaited(self.package)

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
    loaded = (selectinload(Package.client), selectinload(Package.practitioner), selectinload(Package.service))
    rows = db.session.scalars(statement.options(*loaded).order_by(Package.bought_at.desc(), Package.id)).all()
    with batching.about("package", [package.id for package in rows]):
        return [held(package) for package in rows]


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
    used = _used(package.id)
    return [nth for nth in range(1, package.sessions + 1) if nth not in used]


@batching.batched("package", list)
def _used(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[int]]:
    out = select(PackageUse.package_id, PackageUse.nth).where(PackageUse.package_id.in_(ids))
    return batching.grouped((of, nth) for of, nth in db.session.execute(out.where(PackageUse.returned_at.is_(None))))


def asked_at(checkout: Checkout) -> datetime:
    """When the session was asked for: an end of a package binds this, not when the session is, or is paid (bookings 25)."""
    return (checkout.booking or checkout).created_at


def is_awaited(package: Package) -> bool:
    """Whether a session that was asked for in time may still be paid with the package: it is answered, or paid, later."""
    if not free(package):
        return False
    unanswered = Booking.status == BookingStatus.PENDING_APPROVAL
    paid_after = Booking.mode_code.in_(_PAID_AFTER) & Booking.status.in_(_AHEAD)
    asked = select(Booking.id).where(Booking.client_id == package.client_id, Booking.service_id == package.service_id)
    in_time = asked.where(Booking.created_at < package.expires_at, Booking.places == 1, unanswered | paid_after)
    return db.session.scalars(in_time).first() is not None or any(_pays(package, bill) for bill in _bills(package))


def _bills(package: Package) -> list[Checkout]:
    kinds = [kind for kind, rules in CHECKOUT_KINDS.items() if rules.takes_package]
    theirs = select(Checkout).where(Checkout.client_id == package.client_id, Checkout.kind.in_(kinds))
    return list(db.session.scalars(theirs.where(Checkout.status == CheckoutStatus.OPEN)))


def _pays(package: Package, bill: Checkout) -> bool:
    service = checkouts.service_of(bill)
    in_time = prepaid_balances.is_open(package, asked_at(bill))
    return service is not None and service.id == package.service_id and in_time and checkouts.is_payable(bill)


def _bookings(package: Package) -> list[Booking]:
    return _paid_with(package.id)


@batching.batched("package", list)
def _paid_with(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Booking]]:
    statement = (
        select(PackageUse.package_id, Booking)
        .select_from(Booking)
        .join(Checkout, Checkout.booking_id == Booking.id)
        .join(Attempt, Attempt.checkout_id == Checkout.id)
        .join(PackageUse, PackageUse.attempt_id == Attempt.id)
        .where(PackageUse.package_id.in_(ids))
        .order_by(PackageUse.used_at.desc())
    )
    return batching.grouped((of, booking) for of, booking in db.session.execute(statement))


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
