"""A practitioner's month as the books have it: what came in, the platform's fee, what went back, what is due at its end.

Every number is a sum over ledger entries, so that all months together are the practitioner's balance (report S2-16).
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.domain import agenda
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Checkout, LedgerEntry, LedgerTransaction, Practitioner, Role, User
from app.services import practice
from app.services.core import payment_methods
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.ledger import journal

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_FIRST_YEAR = 2000
PAPER_LINES = 300  # more would keep a worker busy for seconds; the table for spreadsheets has no end
_SHARES = ("practitioner", "platform", "by_hand")


@dataclass(frozen=True)
class Line:
    """One movement: `net` is gross less fee, refund, what was paid out and what was paid to them by hand.

    What goes back the way it came is below zero: a fee, or money that they gave back by hand.
    """

    at: datetime
    kind: str  # of the movement, as in words.POSTINGS
    about: str  # the checkout's kind, a key of words.PAID_FOR; empty where nothing was paid
    client: str
    booking_id: uuid.UUID | None
    gross: Money
    fee: Money
    refund: Money
    paid_out: Money
    in_hand: Money
    net: Money


@dataclass(frozen=True)
class CurrencyStatement:
    """One currency's month."""

    opening: Money
    lines: list[Line]

    @property
    def currency(self) -> str:
        """What it is in."""
        return self.opening.currency

    @property
    def closing(self) -> Money:
        """What is due to the practitioner at the end of the month, or now."""
        return self.opening + self.sum("net")

    def sum(self, column: str) -> Money:
        """All of one column: gross, fee, refund, paid_out, in_hand or net."""
        return Money(sum(getattr(line, column).amount for line in self.lines), self.currency)


@dataclass(frozen=True)
class Statement:
    """A month of one practitioner; `month` is its first day. One that is not over may still grow."""

    practitioner: Practitioner
    month: date
    accounts: list[CurrencyStatement]
    is_over: bool

    @property
    def fits_paper(self) -> bool:
        """Whether there is a PDF of it."""
        return sum(len(account.lines) for account in self.accounts) <= PAPER_LINES


@dataclass(frozen=True)
class Summary:
    """A month in the list: how many movements, and what they changed per currency."""

    month: date
    count: int
    nets: list[Money]


def whose(user: User, slug: str = "") -> Practitioner:
    """The person's own practice; for staff the one at `slug`, published or not. Raises NotFound."""
    if user.role is not Role.STAFF:
        return practice.of_user(user)
    found = db.session.scalars(select(Practitioner).where(Practitioner.slug == slug)).one_or_none()
    if found is None:
        raise NotFound
    return found


def everybody() -> list[Practitioner]:
    """Every practitioner, for staff to choose from."""
    return list(db.session.scalars(select(Practitioner).order_by(Practitioner.name, Practitioner.id)))


def parse_month(text: str) -> date:
    """The month's first day, of "2026-11". Raises Invalid (month_invalid)."""
    found = _MONTH.fullmatch(text)
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < _FIRST_YEAR:
        raise Invalid("month_invalid", field="month")
    return date(int(found[1]), int(found[2]), 1)


def of_month(practitioner: Practitioner, month: date) -> Statement:
    """The month, by the practitioner's own clock and calendar. Raises NotFound for one that has not begun."""
    if month > clock.today(practitioner.zone):
        raise NotFound
    begin, end = _bounds(month, practitioner.zone)
    opening = _opening(practitioner, begin)
    lines = _lines(practitioner, begin, end)
    currencies = sorted({*opening, *lines})
    accounts = [CurrencyStatement(Money(opening.get(c, 0), c), lines.get(c, [])) for c in currencies]
    shown = [account for account in accounts if account.lines or account.opening.amount]
    return Statement(practitioner, month, shown, end <= clock.now())


def on_paper(practitioner: Practitioner, month: date) -> Statement:
    """The practitioner's month, where it is short enough to be printed. Raises NotFound, Conflict (statement_too_long)."""
    found = of_month(practitioner, month)
    if not found.fits_paper:
        raise Conflict("statement_too_long", most=PAPER_LINES)
    return found


def months(practitioner: Practitioner) -> list[Summary]:
    """Every month in which anything moved, the newest first."""
    mine = _of(practitioner)
    first = db.session.scalar(_entries(func.min(LedgerTransaction.at)).where(mine))
    if first is None:
        return []
    all_months = _between(first.astimezone(ZoneInfo(practitioner.zone)).date(), clock.today(practitioner.zone))
    nth = case(
        *((LedgerTransaction.at < _bounds(month, practitioner.zone)[1], n) for n, month in enumerate(all_months)),
        else_=len(all_months) - 1,
    ).label("nth")
    statement = _entries(nth, LedgerEntry.currency, func.sum(LedgerEntry.amount), func.count())
    rows = db.session.execute(statement.where(mine).group_by(nth, LedgerEntry.currency).order_by(LedgerEntry.currency))
    found: dict[int, list[tuple[Money, int]]] = defaultdict(list)
    for index, currency, amount, count in rows:
        found[index].append((Money(int(amount), currency), count))
    return [
        Summary(all_months[n], sum(count for _, count in found[n]), [net for net, _ in found[n]])
        for n in sorted(found, reverse=True)
    ]


