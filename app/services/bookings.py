"""The agreement: asking for a session, answering, cancelling, holding it. Money is next door, in payments."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import selectinload

from app import clock
from app.extensions import db
from app.lifecycle import (
    LIVE_ATTEMPTS,
    TABS,
    Actor,
    AttemptStatus,
    BookingStatus,
    CheckoutStatus,
    NotAllowed,
    RefundStatus,
    allowed_actions,
    booking_rule,
    money_word,
)
from app.models import Attempt, Booking, Checkout, Practitioner, Refund, Review, Role, Service, User
from app.money import Money
from app.services import checkouts, notices, policy, refunds, reviews, slots
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.transaction import Who, lock, record, transaction

NOTES_LIMIT = 2000
REASON_LIMIT = 500
START_EARLY = timedelta(minutes=10)
NO_SHOW_GRACE = timedelta(minutes=10)
PAGE = 20
_WAITING = TABS["waiting"]


@dataclass(frozen=True)
class Requested:
    """What asking for a session brought about; at least one of the two is there."""

    booking: Booking | None
    checkout: Checkout | None


# ------------------------------------------------------------------------------------------------ asking


def request(
    client: User,
    service_id: int,
    start: datetime,
    *,
    places: int = 1,
    notes: str = "",
    request_key: str | None = None,
) -> Requested:
    """The client's request stands: a booking that holds its places, or a checkout with a draft, as the mode says.

    Asking again with the same key, or for the same time while the first request waits, gives the same one.
    The price is the service's, never the caller's. Raises NotFound, Forbidden, Invalid, Conflict (slot_taken).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    slots.check_sane(start)
    with transaction():
        service = _bookable(service_id)
        lock(Practitioner, service.practitioner_id)
        if again := _same_request(client, service, start, request_key):
            return again
        _check(service, start, places, notes)
        if service.mode.opening is None:
            return Requested(None, checkouts.open_draft(client, service, start, places, notes, request_key))
        return _open(client, service, start, places, notes, request_key)


def standing(client: User, service: Service, start: datetime) -> Requested | None:
    """What the client already has waiting for this time of this service."""
    return _same_request(client, service, start, None)


def _bookable(service_id: int) -> Service:
    service = db.session.get(Service, service_id)
    if service is None or not service.active or not service.practitioner.published or not service.mode.offered:
        raise NotFound
    return service


def _same_request(client: User, service: Service, start: datetime, key: str | None) -> Requested | None:
    now = clock.now()
    mine = select(Booking).where(Booking.client_id == client.id)
    waiting = mine.where(Booking.service_id == service.id, Booking.starts_at == start, Booking.status.in_(_WAITING))
    by_key = mine.where(Booking.request_key == key) if key else None
    for statement in (by_key, waiting.where(or_(Booking.deadline_at.is_(None), Booking.deadline_at > now))):
        booking = db.session.scalar(statement) if statement is not None else None
        if booking is not None:
            return Requested(booking, checkouts.open_for(booking))
    draft = checkouts.find_draft(client, service, start, key)
    return Requested(draft.booking, draft) if draft else None


def _check(service: Service, start: datetime, places: int, notes: str) -> None:
    if not 1 <= places <= service.places:
        raise Invalid("places_out_of_range", field="places", most=service.places)
    if len(notes) > NOTES_LIMIT:
        raise Invalid("too_long", field="notes", most=NOTES_LIMIT)
    slots.check_offered(service, start)
    if not checkouts.methods(service.price * places):
        raise Invalid("no_method", currency=service.currency)


def _open(client: User, service: Service, start: datetime, places: int, notes: str, key: str | None) -> Requested:
    slot = slots.take(service, start, places)
    booking = new_booking(client, service, start, places, notes, slot_id=slot.id, request_key=key)
    opening = service.mode.opening or BookingStatus.AWAITING_PAYMENT
    booking.status = opening
    booking.deadline_at = _deadline(service, opening, start)
    db.session.add(booking)
    db.session.flush()
    slots.hold(slot, booking.id, places, booking.deadline_at)
    record("booking", booking.id, "", opening, Who(Actor.CLIENT, client.id), booking_id=booking.id)
    if opening is BookingStatus.PENDING_APPROVAL:
        notices.tell(booking.practitioner.user_id, "request_received", booking=booking)
        notices.tell(client.id, "request_sent", booking=booking)
        return Requested(booking, None)
    return Requested(booking, checkouts.open_booking(booking))


