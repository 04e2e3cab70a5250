"""What a practitioner offers: so many sessions of a service for a price, within so many days."""

from dataclasses import dataclass

from sqlalchemy import select

from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import PackageOffer, Practitioner, Service, User
from app.services import practice
from app.services.core import payment_methods
from app.services.core.errors import Invalid, NotFound, check_all, needs
from app.services.core.transaction import lock, transaction

LEAST = 2
MOST = 100
LONGEST = 1095  # days
_LARGEST_ID = 2**31


@dataclass(frozen=True)
class Wish:
    """What is to be offered; the price in minor units of the service's currency, no days for ever."""

    service_id: int
    sessions: int
    price_amount: int
    valid_days: int | None = None


def offer(user: User, wish: Wish) -> PackageOffer:
    """The package is for sale; offered once more as it is, it is the same one.

    Raises NotFound, Invalid beside the field (out_of_range, package_reserves, amount_invalid, package_dearer, no_method).
    """
    with transaction() as session:
        service = practice.own_service(user, wish.service_id)
        lock(Practitioner, service.practitioner_id)  # two presses are looked at one by one
        _check(service, wish)
        if same := _same(service, wish):
            return same
        made = PackageOffer(
            service_id=service.id,
            service=service,
            sessions=wish.sessions,
            price_amount=wish.price_amount,
            currency=service.currency,
            valid_days=wish.valid_days,
            active=True,
            created_at=clock.now(),
        )
        session.add(made)
        session.flush()
        return made


def _check(service: Service, wish: Wish) -> None:
    check_all(
        (
            lambda: check_numbers(wish.sessions, wish.valid_days),
            lambda: needs(not service.mode.reserves, Invalid("package_reserves", field="service_id")),
            lambda: _check_price(service, wish),
        )
    )


def check_numbers(sessions: int, valid_days: int | None) -> None:
    """So many sessions can be sold at once, to be booked in so many days. Raises Invalid (out_of_range)."""
    check_all(
        (
            lambda: _in_range("sessions", sessions, LEAST, MOST),
            lambda: _in_range("valid_days", 1 if valid_days is None else valid_days, 1, LONGEST),
        )
    )


def _check_price(service: Service, wish: Wish) -> None:
    if wish.price_amount < max(1, wish.sessions):
        raise Invalid("amount_invalid", field="price")
    price = Money(wish.price_amount, service.currency)
    singly = service.price * wish.sessions
    if price.amount > singly.amount:
        raise Invalid("package_dearer", field="price", most=str(singly))
    if not payment_methods.accepting(price):
        raise Invalid("amount_not_taken", field="price", currency=service.currency)


def _in_range(field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise Invalid("out_of_range", field=field, least=least, most=most)


def _same(service: Service, wish: Wish) -> PackageOffer | None:
    statement = select(PackageOffer).where(
        PackageOffer.service_id == service.id,
        PackageOffer.sessions == wish.sessions,
        PackageOffer.price_amount == wish.price_amount,
        PackageOffer.currency == service.currency,
        PackageOffer.active.is_(True),
    )
    return next((found for found in db.session.scalars(statement) if found.valid_days == wish.valid_days), None)


def withdraw(offer_id: int, user: User) -> PackageOffer:
    """The package is not sold any more; those that were bought stay as they are. Raises NotFound."""
    with transaction():
        found = lock(PackageOffer, offer_id) if offer_id < _LARGEST_ID else None
        if found is None or not found.service.practitioner.is_of(user):
            raise NotFound
        found.active = False
        return found


def own_offers(user: User) -> list[PackageOffer]:
    """What the practitioner offers, also what cannot be bought just now."""
    return [each for each in _of(practice.of_user(user)) if each.active]


def offered_by(practitioner: Practitioner) -> list[PackageOffer]:
    """What anybody may buy of the practitioner now."""
    return [each for each in _of(practitioner) if each.is_sold]


def sold_by(offer_id: int) -> PackageOffer:
    """An offer that anybody may buy now. Raises NotFound."""
    found = db.session.get(PackageOffer, offer_id) if offer_id < _LARGEST_ID else None
    if found is None or not found.is_sold:
        raise NotFound
    return found


def _of(practitioner: Practitioner) -> list[PackageOffer]:
    statement = select(PackageOffer).join(Service).where(Service.practitioner_id == practitioner.id)
    return list(db.session.scalars(statement.order_by(PackageOffer.service_id, PackageOffer.sessions, PackageOffer.id)))
