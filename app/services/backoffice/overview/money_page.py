"""Staff's money page: what came in, what went back, where the rest is, and whether the gateways tell us."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from app.domain import agenda
from app.domain.lifecycle import LIVE_ATTEMPTS, RefundMeans, RefundStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.tables.plans import beside
from app.models import Attempt, LedgerEntry, LedgerTransaction, Refund, RejectedCallbacks, Review
from app.services.core import payment_methods
from app.services.ledger import reviews

_WEEK = 7
_Sums = dict[tuple[str, str], tuple[int, int]]  # gateway and currency to amount and number


@dataclass(frozen=True)
class Sum:
    """An amount and how many it is made of."""

    money: Money
    count: int


@dataclass(frozen=True)
class Till:
    """One gateway in one currency: what it brought in and sent back, and what of it waits now."""

    gateway: str
    taken: dict[str, Sum]  # "today" and "week"
    back: dict[str, Sum]
    waiting: Sum
    reviews: int


@dataclass(frozen=True)
class Taken:
    """What one gateway brought in, in one currency."""

    gateway: str
    money: Money
    count: int


@dataclass(frozen=True)
class Chart:
    """The days' takings in one currency: per day one amount for each gateway of `gateways`."""

    currency: str
    gateways: list[str]
    days: list[tuple[date, list[Money]]]


def label(code: str) -> str:
    """What people call the gateway; its code when it is no longer set up."""
    gateway = payment_methods.offered().get(code)
    return gateway.label if gateway else code


def tills(zone: str) -> list[Till]:
    """Every gateway and currency that has moved money in the last seven days, or waits."""
    periods = {"today": _between(clock.today(zone), zone), "week": _between(_first(zone), zone)}
    taken = {name: _captured(*period) for name, period in periods.items()}
    back = {name: _sent_back(*period) for name, period in periods.items()}
    waiting = _waiting()
    reviews = _reviews()
    keys = sorted({*taken["week"], *back["week"], *waiting, *reviews}, key=lambda key: (key[1], key[0]))
    return [
        Till(
            gateway=key[0],
            taken={name: _sum(found, key) for name, found in taken.items()},
            back={name: _sum(found, key) for name, found in back.items()},
            waiting=_sum(waiting, key),
            reviews=reviews.get(key, (0, 0))[1],
        )
        for key in keys
    ]


def taken(first: date, last: date, zone: str) -> list[Taken]:
    """What came in from local date `first` to `last`, per gateway and currency, by the books; credit that is spent is none."""
    found = sorted(_captured(*_between(first, zone, last)).items(), key=lambda row: (row[0][1], -row[1][0]))
    return [Taken(code, Money(amount, currency), count) for (code, currency), (amount, count) in found]


def charts(zone: str) -> list[Chart]:
    """The last seven days as charts, one per currency: amounts of two currencies are never added."""
    days = list(agenda.days(_first(zone), clock.today(zone)))
    per_day = {day: {(t.money.currency, t.gateway): t.money for t in taken(day, day, zone)} for day in days}
    pairs = sorted({pair for found in per_day.values() for pair in found})
    return [
        _chart(currency, [c for k, c in pairs if k == currency], per_day) for currency in _unique(k for k, _ in pairs)
    ]


def credit_outstanding() -> list[Sum]:
    """The clients' credit, and how many have any, per currency."""
    each = (
        select(LedgerEntry.currency, func.sum(LedgerEntry.amount).label("held"))
        .where(LedgerEntry.account == "wallet")
        .group_by(LedgerEntry.currency, LedgerEntry.owner)
        .having(func.sum(LedgerEntry.amount) != 0)
        .subquery()
    )
    statement = select(each.c.currency, func.sum(each.c.held), func.count()).group_by(each.c.currency)
    rows = db.session.execute(statement.order_by(each.c.currency))
    return [Sum(Money(int(amount), currency), count) for currency, amount, count in rows]


def refunds_on_their_way() -> list[Sum]:
    """What is going back and has not arrived, per currency."""
    statement = (
        select(Refund.currency, func.sum(Refund.amount), func.count())
        .where(Refund.status.in_((RefundStatus.ASKED, RefundStatus.SENT)))
        .group_by(Refund.currency)
        .order_by(Refund.currency)
    )
    return [Sum(Money(int(amount), currency), count) for currency, amount, count in db.session.execute(statement)]


def rejected_today() -> dict[str, int]:
    """How many forged or malformed callbacks came in since midnight UTC, by the gateway they claimed to be from."""
    statement = select(RejectedCallbacks).where(RejectedCallbacks.day == clock.now().date())
    return {row.gateway: row.count for row in db.session.scalars(statement)}


# ------------------------------------------------------------------------------------------------ inside


def _captured(begin: datetime, end: datetime) -> _Sums:
    return _sums(
        select(Attempt.gateway, LedgerEntry.currency, -func.sum(LedgerEntry.amount), func.count())
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .join(Attempt, Attempt.id == LedgerTransaction.attempt_id)
        .where(beside(LedgerEntry.account) == "gateway", LedgerTransaction.kind == "capture")
        .where(LedgerTransaction.at >= begin, LedgerTransaction.at < end)
        .group_by(Attempt.gateway, LedgerEntry.currency)
    )


def _sent_back(begin: datetime, end: datetime) -> _Sums:
    # What became credit has not left the house: it stands under the wallets.
    return _sums(
        select(Attempt.gateway, Refund.currency, func.sum(Refund.amount), func.count())
        .join(Attempt, Attempt.id == Refund.attempt_id)
        .where(Refund.status == RefundStatus.DONE, Refund.means.not_in((RefundMeans.WALLET, RefundMeans.PACKAGE)))
        .where(Refund.settled_at >= begin, Refund.settled_at < end)
        .group_by(Attempt.gateway, Refund.currency)
    )


def _waiting() -> _Sums:
    live = select(Attempt.gateway, Attempt.currency, func.sum(Attempt.amount), func.count())
    return _sums(live.where(Attempt.status.in_(LIVE_ATTEMPTS)).group_by(Attempt.gateway, Attempt.currency))


def _reviews() -> _Sums:
    looked_at = select(Attempt.gateway, Attempt.currency, func.sum(Attempt.amount), func.count())
    looked_at = looked_at.join(Review, Review.attempt_id == Attempt.id).where(reviews.waiting())
    return _sums(looked_at.group_by(Attempt.gateway, Attempt.currency))


def _sums(statement: Select[str, str, int, int]) -> _Sums:
    rows = db.session.execute(statement)
    return {(code, currency): (int(amount), count) for code, currency, amount, count in rows}


def _sum(found: _Sums, key: tuple[str, str]) -> Sum:
    amount, count = found.get(key, (0, 0))
    return Sum(Money(amount, key[1]), count)


def _first(zone: str) -> date:
    return clock.today(zone) - timedelta(days=_WEEK - 1)


def _between(first: date, zone: str, last: date | None = None) -> tuple[datetime, datetime]:
    """From the beginning of local date `first` to the end of `last`, or of today."""
    after = (last or clock.today(zone)) + timedelta(days=1)
    return agenda.instant(first, time(0), ZoneInfo(zone)), agenda.instant(after, time(0), ZoneInfo(zone))


def _chart(currency: str, codes: list[str], per_day: dict[date, dict[tuple[str, str], Money]]) -> Chart:
    nothing = Money(0, currency)
    rows = [(day, [found.get((currency, code), nothing) for code in codes]) for day, found in per_day.items()]
    return Chart(currency, codes, rows)


def _unique(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
