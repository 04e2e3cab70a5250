"""Something to be paid: opened for what it pays for, shown with the ways to pay it, closed."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.checkout_kinds import CHECKOUT_KINDS, CheckoutKind, Drafted
from app.domain.lifecycle import Actor, CheckoutStatus
from app.domain.modes import MODES
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Gateway
from app.lib import clock
from app.lib.chance import new_id
from app.lib.tables.plans import beside
from app.models import Booking, Checkout, PackageOffer, Practitioner, Role, Service, User
from app.services import practice
from app.services.core import batching, payment_methods
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, lock, record, transaction


def ways(checkout: Checkout) -> list[Gateway]:
    """The gateways by which the checkout can be paid."""
    return payment_methods.accepting(checkout.money, reserving=checkout.manual_capture)


def takes_credit(checkout: Checkout) -> bool:
    """Whether it can be paid from the wallet: not a top-up, and not what is only reserved at first."""
    return checkout.rules.takes_credit and not checkout.manual_capture


def open_booking(booking: Booking) -> Checkout:
    """The booking can be paid until its deadline; inside the caller's transaction."""
    if booking.deadline_at is None:
        raise RuntimeError("a booking without a deadline cannot be paid")
    return _add(_bill(booking, CheckoutKind.BOOKING, booking.deadline_at), Who(Actor.CLIENT, booking.client_id))


def open_until(booking: Booking, deadline: datetime) -> Checkout:
    """The booking's checkout is open until then: a new one, or the one whose amount is reserved already."""
    found = open_for(booking)
    if found is None:
        return open_booking(booking)
    found.expires_at = deadline
    return found


def open_owed(booking: Booking, kind: CheckoutKind, money: Money, overdue_at: datetime, who: Who) -> Checkout:
    """The client owes this for the booking; it can be paid for as long as it is owed. Inside the caller's transaction."""
    return _add(_bill(booking, kind, overdue_at, money), who)


def _bill(booking: Booking, kind: CheckoutKind, expires_at: datetime, money: Money | None = None) -> Checkout:
    money = money or booking.price
    may_reserve = CHECKOUT_KINDS[kind].may_reserve
    return Checkout(
        id=new_id(),
        kind=kind,
        client_id=booking.client_id,
        booking_id=booking.id,
        title=booking.title,
        amount=money.amount,
        currency=money.currency,
        manual_capture=may_reserve and MODES[booking.mode_code].reserves,
        status=CheckoutStatus.OPEN,
        expires_at=expires_at,
        created_at=clock.now(),
    )


def made_with(client: User, key: str | None) -> Checkout | None:
    """What the client asked for with this key before."""
    statement = select(Checkout).where(Checkout.client_id == client.id, Checkout.request_key == key)
    return db.session.scalars(statement).one_or_none() if key else None


def open_question(client: User, draft: dict[str, Any], price: Money, title: str, request_key: str | None) -> Checkout:
    """A question in writing can be paid for an hour; it is not asked before that.

    In the caller's transaction. `draft` says whom it is for and what was promised; the question itself is a sealed message
    of the checkout.
    """
    return open_for_an_hour(CheckoutKind.CONSULTATION, client, price, title, draft, request_key)


def open_for_an_hour(
    kind: CheckoutKind, client: User, money: Money, title: str, draft: dict[str, Any], request_key: str | None
) -> Checkout:
    """What `draft` describes can be paid for an hour, and is not there before. In the caller's transaction."""
    until = clock.now() + timedelta(hours=1)
    return open_described(kind, client, money, title, draft, until, request_key)


def open_described(
    kind: CheckoutKind,
    client: User,
    money: Money,
    title: str,
    draft: dict[str, Any],
    until: datetime,
    request_key: str | None,
) -> Checkout:
    """What `draft` describes can be paid until then, and is not there before. In the caller's transaction."""
    checkout = Checkout(
        id=new_id(),
        kind=kind,
        client_id=client.id,
        draft=draft,
        title=title,
        amount=money.amount,
        currency=money.currency,
        status=CheckoutStatus.OPEN,
        expires_at=until,
        request_key=request_key,
        created_at=clock.now(),
    )
    return _add(checkout, Who(Actor.CLIENT, client.id))


