"""What a late payer may choose while the money has not gone back: a near time, credit, or the money now (complaint 5)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import contains_eager

from app.domain.lifecycle import Actor, BookingStatus, RefundStatus
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Checkout, Refund, Service, User
from app.services import bookings
from app.services.bookings import attendees
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, lock, transaction
from app.services.ledger import checkouts, refunds
from app.services.payments import attempts
from app.services.practice.slots import FreeSlot
from app.services.prepaid import wallet
from app.services.scheduling import kept_times

_NEAR = 3
_AROUND = timedelta(days=7)


@dataclass(frozen=True)
class Offer:
    """A refund that waits for the client's choice until its deadline (UTC), and the near times that are free."""

    refund: Refund
    until: datetime
    near: list[FreeSlot]


def of(checkout: Checkout) -> Offer | None:
    """What the client may still choose for the checkout's late money."""
    refund = _waiting(checkout)
    if refund is None or refund.offer_until is None:
        return None
    return Offer(refund, refund.offer_until, near(checkout))


def waiting_for(client: User) -> list[Refund]:
    """Every late payment the client may still choose about, the most urgent first."""
    statement = select(Refund).join(Attempt, Attempt.id == Refund.attempt_id).join(Checkout)
    mine = statement.where(Checkout.client_id == client.id, _is_open()).order_by(Refund.offer_until)
    mine = mine.options(contains_eager(Refund.attempt).contains_eager(Attempt.checkout))
    return list(db.session.scalars(mine))


def near(checkout: Checkout) -> list[FreeSlot]:
    """The free times of the same service closest to the one that was lost."""
    service = checkouts.service_of(checkout)
    start = checkouts.starts_at(checkout)
    return _closest(service, start, _places(checkout), checkout.client) if service and start else []


def instead(booking: Booking) -> list[FreeSlot]:
    """The free times closest to that of a booking which ended without a session, so that a no is not the end of it."""
    refused = booking.starts_at if booking.status is BookingStatus.DECLINED else None
    return _closest(booking.service, booking.starts_at, booking.places, booking.client, but=refused)


def _closest(
    service: Service, start: datetime, places: int, client: User, but: datetime | None = None
) -> list[FreeSlot]:
    if not service.is_sold:
        return []
    around = max(start, clock.now())
    zone = ZoneInfo(service.practitioner.zone)
    first, last = ((around + sign * _AROUND).astimezone(zone).date() for sign in (-1, 1))
    times = kept_times.free_times(service, first, last, client)
    free = [slot for slot in times if slot.places_left >= places and slot.start != but]
    return sorted(sorted(free, key=lambda slot: abs(slot.start - start))[:_NEAR], key=lambda slot: slot.start)


def take_money(checkout_id: uuid.UUID, client: User) -> None:
    """The money goes back now. Raises NotFound, Conflict (offer_closed)."""
    with transaction():
        refund = _locked(_own(checkout_id, client))
        refunds.send_now(refund)


def take_credit(checkout_id: uuid.UUID, client: User) -> None:
    """The money is in the client's wallet. Raises NotFound, Conflict (offer_closed)."""
    with transaction():
        refund = _locked(_own(checkout_id, client))
        _give_credit(refund, client)


def take_time(checkout_id: uuid.UUID, client: User, start: datetime) -> Booking | None:
    """The money pays for another time of the same service; where that needs a yes first, it is credit until then.

    Raises NotFound, Invalid, Conflict (offer_closed, slot_taken, balance_due, price_has_risen, attempt_unresolved); nothing
    has changed then but for a place that is kept a few minutes.
    """
    old = _own(checkout_id, client)
    if _waiting(old) is None:
        raise Conflict("offer_closed")
    service_id = _service(old).id
    made = bookings.request(client, service_id, start, places=_places(old), notes=_notes(old), names=_names(old))
    if made.checkout is not None:
        attempts.close(made.checkout.id)
    with transaction():
        refund = _locked(_own(checkout_id, client))
        _give_credit(refund, client)
        if made.checkout is not None and checkouts.takes_credit(made.checkout):
            _pay(made.checkout, client)
        booking_id = made.booking.id if made.booking else made.checkout.booking_id if made.checkout else None
    return bookings.fresh(booking_id) if booking_id else None


def _give_credit(refund: Refund, client: User) -> None:
    credited = refunds.try_credit(refund, Who(Actor.CLIENT, client.id))
    if not credited:
        raise Conflict("offer_closed")


def _own(checkout_id: uuid.UUID, client: User) -> Checkout:
    """The checkout of the person who paid; nobody else chooses for them, staff neither. Raises NotFound."""
    checkout = checkouts.get(checkout_id, client)
    if checkout.client_id != client.id:
        raise NotFound
    return checkout


def _pay(checkout: Checkout, client: User) -> None:
    try:
        attempt, _ = wallet.pay_inside(checkout.id, client, None)
    except Conflict as problem:
        raise Conflict("price_has_risen") if problem.code == "insufficient_balance" else problem from None
    if attempt is None:  # another try to pay the same is still open: without it the money would only be credit
        raise Conflict("attempt_unresolved")


def _waiting(checkout: Checkout) -> Refund | None:
    statement = (
        select(Refund)
        .join(Attempt, Attempt.id == Refund.attempt_id)
        .where(Attempt.checkout_id == checkout.id, _is_open())
    )
    return db.session.scalars(statement).first()


def _is_open() -> ColumnElement[bool]:
    asked = and_(Refund.status == RefundStatus.ASKED, Refund.tries == 0)
    return and_(asked, Refund.offer_until > clock.now())


def _locked(checkout: Checkout) -> Refund:
    found = _waiting(checkout)
    if found is not None:
        lock(Attempt, found.attempt_id)
        lock(Refund, found.id)
        found = _waiting(checkout)
    if found is None:
        raise Conflict("offer_closed")
    return found


def _service(checkout: Checkout) -> Service:
    service = checkouts.service_of(checkout)
    if service is None:
        raise Conflict("offer_closed")
    return service


def _places(checkout: Checkout) -> int:
    return checkout.booking.places if checkout.booking else int((checkout.draft or {}).get("places", 1))


def _notes(checkout: Checkout) -> str:
    return checkout.booking.notes if checkout.booking else str((checkout.draft or {}).get("notes", ""))


def _names(checkout: Checkout) -> list[str]:
    if checkout.booking is None:
        return list((checkout.draft or {}).get("names", ()))
    return [attendee.name for attendee in attendees.of(checkout.booking)]
