"""Who has been away for long: how that is known, the warning a month before anybody is erased for it, and who wants to stay."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Integer, Select, cast, func, select

from app.domain.lifecycle import OPEN_WAITS, Actor
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.models import (
    Booking,
    Change,
    Checkout,
    ConsultationMessage,
    Gift,
    Notification,
    Payout,
    Role,
    User,
    Wait,
)
from app.services.backoffice.erasure.blockers import obstacles
from app.services.core.transaction import Who, record, transaction
from app.services.notifications import notices

WARNING = timedelta(days=30)  # between the warning and the end
_AT_ONCE = 100
_MONTH = timedelta(days=365.25) / 12
_EVER = timedelta(days=50 * 365.25)  # nobody has been away for longer


def warn() -> int:
    """How many were told, once in this absence, that their account will be erased unless they want to keep it."""
    since = _since()
    if since is None:
        return 0
    told = _warned().where(Notification.created_at >= since)
    # Somebody who has money here is left alone: it cannot be given up for them.
    return sum(
        _try_warn(user) for user in _some(_away(since + WARNING).where(User.id.not_in(told))) if not obstacles(user)
    )


def over() -> Iterator[User]:
    """Some of those who have been away for so long as to be erased, and were warned long enough ago."""
    since = _since()
    if since is not None:
        told = _warned().where(Notification.created_at >= since, Notification.created_at <= clock.now() - WARNING)
        yield from (user for user in _some(_away(since).where(User.id.in_(told))) if not obstacles(user))


def _is_warned(user: User) -> bool:
    """Whether the person was told that the account will be erased and has done nothing since."""
    since = _since()
    if since is None:
        return False
    told = _warned().where(Notification.created_at >= since, Notification.user_id == user.id)
    return bool(db.session.scalars(_away(since + WARNING).where(User.id.in_(told))).first())


def stay(user: User) -> bool:
    """Whether the person, who is logging in, keeps an account that was about to end because they never did."""
    if not _is_warned(user):
        return False
    with transaction():
        record("person", user.id, "", "kept", Who(Actor.CLIENT, user.id))
    return True


def _since() -> datetime | None:
    """Who did nothing after this instant has been away for too long; None where nobody is erased for it."""
    months = current_app.config["ERASE_AFTER_MONTHS"]
    return clock.now() - months * _MONTH if months else None


def _away(since: moments.Time) -> Select[Any]:
    away = select(User).where(User.role == Role.CLIENT, User.erased_at.is_(None), User.created_at < since)
    for seen in _seen(since):
        away = away.where(User.id.not_in(seen))
    return away


def query_away() -> Select[Any]:
    """SQL: people who have been away for so long that they are warned or erased, unless something stands in the way."""
    return _away(moments.ago(_told_after))


def _told_after() -> timedelta:
    """How long somebody has been away who is warned."""
    months = int(current_app.config["ERASE_AFTER_MONTHS"])
    return months * _MONTH - WARNING if months else _EVER


def _seen(since: moments.Time) -> tuple[Select[Any], ...]:
    """Whose bookings, bills, waits, words, gifts or payouts are from after it, who was here since, or wanted to stay."""
    talks = select(Checkout.client_id).join(ConsultationMessage, ConsultationMessage.checkout_id == Checkout.id)
    kept = select(cast(Change.subject_id, Integer)).where(Change.subject == "person", Change.to_status == "kept")
    return (
        select(Booking.client_id).where((Booking.starts_at >= since) | (Booking.created_at >= since)),
        select(Checkout.client_id).where(Checkout.created_at >= since),
        select(Wait.client_id).where((Wait.created_at >= since) | Wait.status.in_(OPEN_WAITS)),
        talks.where(ConsultationMessage.written_at >= since),
        select(User.id).where(User.seen_on >= since.date()),
        select(Gift.redeemed_by).where(Gift.redeemed_by.is_not(None), Gift.ended_at >= since),
        select(Payout.user_id).where(Payout.asked_at >= since),
        kept.where(Change.at >= since),
    )


def _warned() -> Select[Any]:
    return select(Notification.user_id).where(Notification.kind == "account_unused")


def _some(people: Select[Any]) -> list[User]:
    """Not more than can be looked at now; each minute others, so that nobody stands in the way for ever."""
    total = db.session.scalar(select(func.count()).select_from(people.subquery())) or 0
    first = int(clock.now().timestamp() // 60) * _AT_ONCE % total if total > _AT_ONCE else 0
    return list(db.session.scalars(people.order_by(User.id).offset(first).limit(_AT_ONCE)))


def _try_warn(user: User) -> bool:
    with transaction():
        return notices.tell(user.id, "account_unused", cause=clock.now().date())
