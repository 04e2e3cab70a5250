"""Who waits for a full time, under its diary's lock: offers that ended, and who is offered what is free."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from app.domain.agenda import Window
from app.domain.lifecycle import OPEN_WAITS, TABS, WAIT_MOVES, BookingStatus, WaitStatus
from app.domain.modes import OpeningLimit
from app.extensions import db
from app.lib import clock
from app.models import Booking, Change, Role, Service, Slot, User, Wait
from app.services import practice
from app.services.bookings import booking_requests
from app.services.bookings.booking_requests import Wish
from app.services.bookings.status_changes import WAITING, status_now
from app.services.core.transaction import CLOCK, Who, at_the_end, lock, record
from app.services.notifications import notices
from app.services.practice import booking_rules, slots
from app.services.practice.occupancy import Span

# Until so long before the session what is free is kept for who waits longest, also where it is too little for their wish yet:
# a wish for two places would never be met otherwise. From then on it goes to whoever it is enough for.
TOGETHER = timedelta(days=1)
_STANDS = (*TABS["upcoming"], *TABS["past"])
_REACH = timedelta(days=7)  # what is freed makes room on its day and in its week, and no session is longer


def settle(service: Service, start: datetime, *also: User) -> int:
    """Offers that have ended are ended, and what is free is offered in the order of waiting; how many waits that changed.

    Of this time, and of every other in the diary that it crosses, but for those of `also`: they have chosen between the two.
    In the caller's transaction, which holds the diary's lock; `also` are people it is going to lock.
    """
    time = Span(service, start).busy
    people = {user.id for user in also}

    def concerns(wait: Wait) -> bool:
        is_this = (wait.service_id, wait.starts_at) == (service.id, start)
        return is_this or (wait.client_id not in people and crosses(wait, time))

    return _settle(_near(service.practitioner_id, start, concerns), people)


def settle_at_the_end(slot: Slot) -> None:
    """What the transaction frees of this slot is offered to who waits for a time it was in the way of, in the same commit."""
    if not _near(slot.practitioner_id, slot.starts_at, lambda wait: _made_room(wait, slot)):
        return

    def work() -> None:
        practice.lock_diary(slot.practitioner_id)
        _settle(_near(slot.practitioner_id, slot.starts_at, lambda wait: _made_room(wait, slot)), set())

    at_the_end(f"diary:{slot.practitioner_id}", work)


def _settle(near: Sequence[Wait], people: set[int]) -> int:
    waits = _lock_all(near, people)
    changed = sum(_end_offer(wait) for wait in waits if wait.status is WaitStatus.OFFERED)
    waiting = [wait for wait in waits if wait.status is WaitStatus.WAITING]
    changed += sum(_end_wait(wait) for wait in waiting)
    return changed + sum(_offer(wait) for wait in waiting if _is_turn_of(wait))


def is_kept_from(client: User, service: Service, start: datetime) -> bool:
    """Whether what is free at this time is kept for somebody who waits for it, and for longer than the client does.

    In the caller's transaction, which holds the diary's lock; ask after `settle`.
    """
    for wait in _open(service, start):
        if wait.status is not WaitStatus.WAITING:
            continue
        if wait.client_id == client.id:
            return False
        if _may_be_offered(wait) and clock.now() < start - TOGETHER:
            return True
    return False


def crosses(wait: Wait, time: Window) -> bool:
    """Whether what is waited for, with its breaks, has some of that time."""
    begin, end = Span(wait.service, wait.starts_at).busy
    return begin < time[1] and time[0] < end


def could_be_offered(wait: Wait) -> bool:
    """Whether the wait goes on, and its client might ask for the time now; for pages, which lock nobody."""
    is_open = not _is_over(wait) and _own_booking(wait) is None
    return is_open and _is_given(wait) and booking_requests.in_the_way(_wish(wait)) is None


def open_of(client: User, service: Service, start: datetime) -> Wait | None:
    """The client's wait for this time, if it has not ended."""
    mine = select(Wait).where(Wait.client_id == client.id, Wait.service_id == service.id, Wait.starts_at == start)
    return db.session.scalars(mine.where(Wait.status.in_(OPEN_WAITS))).one_or_none()


def take(wait: Wait, booking: Booking) -> None:
    """Who waited has the places by another way, and waits no more; in the caller's transaction."""
    wait.booking_id = booking.id
    transition(wait, "take", CLOCK)


def transition(wait: Wait, action: str, who: Who) -> None:
    """The wait has the status that `action` leads to, and the trail says so. Raises KeyError for what the table has not."""
    target = WAIT_MOVES[action][wait.status]
    record("wait", wait.id, wait.status, target, who, booking_id=wait.booking_id)
    wait.status = target
    if target is WaitStatus.WAITING:  # again: what was offered is nobody's any more
        wait.booking_id = None
    wait.settled_at = None if target in OPEN_WAITS else clock.now()
    db.session.flush()


def _near(practitioner_id: int, start: datetime, concerns: Callable[[Wait], bool]) -> list[Wait]:
    """The open waits around `start` for times of this diary that it concerns, the longest first."""
    theirs = select(Wait).join(Wait.service).where(Service.practitioner_id == practitioner_id)
    near = theirs.where(Wait.status.in_(OPEN_WAITS), Wait.starts_at.between(start - _REACH, start + _REACH))
    return [wait for wait in db.session.scalars(near.order_by(Wait.created_at, Wait.id)) if concerns(wait)]


def _made_room(wait: Wait, slot: Slot) -> bool:
    """Whether the slot was in the wait's way: it crosses it, or was one of so many sessions a day or week."""
    is_counted = wait.service_id == slot.service_id and wait.service.booking_rules.counts
    return is_counted or crosses(wait, (slot.busy_from, slot.busy_until))


