"""What ends with somebody's rights: what they asked for, or were asked for, and nobody has paid for.

Each gateway is asked first, so this stands after the commit that took the right: in a job, and in every pass of the clock. What
is paid stays, and what is being paid is left alone until that is decided; money that comes later goes the way of all late money.
"""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.domain.checkout_kinds import OWED
from app.domain.lifecycle import TABS, Actor, CheckoutStatus
from app.extensions import db
from app.lib.tables.due_work import found_by
from app.models import Booking, Checkout, Practitioner, Role, User
from app.services import bookings
from app.services.core.transaction import Who
from app.services.ledger import checkouts
from app.services.payments import attempts

_STAFF = Who(Actor.STAFF)  # the person's own trail says who it was
_SUSPENDED = and_(User.active.is_(False), User.erased_at.is_(None))


def _clients() -> Select[int]:
    return select(Booking.client_id).where(_is_open_of_client())


def _owners() -> Select[int]:
    owners = select(Practitioner.user_id).join(Booking, Booking.practitioner_id == Practitioner.id)
    return owners.where(_is_open_of_practice())


def _debtors() -> Select[int]:
    return select(Checkout.client_id).where(_is_open_bill())


@found_by(_clients, _owners, _debtors)
def due() -> list[int]:
    """Ids of people whose rights have ended and who have something open."""
    found = (_clients(), _owners(), _debtors())
    return list(dict.fromkeys(user_id for each in found for user_id in db.session.scalars(each.limit(500))))


def end_of(user_id: int) -> int:
    """How much ended of what is open with this person, whose rights have ended."""
    practice = select(Practitioner.id).where(Practitioner.user_id == user_id)
    own = and_(Booking.client_id == user_id, _is_open_of_client())
    given = and_(Booking.practitioner_id.in_(practice), _is_open_of_practice())
    requests = _ids(select(Booking.id).where(or_(own, given)))
    bills = _ids(select(Checkout.id).where(Checkout.client_id == user_id, _is_open_bill()))
    for practitioner_id in _ids(practice):
        attempts.close_lost(practitioner_id)
    return sum(map(_try_end_request, requests)) + sum(map(_try_end_bill, bills))


def _is_open_of_client() -> ColumnElement[bool]:
    """SQL: a booking that waits, of a client who is suspended."""
    return and_(_waits(), Booking.client_id.in_(select(User.id).where(_SUSPENDED)))


def _is_open_of_practice() -> ColumnElement[bool]:
    """SQL: a booking that waits, in the practice of somebody who gives no sessions any more."""
    gone = or_(User.active.is_(False), User.role != Role.PRACTITIONER)
    return and_(_waits(), Booking.practitioner_id.in_(select(Practitioner.id).join(Practitioner.user).where(gone)))


def _waits() -> ColumnElement[bool]:
    return Booking.status.in_(TABS["waiting"])


def _is_open_bill() -> ColumnElement[bool]:
    """SQL: a bill for what is not there yet, of somebody suspended; not a debt."""
    whose = Checkout.client_id.in_(select(User.id).where(_SUSPENDED))
    return and_(
        Checkout.status == CheckoutStatus.OPEN, Checkout.booking_id.is_(None), Checkout.kind.not_in(OWED), whose
    )


def _ids(statement: Select[Any]) -> list[Any]:
    return list(db.session.scalars(statement))


def _try_end_request(booking_id: uuid.UUID) -> bool:
    for checkout_id in _ids(select(Checkout.id).where(Checkout.booking_id == booking_id)):
        attempts.close(checkout_id)
    return bookings.try_end_unpaid(booking_id, _STAFF)


def _try_end_bill(checkout_id: uuid.UUID) -> bool:
    attempts.close(checkout_id)
    return checkouts.try_end_draft(checkout_id, _STAFF)