# ------------------------------------------------------------------------------------------------ inside


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _between(first: date, last: date) -> list[date]:
    found = [first.replace(day=1)]
    while _next(found[-1]) <= last:
        found.append(_next(found[-1]))
    return found


def _bounds(month: date, zone: str) -> tuple[datetime, datetime]:
    """The instants at which the month begins and has ended, whatever the clocks did in it."""
    own = ZoneInfo(zone)
    return agenda.instant(month, time(0), own), agenda.instant(_next(month), time(0), own)


def _of(practitioner: Practitioner) -> ColumnElement[bool]:
    """What is due to them, and what they hold already."""
    held = [journal.custody(code, practitioner.id) for code in payment_methods.codes_by_hand()]
    accounts = [journal.practitioner(practitioner.id), *held]
    return or_(*(and_(LedgerEntry.account == each.name, LedgerEntry.owner == each.owner) for each in accounts))


def _entries(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(LedgerEntry).join(LedgerTransaction)


def _opening(practitioner: Practitioner, begin: datetime) -> dict[str, int]:
    statement = _entries(LedgerEntry.currency, func.sum(LedgerEntry.amount))
    statement = statement.where(_of(practitioner), LedgerTransaction.at < begin).group_by(LedgerEntry.currency)
    return {currency: int(amount) for currency, amount in db.session.execute(statement)}


def _lines(practitioner: Practitioner, begin: datetime, end: datetime) -> dict[str, list[Line]]:
    """Per currency the month's movements, each with what the platform and others had of it."""
    mine = _entries(LedgerTransaction.id).where(
        _of(practitioner), LedgerTransaction.at >= begin, LedgerTransaction.at < end
    )
    shares: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys((*_SHARES, "gateway"), 0))
    part = or_(LedgerEntry.account.in_(_SHARES), _of(practitioner))
    rows = select(LedgerEntry).where(LedgerEntry.transaction_id.in_(mine), part)
    for entry in db.session.scalars(rows):
        shares[entry.transaction_id, entry.currency][entry.account] += entry.amount
    told = {row[0]: row for row in db.session.execute(_told(mine))}
    found: dict[str, list[Line]] = defaultdict(list)
    for (posted, currency), parts in sorted(shares.items(), key=lambda item: (told[item[0][0]].at, item[0])):
        found[currency].append(_line(told[posted], parts, currency))
    return found


def _told(posted: Select[Any]) -> Select[Any]:
    """What each movement was about, and whose money it was."""
    client = aliased(User)
    booking = aliased(Booking)
    statement = (
        select(LedgerTransaction.id, LedgerTransaction.at, LedgerTransaction.kind, Checkout.kind.label("about"))
        .add_columns(client.name.label("client"), LedgerTransaction.booking_id)
        .outerjoin(Attempt, Attempt.id == LedgerTransaction.attempt_id)
        .outerjoin(Checkout, Checkout.id == Attempt.checkout_id)
        .outerjoin(booking, booking.id == LedgerTransaction.booking_id)
        .outerjoin(client, client.id == func.coalesce(Checkout.client_id, booking.client_id))
    )
    return statement.where(LedgerTransaction.id.in_(posted))


def _line(told: Row[Any], parts: dict[str, int], currency: str) -> Line:
    paid_out = parts["by_hand"]
    total = parts["practitioner"] + parts["platform"] + paid_out
    return Line(
        at=told.at,
        kind=told.kind,
        about=str(told.about or ""),
        client=told.client or "",
        booking_id=told.booking_id,
        gross=Money(max(total, 0), currency),
        fee=Money(parts["platform"], currency),
        refund=Money(max(-total, 0), currency),
        paid_out=Money(paid_out, currency),
        in_hand=Money(-parts["gateway"], currency),
        net=Money(parts["practitioner"] + parts["gateway"], currency),
    )


def columns(accounts: Iterable[CurrencyStatement]) -> list[str]:
    """The columns of numbers that a month needs: what was paid out, or by hand, only where anything was."""
    lines = [line for account in accounts for line in account.lines]
    some = [name for name in ("paid_out", "in_hand") if any(getattr(line, name).amount for line in lines)]
    return ["gross", "fee", "refund", *some, "net"]
