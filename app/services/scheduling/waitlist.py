"""The waiting list: when a place of a full time frees, it is held a while for who waited longest."""

import uuid
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from app.domain.lifecycle import OPEN_WAITS, TABS, WAIT_MOVES, Actor, BookingStatus, WaitStatus
from app.domain.quotas import Rule
from app.extensions import db
from app.lib import chance, clock
from app.models import Role, Service, User, Wait
from app.services import bookings, practice
from app.services.bookings import Wish
from app.services.core import quotas
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import CLOCK, Who, lock, record, transaction
from app.services.notifications import notices
from app.services.practice import slots

_TAKEN = (*TABS["upcoming"], *TABS["past"])


def join(client: User, service_id: int, start: datetime, places: int = 1) -> Wait:
    """The client waits for places at this time; asked again it is the same wait.

    Raises NotFound, Forbidden, Invalid, Conflict (place_free: book it instead; waiting_not_offered, not_taking_bookings,
    too_many_waits).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    slots.check_sane(start)
    with transaction():
        service = practice.lock_bookable(service_id)
        if service.mode.is_paid_after:
            raise Conflict("waiting_not_offered")
        slots.check_given(service, start)
        if not 1 <= places <= service.places:
            raise Invalid("places_out_of_range", field="places", most=service.places)
        if found := _open_of(client, service, start):
            return found
        if slots.places_left(service, start) >= places:
            raise Conflict("place_free")
        _check_may_wait(client, service)
        return _add(client, service, start, places)


def _check_may_wait(client: User, service: Service) -> None:
    lock(User, client.id)  # two at once are counted one by one
    if practice.is_blocked(service.practitioner_id, client.id):
        raise Conflict("not_taking_bookings")
    quotas.check(Rule.OPEN_WAITS, len(of(client)), trusted=bookings.is_trusted(client))


def _add(client: User, service: Service, start: datetime, places: int) -> Wait:
    wait = Wait(
        id=chance.new_id(),
        client_id=client.id,
        service_id=service.id,
        service=service,
        starts_at=start,
        places=places,
        status=WaitStatus.WAITING,
        created_at=clock.now(),
    )
    db.session.add(wait)
    db.session.flush()
    record("wait", wait.id, "", wait.status, Who(Actor.CLIENT, client.id))
    return wait


def leave(wait_id: uuid.UUID, client: User) -> None:
    """The client waits no more.

    Raises NotFound, Conflict (not_allowed): an offer is given up by cancelling its booking.
    """
    with transaction():
        wait = lock(Wait, wait_id)
        if wait is None or wait.client_id != client.id:
            raise NotFound
        if wait.status not in WAIT_MOVES["leave"]:
            raise Conflict("not_allowed", action="leave", status=wait.status.value)
        _transition(wait, "leave", Who(Actor.CLIENT, client.id))


def of(client: User) -> list[Wait]:
    """What the client waits for, the next time first."""
    mine = select(Wait).where(Wait.client_id == client.id, Wait.status == WaitStatus.WAITING)
    return list(db.session.scalars(mine.where(Wait.starts_at > clock.now()).order_by(Wait.starts_at)))


def count(service: Service, start: datetime) -> int:
    """How many wait for a place at this time."""
    waiting = select(Wait).where(Wait.service_id == service.id, Wait.starts_at == start)
    return len(db.session.scalars(waiting.where(Wait.status == WaitStatus.WAITING)).all())


def sweep() -> int:
    """How many were offered a place, and how many waits and offers have ended.

    The longest wait comes first.
    """
    return sum(_settle(wait_id) for wait_id in _ids(WaitStatus.OFFERED)) + sum(
        _offer(wait_id) for wait_id in _ids(WaitStatus.WAITING)
    )


def _ids(status: WaitStatus) -> list[uuid.UUID]:
    statement = select(Wait.id).where(Wait.status == status).order_by(Wait.created_at, Wait.id).limit(1000)
    return list(db.session.scalars(statement))


def _offer(wait_id: uuid.UUID) -> int:
    with transaction():
        wait = lock(Wait, wait_id)
        if wait is None or wait.status is not WaitStatus.WAITING:
            return 0
        practice.lock_diary(wait.service.practitioner_id)
        if _is_over(wait):
            return _lapse(wait)
        wish = Wish(wait.client, wait.service, wait.starts_at, wait.places)
        if not _has_room(wait) or bookings.in_the_way(wish):
            return 0
        until = min(clock.now() + timedelta(minutes=current_app.config["WAIT_OFFER_MINUTES"]), wait.starts_at)
        booking = bookings.offer(wish, until)
        wait.booking_id = booking.id
        _transition(wait, "offer", CLOCK)
        notices.tell(wait.client_id, "place_offered", booking=booking, cause=wait.id)
        return 1


def _lapse(wait: Wait) -> int:
    """The wait came to nothing, and who waited is told."""
    _transition(wait, "lapse", CLOCK)
    practice = wait.service.practitioner
    told = {"who": practice.name, "to": wait.starts_at.isoformat()}
    if practice.is_offered:  # else there is no page to send anybody to
        told["slug"] = practice.slug
    notices.tell(wait.client_id, "wait_over", cause=wait.id, data=told)
    return 1


def _is_over(wait: Wait) -> bool:
    # Where a booking stands at once nobody waits: the client has not said yes to it, and could not say no.
    service = wait.service
    return (
        wait.starts_at <= clock.now() or not service.is_sold or service.mode.is_paid_after or not _may_book(wait.client)
    )


def _may_book(client: User) -> bool:
    return client.active and client.role is Role.CLIENT


def _has_room(wait: Wait) -> bool:
    """Whether anybody might ask for it now. A day that is closed may open again, so the wait goes on."""
    service = wait.service
    start = wait.starts_at
    if not slots.is_given_at(service, start) or slots.is_busy(service, start):
        return False
    return slots.places_left(service, start) >= wait.places


def _settle(wait_id: uuid.UUID) -> int:
    with transaction():
        wait = lock(Wait, wait_id)
        if wait is None or wait.booking is None or wait.status is not WaitStatus.OFFERED:
            return 0
        status = bookings.status_now(wait.booking)
        if status in (BookingStatus.AWAITING_PAYMENT, BookingStatus.PENDING_APPROVAL):
            return 0
        _transition(wait, "take" if status in _TAKEN else "lapse", CLOCK)
        return 1


def _open_of(client: User, service: Service, start: datetime) -> Wait | None:
    mine = select(Wait).where(Wait.client_id == client.id, Wait.service_id == service.id, Wait.starts_at == start)
    return db.session.scalars(mine.where(Wait.status.in_(OPEN_WAITS))).one_or_none()


def _transition(wait: Wait, action: str, who: Who) -> None:
    target = WAIT_MOVES[action][wait.status]
    record("wait", wait.id, wait.status, target, who, booking_id=wait.booking_id)
    wait.status = target
    wait.settled_at = None if target in OPEN_WAITS else clock.now()
    db.session.flush()
