"""What a client has open, and whether they may ask for more: counted from the rows, under the diary's and the client's locks."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import Actor, BookingStatus, CheckoutStatus
from app.domain.modes import MODES
from app.domain.quotas import COOL_DOWN, QUOTAS, Rule
from app.extensions import db
from app.lib import clock
from app.models import Booking, Change, Checkout, Service, User
from app.services.bookings.asking import newcomers
from app.services.bookings.status_changes import WAITING
from app.services.core import counters, quotas
from app.services.core.errors import QuotaReached, Stop, TooMany

_PAID_AFTER = [code for code, mode in MODES.items() if mode.is_paid_after]


def too_many(client: User, service: Service, start: datetime) -> QuotaReached | None:
    """Which quota keeps the client from asking for this time; None where none does."""
    if not counters.is_on():
        return None
    with_them = newcomers.is_trusted(client, service.practitioner_id)
    return (
        _in_all(client, trusted=with_them or newcomers.is_trusted(client))
        or _with_practitioner(client, service, trusted=with_them)
        or _let_go(client, service, start)
    )


def ahead(client: User, practitioner_id: int) -> int:
    """How many sessions with the practitioner the client has asked for, or agreed, that are not over."""
    agreed = Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.IN_PROGRESS))
    live = or_(_is_waiting(), and_(agreed, Booking.ends_at > clock.now()))
    return _count(client, live, Booking.practitioner_id == practitioner_id) + _drafts(client, practitioner_id)


def _in_all(client: User, *, trusted: bool) -> QuotaReached | None:
    bookings = _count(client, or_(_is_waiting(), _is_unpaid()))
    return quotas.reached(Rule.OPEN_BOOKINGS, bookings + _drafts(client), trusted=trusted)


def _with_practitioner(client: User, service: Service, *, trusted: bool) -> QuotaReached | None:
    mode = newcomers.mode_for(client, service)
    theirs = Booking.practitioner_id == service.practitioner_id
    if mode.opening is BookingStatus.PENDING_APPROVAL:
        asked = _count(client, theirs, _is_waiting(), Booking.status == BookingStatus.PENDING_APPROVAL)
        return quotas.reached(Rule.UNANSWERED, asked, trusted=trusted)
    if mode.is_paid_after:
        return quotas.reached(Rule.UNPAID_SESSIONS, _count(client, theirs, _is_unpaid()), trusted=trusted)
    return None


def _count(client: User, *of: ColumnElement[bool]) -> int:
    found = select(func.count(Booking.id)).where(Booking.client_id == client.id, *of)
    return int(db.session.scalar(found) or 0)


def _is_waiting() -> ColumnElement[bool]:
    """SQL: it waits to be paid or answered, by the clock."""
    return Booking.status.in_(WAITING) & or_(Booking.deadline_at.is_(None), Booking.deadline_at > clock.now())


def _is_unpaid() -> ColumnElement[bool]:
    """SQL: it is agreed, still to come, and to be paid for afterwards."""
    paid = select(Checkout.id).where(Checkout.booking_id == Booking.id, Checkout.status == CheckoutStatus.PAID)
    stands = and_(Booking.status == BookingStatus.CONFIRMED, Booking.ends_at > clock.now())
    return and_(stands, Booking.mode_code.in_(_PAID_AFTER), ~paid.exists())


def _drafts(client: User, practitioner_id: int | None = None) -> int:
    """How many drafts can be paid for: with one practitioner, or with all."""
    mine = select(Checkout.draft).where(Checkout.client_id == client.id, Checkout.kind == CheckoutKind.DRAFT_BOOKING)
    still = mine.where(Checkout.status == CheckoutStatus.OPEN, Checkout.expires_at > clock.now())
    services = [(draft or {}).get("service_id") for draft in db.session.scalars(still)]
    if practitioner_id is None or not services:
        return len(services)
    theirs = set(db.session.scalars(select(Service.id).where(Service.practitioner_id == practitioner_id)))
    return sum(each in theirs for each in services)


def _let_go(client: User, service: Service, start: datetime) -> TooMany | None:
    """Whether the client has had this time, or sessions with this practitioner, and let them go so often that others come first."""
    theirs = and_(Booking.client_id == client.id, Booking.practitioner_id == service.practitioner_id)
    end = start + timedelta(minutes=service.minutes)
    this_time = and_(theirs, Booking.starts_at < end, Booking.ends_at > start)
    return _rests(Rule.SAME_TIME, this_time) or _rests(Rule.WITHDRAWN, theirs)


def _rests(rule: Rule, here: ColumnElement[bool]) -> TooMany | None:
    quota = QUOTAS[rule]
    now = clock.now()
    since = now - (quota.within or timedelta())
    gone = [at for at in db.session.scalars(_ended(here)) if at > since]
    gone += [at for at in db.session.scalars(_lapsing(here, now)) if at and at > since]
    if len(gone) < quota.most or (rest := max(gone) + COOL_DOWN - now) <= timedelta():
        return None
    return TooMany(quota.code, rest, Stop(rule), most=quota.most)


def _ended(here: ColumnElement[bool]) -> Select[Any]:
    """SQL: when what was still to be paid ran out, or its client let it go; also what was not answered or was to be paid later."""
    unpaid = Change.from_status == BookingStatus.AWAITING_PAYMENT
    later = and_(Change.from_status == BookingStatus.CONFIRMED, Booking.mode_code.in_(_PAID_AFTER))
    asked = or_(Change.from_status == BookingStatus.PENDING_APPROVAL, later)
    cancelled = and_(Change.to_status == BookingStatus.CANCELLED, Change.actor == Actor.CLIENT)
    expired = and_(Change.to_status == BookingStatus.EXPIRED, Change.actor == Actor.CLOCK)
    ended = or_(and_(or_(unpaid, asked), cancelled), and_(unpaid, expired))
    changes = select(Change.at).join(Booking, Booking.id == Change.booking_id)
    return changes.where(here, Change.subject == "booking", ended)


def _lapsing(here: ColumnElement[bool], now: datetime) -> Select[Any]:
    """SQL: what ran out by the clock, and no sweep has written down yet."""
    unpaid = Booking.status == BookingStatus.AWAITING_PAYMENT
    return select(Booking.deadline_at).where(here, unpaid, Booking.deadline_at <= now)
