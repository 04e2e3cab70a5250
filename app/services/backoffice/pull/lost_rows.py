"""Payments of ours that the rows do not know, because the database was put back to an earlier day.

The object at the vendor says whose it is and which checkout of ours it pays. Where that checkout is here, the try to pay
it is put back, and the news has its usual effect. Where it is lost too, a checkout of its own stands for it: nobody knows
what it was for or who paid, so the money waits for staff.
"""

import uuid
from enum import Enum, auto

from sqlalchemy.exc import IntegrityError

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import AttemptStatus, CheckoutStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Authorised, Confirmed, Gateway, Listed
from app.lib import chance, clock
from app.models import Attempt, Checkout, Role, User
from app.services.core.transaction import GATEWAY, lock, record, transaction

UNKNOWN_PAYER = "Unknown payer"


class PutBack(Enum):
    """What was there to put the payment back to."""

    NOTHING = auto()  # it is no payment, or does not say which of ours it is
    ATTEMPT = auto()
    CHECKOUT_LOST = auto()


def put_back(gateway: Gateway, listed: Listed) -> PutBack:
    """The try to pay that the object names has its row again. Of two at once the second finds the row of the first."""
    fact = listed.event.fact
    checkout_id = _id(listed.checkout)
    if not isinstance(fact, Confirmed | Authorised) or not listed.event.reference or checkout_id is None:
        return PutBack.NOTHING
    if fact.money is None or (isinstance(fact, Authorised) and db.session.get(Checkout, checkout_id) is None):
        return PutBack.NOTHING  # what is only reserved for a booking that is gone lapses by itself
    try:
        with transaction():
            checkout = lock(Checkout, checkout_id) or _stand_in(checkout_id, listed, fact.money)
            _attempt(checkout, gateway, listed)
            return _found(checkout)
    except IntegrityError:
        db.session.rollback()
        return _found(db.session.get_one(Checkout, checkout_id))


def stand_in_for(gateway: Gateway, listed: Listed) -> None:
    """A payment that says nothing but our reference has a row again, with a checkout of its own: what it was for is not said.

    The checkout's id comes of the reference, so that it is one however often, and by however many, it is found.
    """
    fact = listed.event.fact
    reference = listed.event.reference
    if not isinstance(fact, Confirmed) or fact.money is None or not reference:
        return
    checkout_id = uuid.uuid5(uuid.NAMESPACE_OID, f"{gateway.code}:{reference}")
    try:
        with transaction():
            _attempt(_stand_in(checkout_id, listed, fact.money), gateway, listed)
    except IntegrityError:
        db.session.rollback()  # somebody was quicker


def _found(checkout: Checkout) -> PutBack:
    return PutBack.CHECKOUT_LOST if checkout.kind is CheckoutKind.LOST else PutBack.ATTEMPT


def _id(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _attempt(checkout: Checkout, gateway: Gateway, listed: Listed) -> None:
    """Nobody waits for it any more: another may be under way, and of this one the vendor tells."""
    attempt = Attempt(
        id=chance.new_id(),
        checkout_id=checkout.id,
        checkout=checkout,
        gateway=gateway.code,
        reference=listed.event.reference,
        status=AttemptStatus.ABANDONED,
        amount=checkout.amount,
        currency=checkout.currency,
        account=gateway.account,
        request={},
        details={},
        provider_ref=listed.event.provider_ref,
        created_at=min(listed.happened_at, clock.now()),
        settled_at=clock.now(),
    )
    db.session.add(attempt)
    db.session.flush()
    record("attempt", attempt.id, "", attempt.status, GATEWAY, why="put back", booking_id=checkout.booking_id)


def _stand_in(checkout_id: uuid.UUID, listed: Listed, money: Money) -> Checkout:
    checkout = Checkout(
        id=checkout_id,
        kind=CheckoutKind.LOST,
        client=_unknown_payer(),
        title=str(listed.event.reference),
        amount=money.amount,
        currency=money.currency,
        status=CheckoutStatus.CANCELLED,
        expires_at=clock.now(),
        created_at=min(listed.happened_at, clock.now()),
    )
    db.session.add(checkout)
    db.session.flush()
    record("checkout", checkout.id, "", checkout.status, GATEWAY, why=checkout.rules.gone)
    return checkout


def _unknown_payer() -> User:
    """Somebody of whom nothing is here: as whoever was erased, they are told nothing and can do nothing."""
    payer = User(
        email=f"lost-{chance.token()[:12]}@erased.invalid",
        password_hash="",
        role=Role.CLIENT,
        name=UNKNOWN_PAYER,
        active=False,
        created_at=clock.now(),
        erased_at=clock.now(),
    )
    db.session.add(payer)
    db.session.flush()
    return payer
