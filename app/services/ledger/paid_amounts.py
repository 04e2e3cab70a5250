"""What was really paid, from the books: staff may have accepted another amount than was asked for. And whether it could go back."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from app.domain.checkout_kinds import Proceeds
from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import RefundSupport
from app.lib.tables.plans import beside
from app.models import Attempt, Booking, Checkout, LedgerEntry, LedgerTransaction, Refund
from app.services.core import batching, payment_methods
from app.services.ledger import journal

# What is worth less when less was paid (credit, a gift, a package) is no price of which a part was forgiven.
_HAS_PRICE = frozenset({Proceeds.SESSION, Proceeds.QUESTION})


def for_checkout(checkout: Checkout) -> Money | None:
    """What came to those it was meant for, whatever went back of it since; None while the checkout is not paid."""
    if checkout.status is not CheckoutStatus.PAID:
        return None
    tries = select(Attempt.id).where(Attempt.checkout_id == checkout.id)
    placed = _moved("land", LedgerTransaction.attempt_id.in_(tries))
    return Money(placed, checkout.currency) if placed else checkout.money  # nothing: from before there were books


def forgiven_of(checkout: Checkout, paid: Money | None) -> Money | None:
    """What of the price was not asked for any more when staff accepted `paid`; None where nothing was."""
    if paid is None or not has_price(checkout) or paid.amount >= checkout.amount:
        return None
    return checkout.money - paid


def has_price(checkout: Checkout) -> bool:
    """Whether less than was asked for leaves a part of a price unpaid, rather than buying less."""
    return checkout.rules.proceeds in _HAS_PRICE


def kept_of(checkout: Checkout) -> Money:
    """What gateways, credit or packages brought in for the checkout, less what is back or on its way back."""
    tries = select(Attempt.id).where(Attempt.checkout_id == checkout.id)
    back = db.session.scalar(select(func.coalesce(func.sum(Refund.amount), 0)).where(Refund.attempt_id.in_(tries)))
    taken = -_moved("capture", LedgerTransaction.attempt_id.in_(tries))
    return Money(max(0, taken - int(back or 0)), checkout.currency)


def _moved(kind: str, mine: ColumnElement[bool]) -> int:
    """How much movements of this kind took out of what was received (a capture brings it in: less than nothing)."""
    statement = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).join(LedgerEntry.transaction)
    found = statement.where(LedgerTransaction.kind == kind, LedgerEntry.account == "received", mine)
    return -int(db.session.scalar(found) or 0)


@dataclass(frozen=True)
class Paid:
    """What was really paid for a booking, whatever went back of it since, and what of its bills was forgiven."""

    money: Money | None = None  # None while nothing was paid
    forgiven: Money | None = None  # what staff did not ask for any more when they accepted less; None where nothing


def for_booking(booking: Booking) -> Paid:
    """What was really paid for the booking, and what of its price, fee or difference was forgiven."""
    asked, placed = _of_bookings(booking.id)
    if not placed:
        return Paid()
    return Paid(Money(placed, booking.currency), Money(asked - placed, booking.currency) if placed < asked else None)


@batching.batched("booking", lambda: (0, 0))
def _of_bookings(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """What the bills that are paid asked for, and what was placed of it."""
    bills = (
        select(Checkout.booking_id, func.sum(Checkout.amount))
        .where(Checkout.booking_id.in_(ids), beside(Checkout.status) == CheckoutStatus.PAID)
        .group_by(Checkout.booking_id)
    )
    asked = {key: int(amount) for key, amount in db.session.execute(bills) if key}
    if not asked:
        return {}
    moves = (
        select(LedgerTransaction.booking_id, -func.sum(LedgerEntry.amount))
        .join(LedgerEntry.transaction)
        .where(LedgerTransaction.booking_id.in_(asked), beside(LedgerTransaction.kind) == "land")
        .where(beside(LedgerEntry.account) == "received")
        .group_by(LedgerTransaction.booking_id)
    )
    placed = {key: int(amount) for key, amount in db.session.execute(moves)}
    return {key: (amount, placed.get(key, 0)) for key, amount in asked.items()}


def can_go_back(attempt: Attempt, money: Money, charge_ref: str = "") -> bool:
    """Whether the gateway could send just this amount of just this charge.

    One that is no longer set up could: the refund waits for staff.
    """
    if attempt.gateway in journal.OWN:
        return False
    gateway = payment_methods.offered().get(attempt.gateway)
    if gateway is None or gateway.capabilities.refunds == RefundSupport.PARTIAL:
        return True
    whole = money == attempt.money and bool(charge_ref or attempt.charge_ref)
    return gateway.capabilities.refunds == RefundSupport.FULL_ONLY and whole
