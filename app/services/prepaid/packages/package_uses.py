"""A session is paid with a package: at once, in one transaction, through the same apply_fact as every payment."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import select

from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, GatewayEvent
from app.lib import chance, clock
from app.models import Attempt, Booking, Checkout, Package, PackageUse, Practitioner, User
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import lock, transaction
from app.services.ledger import checkouts, journal, prepaid_balances, reviews, splits
from app.services.payments import inbox
from app.services.payments.attempts import Prepared, begun_with, check_payable, lock_with_attempts, new_attempt
from app.services.prepaid.packages.package_queries import asked_at, free

_NEVER = datetime.max.replace(tzinfo=UTC)


def usable(checkout: Checkout) -> list[Package]:
    """The payer's packages that can pay for this, the one that ends first first."""
    if not _takes_package(checkout) or not checkouts.is_payable(checkout):
        return []
    return [package for package in _of_client(checkout) if not _why_not(checkout, package)]


def pay(checkout_id: uuid.UUID, client: User, package_id: uuid.UUID | None, request_key: str | None) -> Prepared:
    """One session of the package pays the checkout, which costs what the session is worth from then on.

    Without `package_id` it is the one that ends first. No attempt comes back when another try is in the way.
    Raises NotFound, Invalid (unknown_gateway, idempotency_key_reused), Conflict (checkout_closed, slot_taken, under_review,
    no_package, package_other, package_over, package_used_up, package_held).
    """
    with transaction():
        checkout, attempts = lock_with_attempts(checkout_id)
        if checkout.client_id != client.id:
            raise NotFound
        if same := begun_with(attempts, request_key, journal.PACKAGE, None):
            return same, False
        check_payable(checkout)
        if any(attempt.is_live for attempt in attempts):
            return None, False
        if not _takes_package(checkout):
            raise Invalid("unknown_gateway", field="gateway")
        package = _locked(checkout, package_id)
        return _use(package, checkout, request_key), True


def _use(package: Package, checkout: Checkout, request_key: str | None) -> Attempt:
    nth = free(package)[0]
    money = package.value(nth)
    _reprice(checkout, money)
    attempt = new_attempt(checkout, journal.PACKAGE, chance.reference(), request_key)
    use = PackageUse(attempt_id=attempt.id, package_id=package.id, nth=nth, amount=money.amount, used_at=clock.now())
    db.session.add(use)
    db.session.flush()
    ref = f"package-{attempt.reference}"
    fact = Confirmed(money, ref)
    event = GatewayEvent(event_key=ref, kind="package.used", fact=fact, reference=attempt.reference, provider_ref=ref)
    inbox.take(journal.PACKAGE, event, source="package")
    if not checkout.paid_at:
        raise Conflict("slot_taken")  # nothing is taken for what cannot be had
    return attempt


def _reprice(checkout: Checkout, money: Money) -> None:
    if checkout.booking is not None:
        splits.agree(checkout.booking, money)
    checkout.amount = money.amount


# ------------------------------------------------------------------------------------------------ which one


def _takes_package(checkout: Checkout) -> bool:
    places = checkout.booking.places if checkout.booking else int((checkout.draft or {}).get("places", 1))
    return checkout.rules.takes_package and not checkout.manual_capture and places == 1


def _of_client(checkout: Checkout) -> list[Package]:
    service = checkouts.service_of(checkout)
    mine = select(Package).where(Package.client_id == checkout.client_id)
    found = db.session.scalars(mine.where(Package.service_id == (service.id if service else 0)))
    return sorted(found, key=lambda p: (p.expires_at or _NEVER, p.bought_at, str(p.id)))


def _locked(checkout: Checkout, package_id: uuid.UUID | None) -> Package:
    """The package to pay with, locked after the booking and the diary. Raises NotFound, Conflict."""
    _lock_before(checkout)
    if package_id is not None:
        asked = db.session.get(Package, package_id)
        if asked is None or asked.client_id != checkout.client_id:
            raise NotFound
        candidates = [asked]
    else:
        candidates = _of_client(checkout)
    why = "no_package"
    for candidate in candidates:
        package = lock(Package, candidate.id) or candidate
        why = _why_not(checkout, package)
        if not why:
            return package
    raise Conflict(why)


def _lock_before(checkout: Checkout) -> None:
    # Landing locks these; a cancellation holds them when it gives a session back: the same order for both.
    service = checkouts.service_of(checkout)
    if checkout.booking_id:
        lock(Booking, checkout.booking_id)
    if service is not None:
        lock(Practitioner, service.practitioner_id)


def _why_not(checkout: Checkout, package: Package) -> str:
    """Why the package cannot pay for this, as a problem's code; empty when it can."""
    service = checkouts.service_of(checkout)
    if service is None or service.id != package.service_id or not _fits(checkout, package):
        return "package_other"
    if not prepaid_balances.is_open(package, asked_at(checkout)):
        return "package_over"
    if reviews.of_checkout(package.checkout):
        return "package_held"
    return "" if free(package) else "package_used_up"


def _fits(checkout: Checkout, package: Package) -> bool:
    # A session that was moved to be longer costs more than one of the package.
    booking = checkout.booking
    is_short = booking is None or booking.minutes <= max(package.minutes, booking.agreed_minutes)
    return is_short and checkout.currency == package.currency
