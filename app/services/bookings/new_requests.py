"""Asking for a session: who waits for the time comes first, then what was asked for stands, once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.lifecycle import WaitStatus
from app.models import Role, User
from app.services import practice
from app.services.bookings import attendees, waiting
from app.services.bookings.booking_requests import (
    Requested,
    Wish,
    book,
    check,
    check_as_many,
    check_shown,
    draft,
    in_the_way,
    standing,
)
from app.services.core.errors import Conflict, Forbidden
from app.services.core.transaction import transaction
from app.services.practice import holds, slots


def request(
    client: User,
    service_id: int,
    start: datetime,
    *,
    places: int = 1,
    notes: str = "",
    names: Sequence[str] = (),
    request_key: str | None = None,
    was_kept: bool = False,
    shown: str = "",
) -> Requested:
    """The request stands: a booking that holds its places, or a checkout with a draft, as the mode says.

    Asking again with the same key, or for the same time while the first request waits, gives the same one.
    The price is the service's, never the caller's. `names` are those who come, where it is not just the client.
    `was_kept`: the places were kept under this key until the client had proved who they are, and are theirs now.
    `shown` is the mark of the terms that the form showed (`quote.mark_of`).
    Raises NotFound, Forbidden, Invalid, Conflict (slot_taken; terms_changed;
    already_asked: for another number of places; in_the_way).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    slots.check_sane(start)
    with transaction():
        service = practice.lock_bookable(service_id)
        wish = Wish(client, service, start, places, notes, request_key=request_key)
        if again := standing(client, service, start, request_key):
            check_as_many(again, wish)
            return again
        if was_kept:
            holds.let_guest_go(request_key)
        check_shown(service, shown, wish.mode)
        check(wish)
        return open_request(replace(wish, names=tuple(attendees.clean(names, service.kind, places))))


def open_request(wish: Wish) -> Requested:
    """The request for a time that may be asked for stands; or the offer to the client, if it was their turn of those who wait.

    In the caller's transaction, which holds the diary's lock.
    Raises Conflict (slot_taken, also where it is kept for who waits; and what in_the_way answers).
    """
    waiting.settle(wish.service, wish.start, wish.client)
    wait = waiting.open_of(wish.client, wish.service, wish.start)
    if wait is not None and wait.status is WaitStatus.OFFERED:
        return _offered(wish)
    if problem := in_the_way(wish):
        raise problem
    if waiting.is_kept_from(wish.client, wish.service, wish.start):
        raise Conflict("slot_taken", field="start")
    if wish.mode.opening is None:
        return Requested(None, draft(wish))
    made = book(wish)
    if wait is not None and made.booking is not None:
        waiting.take(wait, made.booking)
    return made


def _offered(wish: Wish) -> Requested:
    found = standing(wish.client, wish.service, wish.start)
    if found is None:
        raise Conflict("slot_taken", field="start")
    check_as_many(found, wish)
    return found