def find_draft(client: User, service: Service, start: datetime, request_key: str | None) -> Checkout | None:
    """The checkout of an earlier request for the same draft: by its key, else an open one for its time."""
    mine = select(Checkout).where(Checkout.client_id == client.id, Checkout.kind == CheckoutKind.DRAFT_BOOKING)
    if request_key:
        found = db.session.scalar(mine.where(Checkout.request_key == request_key))
        if found is not None:
            return found
    still_open = mine.where(Checkout.status == CheckoutStatus.OPEN, Checkout.expires_at > clock.now())
    for checkout in db.session.scalars(still_open):
        # As instants: one time may be written with many offsets.
        if (checkout.draft or {})["service_id"] == service.id and starts_at(checkout) == start:
            return checkout
    return None


def open_drafts(user: User, kind: CheckoutKind = CheckoutKind.DRAFT_BOOKING) -> list[Checkout]:
    """The person's drafts of a kind that can be paid or are being checked; the newest first."""
    mine = select(Checkout).where(Checkout.client_id == user.id, Checkout.kind == kind)
    open_ones = mine.where(Checkout.status == CheckoutStatus.OPEN).options(selectinload(Checkout.attempts))
    rows = db.session.scalars(open_ones.order_by(Checkout.created_at.desc()))
    return [c for c in rows if is_payable(c) or any(attempt.is_live for attempt in c.attempts)]


def open_for(booking: Booking) -> Checkout | None:
    """The booking's open checkout, if it has one."""
    return _open(booking.id)


@batching.batched("booking", lambda: None)
def _open(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Checkout | None]:
    statement = select(Checkout).where(Checkout.booking_id.in_(ids), beside(Checkout.status) == CheckoutStatus.OPEN)
    return {checkout.booking_id: checkout for checkout in db.session.scalars(statement) if checkout.booking_id}


def get(checkout_id: uuid.UUID, user: User) -> Checkout:
    """The checkout, if it is the person's own (or they are staff). Raises NotFound."""
    checkout = db.session.get(Checkout, checkout_id)
    if checkout is None or (checkout.client_id != user.id and user.role is not Role.STAFF):
        raise NotFound
    return checkout


def status_now(checkout: Checkout) -> CheckoutStatus:
    """The status as the clock sees it: nothing new can be paid after the deadline, but for what is owed."""
    if checkout.status is CheckoutStatus.OPEN and checkout.expires_at <= clock.now() and not is_owed(checkout):
        return CheckoutStatus.EXPIRED
    return checkout.status


def is_owed(checkout: Checkout) -> bool:
    """Whether it is a debt, not an offer that lapses."""
    return checkout.rules.is_owed


def is_payable(checkout: Checkout) -> bool:
    """Whether a try to pay may begin now."""
    if status_now(checkout) is not CheckoutStatus.OPEN:
        return False
    if checkout.booking is not None and checkout.booking.status not in checkout.rules.payable_while:
        return False
    return is_on_sale(checkout)


def is_on_sale(checkout: Checkout) -> bool:
    """Whether what its draft describes is still to be had; times and places are asked about apart."""
    match checkout.rules.drafted:
        case Drafted.QUESTION:
            asked = whom_to_ask(checkout)
            return asked.takes_questions and not practice.is_blocked(asked.id, checkout.client_id)
        case Drafted.PACKAGE:
            offer = offer_of(checkout)
            return offer.is_sold and not practice.is_blocked(offer.service.practitioner_id, checkout.client_id)
        case Drafted.SESSION:
            service = service_of(checkout) if checkout.booking_id is None else None
            return service is None or not practice.is_blocked(service.practitioner_id, checkout.client_id)
        case Drafted.NOTHING:
            return True


