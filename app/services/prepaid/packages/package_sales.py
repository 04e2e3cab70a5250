"""Buying a package, and its end: the rest refunded by who sold it or by staff, or credit when its time is over."""

import uuid

from flask_babel import force_locale
from sqlalchemy import Select, select

from app import words
from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import Actor, PackageStatus
from app.extensions import db
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Checkout, Package, PackageOffer, Role, User
from app.services import practice
from app.services.core import idempotency
from app.services.core.errors import Conflict, Forbidden, NotFound
from app.services.core.transaction import CLOCK, Who, lock, transaction
from app.services.ledger import checkouts, prepaid_balances, reviews
from app.services.notifications import notices
from app.services.payments.attempts import lock_with_attempts
from app.services.prepaid import gifts
from app.services.prepaid.packages.package_offers import sold_by
from app.services.prepaid.packages.package_queries import can_be_booked, is_awaited


def buy(client: User, offer_id: int, request_key: str | None = None) -> Checkout:
    """Something to be paid that becomes a package; asked for again while it waits, or with the same key, it is the same one.

    Raises Forbidden, NotFound, Conflict (not_taking_bookings).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    offer = sold_by(offer_id)
    with force_locale(client.language):
        title = words.package_title(offer.sessions, offer.service.title)[:120]
    with transaction():
        lock(User, client.id)  # two presses are looked at one by one
        draft: dict[str, object] = {"offer_id": offer.id, "sessions": offer.sessions, "valid_days": offer.valid_days}
        key = idempotency.key_for(request_key, CheckoutKind.PACKAGE, offer.id, offer.price)
        if same := _same(client, offer, draft, key):
            return same
        if practice.is_blocked(offer.service.practitioner_id, client.id):
            raise Conflict("not_taking_bookings")  # nothing could be booked with it
        return checkouts.open_for_an_hour(CheckoutKind.PACKAGE, client, offer.price, title, draft, key)


def _same(client: User, offer: PackageOffer, draft: dict[str, object], key: str | None) -> Checkout | None:
    if found := checkouts.made_with(client, key):
        return found
    waiting = checkouts.open_drafts(client, CheckoutKind.PACKAGE)
    return next((c for c in waiting if c.draft == draft and c.money == offer.price and checkouts.is_payable(c)), None)


def refund(package_id: uuid.UUID, user: User) -> Package:
    """The money of the sessions that are left goes back, and the package is over: by who sold it, or by staff.

    By its client once no session can be booked with it any more. Raises NotFound, Forbidden, Conflict (package_over,
    nothing_left, under_review).
    """
    with transaction():
        found = db.session.get(Package, package_id)
        if found is None:
            raise NotFound
        who = _part(found, user)
        lock_with_attempts(found.checkout_id)
        package = lock(Package, package_id) or found
        _check_refundable(package, who)
        gifts.give_back(package, "package_ended", who)
        return package


def _check_refundable(package: Package, who: Who) -> None:
    if package.status is not PackageStatus.ACTIVE:
        raise Conflict("package_over")
    if not prepaid_balances.left(package).amount:
        raise Conflict("nothing_left")
    if who.actor is not Actor.STAFF and reviews.of_checkout(package.checkout):
        raise Conflict("under_review")
    if who.actor is Actor.CLIENT and can_be_booked(package):
        raise Forbidden("forbidden")


def _part(package: Package, user: User) -> Who:
    if user.role is Role.STAFF:
        return Who(Actor.STAFF, user.id)
    if package.practitioner.is_of(user):
        return Who(Actor.PRACTITIONER, user.id)
    if user.id == package.client_id:
        return Who(Actor.CLIENT, user.id)
    raise NotFound


def _lapsed() -> Select[uuid.UUID]:
    return select(Package.id).where(Package.status == PackageStatus.ACTIVE, Package.expires_at <= moments.now())


@found_by(_lapsed)
def overdue() -> list[uuid.UUID]:
    """Ids of packages whose time is over."""
    return list(db.session.scalars(_lapsed().order_by(Package.expires_at).limit(500)))


def expire(package_id: uuid.UUID) -> bool:
    """Whether the package is over because its time is, with the rest as the client's credit.

    Not while staff look at its payment, nor while a session that was asked for in time waits to be paid with it.
    """
    with transaction():
        package = lock(Package, package_id)
        if package is None or package.status is not PackageStatus.ACTIVE or prepaid_balances.is_open(package):
            return False
        if reviews.of_checkout(package.checkout) or is_awaited(package):
            return False
        rest = prepaid_balances.finish(package, "expire", CLOCK)
        if rest.amount:
            data = {"amount": rest.amount, "currency": rest.currency, "package": str(package.id)}
            told = data | {"who": package.practitioner.name}
            notices.tell(package.client_id, "package_expired", cause=package.id, data=told)
        return True
