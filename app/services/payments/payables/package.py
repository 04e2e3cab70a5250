"""Paying for several sessions at once: the package is there only with the money."""

from datetime import datetime, timedelta

from app.domain.lifecycle import CheckoutStatus, PackageStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.chance import new_id
from app.models import Checkout, Package, PackageOffer
from app.services.core.transaction import GATEWAY, record
from app.services.ledger import checkouts
from app.services.notifications import notices
from app.services.payments.payables.fulfilment import Fulfilment


def try_fulfil(checkout: Checkout, money: Money, _at: datetime) -> Fulfilment:
    """The package is the client's on the terms it was paid for; not if it was given up, or is not sold any more.

    Nor is it for so little that a session would cost nothing.
    """
    offer = checkouts.offer_of(checkout)
    sessions = (checkout.draft or {})["sessions"]
    if checkout.status is CheckoutStatus.CANCELLED or not offer.is_sold or money.amount < sessions:
        return Fulfilment.GONE
    package = _new(checkout, offer, money)
    db.session.add(package)
    db.session.flush()
    record("package", package.id, "", package.status, GATEWAY)
    _tell(package)
    return Fulfilment.DONE


def _new(checkout: Checkout, offer: PackageOffer, money: Money) -> Package:
    draft = checkout.draft or {}
    service = offer.service
    days = draft["valid_days"]
    return Package(
        id=new_id(),
        client_id=checkout.client_id,
        practitioner_id=service.practitioner_id,
        service_id=service.id,
        checkout_id=checkout.id,
        checkout=checkout,
        practitioner=service.practitioner,
        title=service.title,
        minutes=service.minutes,
        sessions=draft["sessions"],
        price_amount=money.amount,
        currency=money.currency,
        status=PackageStatus.ACTIVE,
        expires_at=clock.now() + timedelta(days=days) if days else None,
        bought_at=clock.now(),
    )


def _tell(package: Package) -> None:
    data = {"amount": package.price_amount, "currency": package.currency, "package": str(package.id)}
    until = {"until": package.expires_at.isoformat()} if package.expires_at else {}
    told = data | until | {"who": package.practitioner.name, "count": package.sessions}
    notices.tell(package.client_id, "package_bought", cause=package.id, data=told)
    told = data | {"who": package.checkout.client.name, "count": package.sessions}
    notices.tell(package.practitioner.user_id, "package_sold", cause=package.id, data=told)