def _lock_all(near: Sequence[Wait], people: set[int]) -> list[Wait]:
    """These waits, then the people by number, as everybody who has several of them: of two diaries at once too."""
    waits = _locked([wait.id for wait in near])
    for user_id in sorted({wait.client_id for wait in waits} | people):
        lock(User, user_id)
    return waits


def _open(service: Service, start: datetime) -> list[Wait]:
    """The waits for this time that have not ended, locked, the longest first."""
    here = select(Wait.id).where(Wait.service_id == service.id, Wait.starts_at == start, Wait.status.in_(OPEN_WAITS))
    return _locked(db.session.scalars(here.order_by(Wait.created_at, Wait.id)).all())


def _locked(wait_ids: Sequence[uuid.UUID]) -> list[Wait]:
    found = [lock(Wait, wait_id) for wait_id in wait_ids]
    return [wait for wait in found if wait is not None and wait.status in OPEN_WAITS]


def _end_offer(wait: Wait) -> bool:
    """Whether the offer has ended: taken, let go, or never answered by the practitioner, which ends nobody's wait."""
    booking = db.session.get(Booking, wait.booking_id) if wait.booking_id else None
    status = status_now(booking) if booking is not None else BookingStatus.EXPIRED
    if status in WAITING:
        return False
    if status in _STANDS:
        transition(wait, "take", CLOCK)
    elif booking is not None and status is BookingStatus.EXPIRED and _was_unanswered(booking):
        transition(wait, "return", CLOCK)
    else:
        transition(wait, "lapse", CLOCK)
    return True


def _was_unanswered(booking: Booking) -> bool:
    if booking.status is BookingStatus.PENDING_APPROVAL:  # by the clock, and no sweep has written it down
        return True
    ended = select(Change.from_status).where(
        Change.booking_id == booking.id, Change.subject == "booking", Change.to_status == BookingStatus.EXPIRED
    )
    last = db.session.scalars(ended.order_by(Change.id.desc()).limit(1)).first()
    return last == BookingStatus.PENDING_APPROVAL


def _end_wait(wait: Wait) -> bool:
    """Whether nobody waits any more: the time has come, nobody may be offered it, or the client has it already."""
    booking = _own_booking(wait)
    if booking is not None:
        take(wait, booking)
    elif _is_over(wait):
        _lapse(wait)
    return wait.status is not WaitStatus.WAITING


def _own_booking(wait: Wait) -> Booking | None:
    """What the client has asked for or booked by themselves at this time."""
    mine = select(Booking).where(
        Booking.client_id == wait.client_id,
        Booking.service_id == wait.service_id,
        Booking.starts_at == wait.starts_at,
        Booking.status.in_((*WAITING, *_STANDS)),
    )
    found = (booking for booking in db.session.scalars(mine) if status_now(booking) in (*WAITING, *_STANDS))
    return next(found, None)


def _is_over(wait: Wait) -> bool:
    # Where a booking stands at once nobody waits: the client has not said yes to it, and could not say no.
    service = wait.service
    may_book = wait.client.active and wait.client.role is Role.CLIENT
    return wait.starts_at <= clock.now() or not service.is_sold or service.mode.is_paid_after or not may_book


def _lapse(wait: Wait) -> None:
    """The wait came to nothing, and who waited is told."""
    transition(wait, "lapse", CLOCK)
    practitioner = wait.service.practitioner
    told = {"who": practitioner.name, "to": wait.starts_at.isoformat()}
    if not wait.service.is_online:
        told["place_zone"] = practitioner.zone  # its time is said by the clock of the place
    if practitioner.is_offered:  # else there is no page to send anybody to
        told["slug"] = practitioner.slug
    notices.tell(wait.client_id, "wait_over", cause=wait.id, data=told)


def _is_turn_of(wait: Wait) -> bool:
    """Whether the wait is still open, enough is free for it, and nothing of that is kept for who waits for longer."""
    if wait.status is not WaitStatus.WAITING or not _may_be_offered(wait):
        return False
    enough = slots.places_left(wait.service, wait.starts_at) >= wait.places
    return enough and not is_kept_from(wait.client, wait.service, wait.starts_at)


def _may_be_offered(wait: Wait) -> bool:
    """Whether the client might ask for the time now. A day that is closed may open again, so the wait goes on."""
    return _is_given(wait) and booking_requests.in_the_way(_wish(wait)) is None


def _is_given(wait: Wait) -> bool:
    is_open = slots.is_given_at(wait.service, wait.starts_at) and not slots.is_busy(wait.service, wait.starts_at)
    return is_open and booking_rules.allows(wait.service, wait.starts_at)


def _offer(wait: Wait) -> bool:
    wish = _wish(wait)
    booking = booking_requests.offer(wish, _until(wish))
    wait.booking_id = booking.id
    transition(wait, "offer", CLOCK)
    notices.tell(wait.client_id, "place_offered", booking=booking, cause=booking.id)
    return True


def _wish(wait: Wait) -> Wish:
    return Wish(wait.client, wait.service, wait.starts_at, wait.places)


def _until(wish: Wish) -> datetime:
    """Until when the side that must act has time: the practitioner to answer, or the client to pay (UTC)."""
    is_asked = wish.mode.deadline is OpeningLimit.ANSWER
    hours = timedelta(hours=wish.service.answer_hours)
    length = hours if is_asked else timedelta(minutes=current_app.config["WAIT_OFFER_MINUTES"])
    return min(clock.now() + length, wish.start)