def new_booking(
    client: User,
    service: Service,
    start: datetime,
    places: int,
    notes: str,
    *,
    slot_id: int,
    request_key: str | None = None,
    price: Money | None = None,
) -> Booking:
    """A booking not yet in the session, with its price and policy frozen; the caller gives it a status."""
    price = price or service.price * places
    return Booking(
        client_id=client.id,
        practitioner_id=service.practitioner_id,
        service_id=service.id,
        practitioner=service.practitioner,
        slot_id=slot_id,
        mode_code=service.mode_code,
        title=service.title,
        starts_at=start,
        ends_at=start + timedelta(minutes=service.minutes),
        places=places,
        price_amount=price.amount,
        currency=price.currency,
        policy=policy.freeze(service),
        notes=notes,
        request_key=request_key,
        created_at=clock.now(),
        version=1,
    )


def _deadline(service: Service, opening: BookingStatus, start: datetime) -> datetime:
    length = {
        BookingStatus.PENDING_APPROVAL: timedelta(hours=service.answer_hours),
        BookingStatus.AWAITING_PAYMENT: timedelta(minutes=service.hold_minutes),
    }[opening]
    return min(clock.now() + length, start)


# ------------------------------------------------------------------------------------------------ answering


def approve(booking_id: uuid.UUID, user: User) -> Booking:
    """The request is approved, its places are kept until the pay deadline, the client is asked to pay.

    Raises NotFound, Conflict (not_allowed, slot_taken).
    """
    with transaction():
        booking, who = _locked(booking_id, user)
        _move(booking, "approve", who)
        hours = int(booking.policy["pay_hours"])
        booking.approved_at = clock.now()
        booking.deadline_at = min(booking.approved_at + timedelta(hours=hours), booking.starts_at)
        if not slots.extend(booking, booking.deadline_at):
            raise Conflict("slot_taken")
        checkouts.open_booking(booking)
        notices.tell(booking.client_id, "request_approved", booking=booking)
        return booking


def decline(booking_id: uuid.UUID, user: User, reason: str) -> Booking:
    """The request is declined and its places are free; money that still comes goes back. Raises NotFound, Invalid, Conflict."""
    reason = _reason(reason)
    with transaction():
        booking, who = _locked(booking_id, user)
        _end(booking, "decline", who, reason)
        notices.tell(booking.client_id, "request_declined", booking=booking)
        return booking


