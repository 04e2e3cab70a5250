"""Finding a payment by anything people have at hand."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import decimal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import Attempt, Booking, Checkout, Dispute, InboxEntry, Refund, Review, User

_MOST = 30
_SHORTEST = 3  # fewer letters would find everybody


@dataclass(frozen=True)
class Found:
    """What a search found, the newest first."""

    attempts: list[Attempt]
    bookings: list[Booking]


def search(q: str) -> Found:
    """Payments and bookings that a reference, a phone number, an e-mail address or a name points at."""
    q = q.strip()
    if len(q) < _SHORTEST:
        return Found([], [])
    payments = select(Attempt).join(Checkout).join(User, User.id == Checkout.client_id)
    payments = payments.where(or_(_by_reference(q), _by_person(q))).order_by(Attempt.created_at.desc()).limit(_MOST)
    booked = select(Booking).join(User, User.id == Booking.client_id).where(or_(_by_booking(q), _by_person(q)))
    booked = booked.options(selectinload(Booking.client), selectinload(Booking.practitioner))
    booked = booked.order_by(Booking.created_at.desc()).limit(_MOST)
    return Found(list(db.session.scalars(payments)), list(db.session.scalars(booked)))


def _by_reference(q: str) -> ColumnElement[bool]:
    """Anything that names the payment: ours, the gateway's, a receipt, a refund's, a challenge's, an id."""
    names = _spellings(q)
    conditions = [
        Attempt.reference == q.upper(),
        Attempt.provider_ref.in_(names),
        Attempt.charge_ref.in_(names),
        Attempt.id.in_(_of_refund(q, names)),
        Attempt.id.in_(select(Review.attempt_id).where(Review.charge_ref.in_(names))),
        Attempt.id.in_(_of_dispute(q, names)),
    ]
    if (digits := _digits(q)) is not None:
        conditions.append(Attempt.phone.contains(digits))
    if (key := _uuid(q)) is not None:
        of_refund = Attempt.id.in_(select(Refund.attempt_id).where(Refund.id == key))
        conditions += [Attempt.id == key, Attempt.checkout_id == key, Checkout.booking_id == key, of_refund]
    return or_(*conditions)


def _spellings(q: str) -> set[str]:
    # Vendors' ids know small and capital letters, people who read them out do not.
    return {q, q.upper(), q.lower()}


def _of_refund(q: str, names: Iterable[str]) -> Select[Any]:
    """By its key, also as the vendor shows it after a retry, by the vendor's id, or by the charge it gives back."""
    key = re.sub(r"-\d+$", "", q)
    keys = {*names, key, f"rf_{key[3:].upper()}"}
    found = or_(Refund.key.in_(keys), Refund.provider_ref.in_(names), Refund.charge_ref.in_(names))
    return select(Refund.attempt_id).where(found)


def _of_dispute(q: str, names: Iterable[str]) -> Select[Any]:
    """By the charge; by the vendor's id of the dispute, which stands only in its news."""
    told = InboxEntry.body.contains(q, autoescape=True) & (InboxEntry.attempt_id == Dispute.attempt_id)
    named: ColumnElement[bool] = Dispute.charge_ref.in_(names)
    if re.match(r"(dp|du|disp)_", q):
        named = named | select(InboxEntry.id).where(told).exists()
    return select(Dispute.attempt_id).where(named)


def _by_booking(q: str) -> ColumnElement[bool]:
    key = _uuid(q)
    by_payment = select(Checkout.booking_id).join(Attempt).where(_by_reference(q), Checkout.booking_id.is_not(None))
    found = Booking.id.in_(by_payment)
    return or_(found, Booking.id == key) if key else found


def _by_person(q: str) -> ColumnElement[bool]:
    address = func.lower(User.address)
    name = User.name.icontains(q, autoescape=True)
    found = or_(address.contains(q.lower(), autoescape=True), name)
    digits = _digits(q)
    return or_(found, User.phone.contains(digits)) if digits else found


def _digits(q: str) -> str | None:
    """The digits of a phone number, without country code or leading zero; None when `q` is no number."""
    digits = re.sub(r"[\s().+-]", "", q)
    if not digits.isdecimal() or len(digits) < 6:
        return None
    return "".join(str(decimal(digit)) for digit in digits).lstrip("0")[-9:]


def _uuid(q: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(q)
    except ValueError:
        return None