def whom_to_ask(checkout: Checkout) -> Practitioner:
    """The practitioner a question in writing is for."""
    return db.session.get_one(Practitioner, (checkout.draft or {})["practitioner_id"])


def offer_of(checkout: Checkout) -> PackageOffer:
    """The offer of a package that is paid for."""
    return db.session.get_one(PackageOffer, (checkout.draft or {})["offer_id"])


def starts_at(checkout: Checkout) -> datetime | None:
    """When the session that is paid for begins (UTC)."""
    if checkout.booking is not None:
        return checkout.booking.starts_at
    return datetime.fromisoformat((checkout.draft or {})["start"]) if _drafts_session(checkout) else None


def kept_until(checkout: Checkout) -> datetime | None:
    """Until when a place is kept for the payer (UTC); None where none is."""
    return checkout.expires_at if checkout.rules.keeps_place else None


def service_of(checkout: Checkout) -> Service | None:
    """The service that is paid for."""
    if checkout.booking is not None:
        return checkout.booking.service
    return db.session.get(Service, (checkout.draft or {})["service_id"]) if _drafts_session(checkout) else None


def _drafts_session(checkout: Checkout) -> bool:
    return checkout.rules.drafted is Drafted.SESSION


def close_for(booking: Booking, target: CheckoutStatus, who: Who) -> None:
    """The booking's open checkout, if any, is closed; inside the caller's transaction, which holds its lock."""
    checkout = open_for(booking)
    if checkout is not None:
        set_status(checkout, target, who)


def cancel_draft(checkout_id: uuid.UUID, user: User) -> Checkout:
    """The checkout of what is not there yet is cancelled; nothing was ever held. Raises NotFound, Conflict (not_allowed)."""
    with transaction():
        checkout = lock(Checkout, checkout_id)
        if checkout is None or checkout.client_id != user.id:
            raise NotFound
        if checkout.status is not CheckoutStatus.OPEN:
            raise Conflict("not_allowed", action="cancel", status=checkout.status.value)
        set_status(checkout, CheckoutStatus.CANCELLED, Who(Actor.CLIENT, user.id))
        return checkout


def try_end_draft(checkout_id: uuid.UUID, who: Who) -> bool:
    """Whether the checkout of what is not there yet was open and is cancelled; not while a payment's outcome is open."""
    with transaction():
        checkout = lock(Checkout, checkout_id)
        if checkout is None or checkout.status is not CheckoutStatus.OPEN or checkout.booking_id is not None:
            return False
        if any(attempt.is_live or attempt.is_claimed for attempt in checkout.attempts):
            return False
        set_status(checkout, CheckoutStatus.CANCELLED, who)
        return True


def expire_draft(checkout_id: uuid.UUID, who: Who) -> bool:
    """Whether a lapsed draft's checkout was closed; not while a payment's outcome is open."""
    with transaction():
        checkout = lock(Checkout, checkout_id)
        lapsed = checkout is not None and checkout.status is CheckoutStatus.OPEN and checkout.expires_at <= clock.now()
        if checkout is None or not lapsed or any(attempt.is_live for attempt in checkout.attempts):
            return False
        set_status(checkout, CheckoutStatus.EXPIRED, who)
        return True


def set_status(checkout: Checkout, target: CheckoutStatus, who: Who, *, why: str = "") -> None:
    """The checkout has moved, and the trail says so; inside the caller's transaction."""
    record("checkout", checkout.id, checkout.status, target, who, why=why, booking_id=checkout.booking_id)
    checkout.status = target
    if target is CheckoutStatus.PAID:
        checkout.paid_at = clock.now()


def _add(checkout: Checkout, who: Who) -> Checkout:
    db.session.add(checkout)
    db.session.flush()
    record("checkout", checkout.id, "", checkout.status, who, booking_id=checkout.booking_id)
    return checkout