def cancel(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The booking is cancelled, its places are free at once, and what the policy gives back is on its way.

    Ask the gateway first (payments.close): a payment it already has makes the booking confirmed instead.
    Raises NotFound, Invalid, Conflict (not_allowed).
    """
    reason = _reason(reason, required=False)
    with transaction():
        booking, who = _locked(booking_id, user)
        _end(booking, "cancel", who, reason)
        back = _pay_back(booking, who)
        for user_id in (booking.client_id, booking.practitioner.user_id):
            notices.tell(user_id, "booking_cancelled", booking=booking, data={"back": back.amount} if back else {})
        return booking


def _pay_back(booking: Booking, who: Who) -> Money | None:
    back = None
    for attempt in paid_attempts(booking):
        part = policy.comes_back(booking, refunds.left_of(attempt), who.actor, clock.now())
        if part.amount > 0:
            refunds.ask(attempt, attempt.charge_ref or "", part, "cancelled", who)
            back = back + part if back else part
    return back


def would_come_back(booking: Booking, user: User) -> Money | None:
    """What the person would see come back if they cancelled now; None when nothing is paid."""
    actor = part_of(booking, user)
    parts = [policy.comes_back(booking, refunds.left_of(a), actor, clock.now()) for a in paid_attempts(booking)]
    return sum(parts[1:], parts[0]) if parts else None


def _end(booking: Booking, action: str, who: Who, reason: str) -> None:
    _move(booking, action, who, why=reason)
    booking.cancelled_at, booking.reason, booking.ended_by = clock.now(), reason, who.actor
    booking.deadline_at = None
    slots.release(booking)
    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)


def _reason(reason: str, *, required: bool = True) -> str:
    reason = reason.strip()
    if required and not reason:
        raise Invalid("reason_missing", field="reason")
    if len(reason) > REASON_LIMIT:
        raise Invalid("too_long", field="reason", most=REASON_LIMIT)
    return reason


# ------------------------------------------------------------------------------------------------ the session


def start(booking_id: uuid.UUID, user: User) -> Booking:
    """The session is in progress. Raises NotFound, Conflict (not_allowed, too_early: more than ten minutes before)."""
    with transaction():
        booking, who = _locked(booking_id, user)
        target = _target(booking, "start", who)
        if clock.now() < booking.starts_at - START_EARLY:
            raise Conflict("too_early")
        booking.started_at = clock.now()
        _set(booking, target, who)
        return booking


def complete(booking_id: uuid.UUID, user: User, notes: str = "") -> Booking:
    """The session is completed; the notes are the practitioner's alone. Raises NotFound, Invalid, Conflict."""
    if len(notes) > NOTES_LIMIT * 5:
        raise Invalid("too_long", field="notes", most=NOTES_LIMIT * 5)
    with transaction():
        booking, who = _locked(booking_id, user)
        _move(booking, "complete", who)
        booking.completed_at, booking.session_notes = clock.now(), notes.strip()
        return booking


def no_show(booking_id: uuid.UUID, user: User, reason: str = "") -> Booking:
    """The client did not come. Raises NotFound, Invalid, Conflict (not_allowed, too_early: within ten minutes of the start)."""
    reason = _reason(reason, required=False)
    with transaction():
        booking, who = _locked(booking_id, user)
        target = _target(booking, "no-show", who)
        if clock.now() < booking.starts_at + NO_SHOW_GRACE:
            raise Conflict("too_early")
        booking.reason, booking.ended_by = reason, who.actor
        _set(booking, target, who, why=reason)
        return booking


# ------------------------------------------------------------------------------------------------ by clock and money


def confirm(booking: Booking, who: Who) -> bool:
    """Whether the paid booking has its places for good and is confirmed; inside the caller's transaction."""
    if not slots.secure(booking):
        return False
    _move(booking, "confirm", who, by_clock=False)
    booking.confirmed_at, booking.deadline_at = clock.now(), None
    tell_confirmed(booking)
    return True


def tell_confirmed(booking: Booking) -> None:
    """Both sides will be told that the booking stands."""
    notices.tell(booking.client_id, "booking_confirmed", booking=booking)
    notices.tell(booking.practitioner.user_id, "booking_confirmed_practitioner", booking=booking)


def expire(booking_id: uuid.UUID, who: Who) -> bool:
    """Whether the booking ended because its deadline passed; not while a payment's outcome is open."""
    with transaction():
        booking = _lock_with_checkout(booking_id)
        now = clock.now()
        if booking is None or not _overdue(booking, now) or _unresolved(booking):
            return False
        unanswered = booking.status is BookingStatus.PENDING_APPROVAL
        _move(booking, "expire", who, by_clock=False)
        booking.ended_by, booking.deadline_at = who.actor, None
        slots.release(booking)
        checkouts.close_for(booking, CheckoutStatus.EXPIRED, who)
        notices.tell(booking.client_id, "request_unanswered" if unanswered else "booking_expired", booking=booking)
        if unanswered:
            notices.tell(booking.practitioner.user_id, "request_unanswered", booking=booking)
        return True


def overdue() -> list[uuid.UUID]:
    """Ids of bookings whose deadline has passed."""
    statement = (
        select(Booking.id)
        .where(Booking.status.in_(_WAITING), Booking.deadline_at <= clock.now())
        .order_by(Booking.deadline_at)
        .limit(500)
    )
    return list(db.session.scalars(statement))


def status_now(booking: Booking) -> BookingStatus:
    """The status as the clock sees it: a lapsed deadline has ended the booking although no sweep has written it yet."""
    if _overdue(booking, clock.now()) and not _unresolved(booking):
        return BookingStatus.EXPIRED
    return booking.status


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do with the booking now."""
    return allowed_actions(status_now(booking), part_of(booking, user))


def _overdue(booking: Booking, now: datetime) -> bool:
    return booking.status in _WAITING and booking.deadline_at is not None and booking.deadline_at <= now


def _unresolved(booking: Booking) -> bool:
    return bool(db.session.scalar(select(_has_live_attempt(booking.id))))


def _has_live_attempt(booking_id: object) -> ColumnElement[bool]:
    return exists().where(
        Checkout.booking_id == booking_id, Attempt.checkout_id == Checkout.id, Attempt.status.in_(LIVE_ATTEMPTS)
    )


# ------------------------------------------------------------------------------------------------ moving


def _locked(booking_id: uuid.UUID, user: User) -> tuple[Booking, Who]:
    booking = _lock_with_checkout(booking_id)
    if booking is None:
        raise NotFound
    return booking, Who(part_of(booking, user), user.id)


def _lock_with_checkout(booking_id: uuid.UUID) -> Booking | None:
    # Checkout before booking: the order everybody keeps.
    for checkout_id in db.session.scalars(select(Checkout.id).where(Checkout.booking_id == booking_id)).all():
        lock(Checkout, checkout_id)
    return lock(Booking, booking_id)


def to_pay(booking: Booking, user: User) -> Checkout | None:
    """The bill the person can pay now to have the booking."""
    checkout = checkouts.open_for(booking) if user.id == booking.client_id else None
    return checkout if checkout and checkouts.is_payable(checkout) else None


def possible_from(booking: Booking, action: str) -> datetime:
    """From when on `action` is not too early; only starting and no-show ever are."""
    return {"start": booking.starts_at - START_EARLY, "no-show": booking.starts_at + NO_SHOW_GRACE}.get(
        action, booking.created_at
    )


def part_of(booking: Booking, user: User) -> Actor:
    """The part the person plays in this booking. Raises NotFound: a stranger learns nothing."""
    if user.id == booking.client_id:
        return Actor.CLIENT
    if user.id == booking.practitioner.user_id:
        return Actor.PRACTITIONER
    if user.role is Role.STAFF:
        return Actor.STAFF
    raise NotFound


def _target(booking: Booking, action: str, who: Who, *, by_clock: bool = True) -> BookingStatus:
    status = status_now(booking) if by_clock else booking.status
    try:
        return booking_rule(status, action, who.actor)
    except NotAllowed:
        raise Conflict("not_allowed", action=action, status=status.value) from None


def _move(booking: Booking, action: str, who: Who, *, why: str = "", by_clock: bool = True) -> None:
    _set(booking, _target(booking, action, who, by_clock=by_clock), who, why=why)


def _set(booking: Booking, target: BookingStatus, who: Who, *, why: str = "") -> None:
    record("booking", booking.id, booking.status, target, who, why=why, booking_id=booking.id)
    booking.status = target
    booking.version += 1


# ------------------------------------------------------------------------------------------------ reading


def get(booking_id: uuid.UUID, user: User) -> Booking:
    """The booking, if the person has a part in it. Raises NotFound."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise NotFound
    part_of(booking, user)
    return booking


def fresh(booking_id: uuid.UUID) -> Booking:
    """The booking as it stands in the database now, whatever was loaded before."""
    return db.session.get_one(Booking, booking_id, populate_existing=True)


@dataclass(frozen=True)
class Page:
    """One page of bookings and how many there are in all."""

    items: list[Booking]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def find(
    user: User, *, tab: str | None = None, status: BookingStatus | None = None, q: str = "", page: int = 1
) -> Page:
    """The person's bookings: a client's own, a practitioner's diary, all of them for staff. Raises Invalid (unknown_tab)."""
    statement = select(Booking).where(_mine(user))
    if tab:
        if tab not in TABS:
            raise Invalid("unknown_tab", field="tab")
        statement = statement.where(_in_tab(tab))
    if status:
        statement = statement.where(Booking.status == status)
    if q:
        statement = _matching(statement, q)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    order = Booking.starts_at.asc() if tab in ("waiting", "upcoming") else Booking.starts_at.desc()
    page = min(max(1, page), 100_000)
    rows = statement.order_by(order, Booking.created_at.desc()).offset((page - 1) * PAGE).limit(PAGE)
    loaded = rows.options(selectinload(Booking.practitioner), selectinload(Booking.client))
    return Page(list(db.session.scalars(loaded)), page, total)


def counts(user: User) -> dict[str, int]:
    """How many bookings the person has in each tab."""
    return {
        tab: db.session.scalar(select(func.count()).select_from(Booking).where(_mine(user), _in_tab(tab))) or 0
        for tab in TABS
    }


def _mine(user: User) -> ColumnElement[bool]:
    if user.role is Role.STAFF:
        return Booking.id.is_not(None)
    theirs = select(Practitioner.id).where(Practitioner.user_id == user.id)
    return or_(Booking.client_id == user.id, Booking.practitioner_id.in_(theirs))


def _in_tab(tab: str) -> ColumnElement[bool]:
    # By the clock: what has lapsed stands among the ended even before a sweep writes it.
    lapsed = and_(Booking.status.in_(_WAITING), Booking.deadline_at <= clock.now(), not_(_has_live_attempt(Booking.id)))
    if tab == "waiting":
        return and_(Booking.status.in_(_WAITING), or_(Booking.deadline_at.is_(None), not_(lapsed)))
    return or_(Booking.status.in_(TABS[tab]), lapsed) if tab == "cancelled" else Booking.status.in_(TABS[tab])


def _matching(statement: Select[Booking], q: str) -> Select[Booking]:
    like = f"%{q.strip().replace('%', '').replace('_', '')}%"
    return (
        statement.join(Booking.practitioner)
        .join(Booking.client)
        .where(or_(Booking.title.ilike(like), Practitioner.name.ilike(like), User.name.ilike(like)))
    )


# ------------------------------------------------------------------------------------------------ money words


def attempts_of(booking: Booking) -> list[Attempt]:
    """Every try to pay for the booking, oldest first."""
    statement = (
        select(Attempt).join(Checkout).where(Checkout.booking_id == booking.id).order_by(Attempt.created_at, Attempt.id)
    )
    return list(db.session.scalars(statement))


def paid_attempts(booking: Booking) -> list[Attempt]:
    """The tries that brought the money asked for; one whose amount is in doubt is left to staff."""
    paid = [attempt for attempt in attempts_of(booking) if attempt.status is AttemptStatus.PAID]
    return [attempt for attempt in paid if not reviews.is_in_doubt(attempt)]


def money_of(booking: Booking) -> str:
    """The booking's one word about its money, computed from the rows."""
    attempts = attempts_of(booking)
    ids = [attempt.id for attempt in attempts]
    if not ids:
        return "none"
    back = list(db.session.scalars(select(Refund).where(Refund.attempt_id.in_(ids))))
    reviews = select(func.count()).select_from(Review).where(Review.attempt_id.in_(ids), Review.resolved_at.is_(None))
    paid = sum(a.amount for a in attempts if a.status is AttemptStatus.PAID)
    kept = paid - sum(r.amount for r in back if r.status is not RefundStatus.FAILED)
    return money_word([a.status for a in attempts], [r.status for r in back], db.session.scalar(reviews) or 0, kept)


def story(booking: Booking) -> list[tuple[datetime, str, str, str]]:
    """What happened and when: (at, subject, to status, by whom), oldest first."""
    from app.models import Change  # noqa: PLC0415

    statement = select(Change).where(Change.booking_id == booking.id).order_by(Change.at, Change.id)
    return [(c.at, c.subject, c.to_status, c.actor.value) for c in db.session.scalars(statement)]
