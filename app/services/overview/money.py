"""Staff's money page: what came in, what goes back, what waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app import agenda, clock
from app.extensions import db
from app.lifecycle import LIVE_ATTEMPTS, AttemptStatus, InboxState, RefundStatus
from app.models import Attempt, InboxEntry, Notification, Refund, Review
from app.money import Money
from app.services import checkouts
from app.services.overview.diary import today

_WEEK = 7
_MAIL_PATIENCE = timedelta(minutes=10)  # a message that is younger than this is not late


@dataclass(frozen=True)
class Taken:
    """What one gateway brought in, in one currency."""

    gateway: str
    money: Money
    count: int


@dataclass(frozen=True)
class Chart:
    """The days' takings in one currency: per day one amount for each gateway of `labels`."""

    currency: str
    labels: list[str]
    days: list[tuple[date, list[Money]]]


def label(code: str) -> str:
    """What people call the gateway; its code when it is no longer set up."""
    gateway = checkouts.gateways().get(code)
    return gateway.label if gateway else code


def taken(first: date, last: date, zone: str) -> list[Taken]:
    """What was captured from local date `first` to `last`, per gateway and currency."""
    begin = agenda.instant(first, time(0), ZoneInfo(zone))
    end = agenda.instant(last + timedelta(days=1), time(0), ZoneInfo(zone))
    total = func.sum(Attempt.amount)
    statement = (
        select(Attempt.gateway, Attempt.currency, total, func.count())
        .where(Attempt.status == AttemptStatus.PAID, Attempt.settled_at >= begin, Attempt.settled_at < end)
        .group_by(Attempt.gateway, Attempt.currency)
        .order_by(Attempt.currency, total.desc())
    )
    rows = db.session.execute(statement)
    return [Taken(code, Money(int(amount), currency), count) for code, currency, amount, count in rows]


def charts(zone: str) -> list[Chart]:
    """The last seven days as charts, one per currency: amounts of two currencies are never added."""
    last = today(zone)
    days = list(agenda.days(last - timedelta(days=_WEEK - 1), last))
    per_day = {day: {(t.money.currency, t.gateway): t.money for t in taken(day, day, zone)} for day in days}
    pairs = sorted({pair for found in per_day.values() for pair in found})
    return [
        _chart(currency, [c for k, c in pairs if k == currency], per_day) for currency in _unique(k for k, _ in pairs)
    ]


def _chart(currency: str, codes: list[str], per_day: dict[date, dict[tuple[str, str], Money]]) -> Chart:
    nothing = Money(0, currency)
    rows = [(day, [found.get((currency, code), nothing) for code in codes]) for day, found in per_day.items()]
    return Chart(currency, [label(code) for code in codes], rows)


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))


def waiting_attempts(limit: int = 20) -> list[Attempt]:
    """Payments whose outcome is open, the oldest first."""
    statement = select(Attempt).where(Attempt.status.in_(LIVE_ATTEMPTS)).order_by(Attempt.created_at)
    return list(db.session.scalars(statement.options(selectinload(Attempt.checkout)).limit(limit)))


def refunds_on_their_way() -> list[tuple[Money, int]]:
    """What is going back and has not arrived: the sum and the number per currency."""
    statement = (
        select(Refund.currency, func.sum(Refund.amount), func.count())
        .where(Refund.status.in_((RefundStatus.ASKED, RefundStatus.SENT)))
        .group_by(Refund.currency)
    )
    return [(Money(int(amount), currency), count) for currency, amount, count in db.session.execute(statement)]


def failed_refunds(limit: int = 20) -> list[Refund]:
    """Refunds that did not go through, the newest first."""
    statement = select(Refund).where(Refund.status == RefundStatus.FAILED).order_by(Refund.asked_at.desc())
    return list(db.session.scalars(statement.options(selectinload(Refund.attempt)).limit(limit)))


def open_reviews(limit: int = 20) -> list[tuple[Review, Attempt]]:
    """What a person must look at, with its payment, the oldest first."""
    statement = select(Review, Attempt).join(Attempt, Attempt.id == Review.attempt_id)
    rows = db.session.execute(statement.where(Review.resolved_at.is_(None)).order_by(Review.id).limit(limit))
    return [(review, attempt) for review, attempt in rows]


def undelivered(limit: int = 20) -> list[Notification]:
    """Messages that should have been mailed by now and were not, the oldest first."""
    late = Notification.created_at <= clock.now() - _MAIL_PATIENCE
    statement = select(Notification).where(Notification.mailed_at.is_(None), late).order_by(Notification.id)
    return list(db.session.scalars(statement.options(selectinload(Notification.user)).limit(limit)))


def total(kind: str) -> int:
    """How many stand in one of the queues: waiting, reviews, refunds, unmatched, messages."""
    late = Notification.created_at <= clock.now() - _MAIL_PATIENCE
    conditions = {
        "waiting": Attempt.status.in_(LIVE_ATTEMPTS),
        "reviews": Review.resolved_at.is_(None),
        "refunds": Refund.status == RefundStatus.FAILED,
        "unmatched": InboxEntry.state == InboxState.UNMATCHED,
        "messages": Notification.mailed_at.is_(None) & late,
    }
    return db.session.scalar(select(func.count()).where(conditions[kind])) or 0
