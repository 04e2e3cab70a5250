"""The waiting list: when a place of a full time frees, it is held a while for who waited longest."""

import uuid
from datetime import datetime

from sqlalchemy import Select, func, select

from app.domain.lifecycle import OPEN_WAITS, WAIT_MOVES, Actor, WaitStatus
from app.domain.quotas import Rule
from app.extensions import db
from app.lib import chance, clock
from app.lib.tables.due_work import found_by
from app.models import Role, Service, User, Wait
from app.services import bookings, practice
from app.services.bookings import waiting
from app.services.core import quotas
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.practice import slots


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
        waiting.settle(service, start, client)  # by the clock: an offer that has run out is none
        if found := waiting.open_of(client, service, start):
            return found
        is_free = slots.places_left(service, start) >= places
        if is_free and not waiting.is_kept_from(client, service, start):
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
        waiting.transition(wait, "leave", Who(Actor.CLIENT, client.id))


def of(client: User) -> list[Wait]:
    """What the client waits for, the next time first."""
    mine = select(Wait).where(Wait.client_id == client.id, Wait.status == WaitStatus.WAITING)
    return list(db.session.scalars(mine.where(Wait.starts_at > clock.now()).order_by(Wait.starts_at)))


def count(service: Service, start: datetime) -> int:
    """How many wait for a place at this time."""
    waiting = select(Wait).where(Wait.service_id == service.id, Wait.starts_at == start)
    return len(db.session.scalars(waiting.where(Wait.status == WaitStatus.WAITING)).all())


def _waited_for() -> Select[int, datetime]:
    return select(Wait.service_id, Wait.starts_at).where(Wait.status.in_(OPEN_WAITS))


@found_by(_waited_for)
def sweep() -> int:
    """How many waits were offered a place, or have ended: each time under its diary's lock, the longest wait first.

    What is let go is offered with the commit that frees it; this finds what only time has freed.
    """
    return sum(_settle(service_id, start) for service_id, start in _times())


def _times() -> list[tuple[int, datetime]]:
    """What is waited for, the longest waited for first."""
    first = func.min(Wait.created_at)
    rows = db.session.execute(_waited_for().group_by(Wait.service_id, Wait.starts_at).order_by(first).limit(1000))
    return [(service_id, start) for service_id, start in rows]


def _settle(service_id: int, start: datetime) -> int:
    with transaction() as session:
        service = session.get_one(Service, service_id)
        practice.lock_diary(service.practitioner_id)
        return waiting.settle(service, start)
