"""What the clock does about personal data: who has been away too long, notes that were kept long enough, late news."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.models import Attempt, Booking, Checkout, InboxEntry, Role, User
from app.services.erasing.forgetting import erase_for
from app.services.erasing.obstacles import obstacles
from app.services.erasing.scrubbing import scrub_news
from app.services.erasing.theirs import Theirs
from app.services.transaction import CLOCK, transaction

_AT_ONCE = 100
_YEAR = timedelta(days=365.25)
_MONTH = _YEAR / 12


def keep() -> int:
    """How much was forgotten: people who have been away, notes, and what gateways said of people who are erased (X4)."""
    return _inactive() + _old_notes() + _late_news()


def _kept_for() -> timedelta:
    """How long after a session its practitioner's notes are kept once its client is erased (setting KIKAO_NOTES_YEARS)."""
    return int(current_app.config["NOTES_YEARS"]) * _YEAR


def _inactive() -> int:
    months = current_app.config["ERASE_AFTER_MONTHS"]
    if not months:
        return 0
    return sum(_erase(user) for user in _window(clock.now() - months * _MONTH))


def _erase(user: User) -> bool:
    # Somebody who has money here is left alone: it cannot be given up for them.
    return not obstacles(user) and erase_for(user.id, CLOCK, "erased after a long absence")


def _window(since: datetime) -> list[User]:
    """Some of those who have booked and paid nothing since; each minute others, so that nobody stands in the way for ever."""
    booked = select(Booking.client_id).where((Booking.starts_at >= since) | (Booking.created_at >= since))
    paid = select(Checkout.client_id).where(Checkout.created_at >= since)
    away = select(User).where(User.role == Role.CLIENT, User.erased_at.is_(None), User.created_at < since)
    away = away.where(User.id.not_in(booked), User.id.not_in(paid))
    total = db.session.scalar(select(func.count()).select_from(away.subquery())) or 0
    first = int(clock.now().timestamp() // 60) * _AT_ONCE % total if total > _AT_ONCE else 0
    return list(db.session.scalars(away.order_by(User.id).offset(first).limit(_AT_ONCE)))


def _old_notes() -> int:
    over = clock.now() - _kept_for()
    kept = select(Booking).join(Booking.client).where(User.erased_at.is_not(None), Booking.session_notes != "")
    with transaction() as session:
        rows = session.scalars(kept.where(Booking.ends_at <= over).limit(_AT_ONCE)).all()
        for booking in rows:
            booking.session_notes = ""
        return len(rows)


def _late_news() -> int:
    told = select(User.id).join(Checkout, Checkout.client_id == User.id).join(Attempt).join(InboxEntry)
    told = told.where(User.erased_at.is_not(None), InboxEntry.body != "").distinct().limit(_AT_ONCE)
    with transaction() as session:
        found = session.scalars(told).all()
        for user_id in found:
            scrub_news(Theirs(user_id))
        return len(found)
