"""A practitioner's months, as the books have them; staff name whose by ?practitioner=slug."""

from uuid import UUID

from flask import request
from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Amount, Instant
from app.lib.text import discreet
from app.models import Practitioner
from app.services.ledger import statements
from app.services.ledger.statements import CurrencyStatement, Line, Statement, Summary


class MonthView(Shape):
    """A month with anything in it, and what it changed per currency."""

    month: str
    movements: int
    net: list[Amount]

    @classmethod
    def of(cls, summary: Summary) -> "MonthView":
        """Return one month of the list as programs read it."""
        return cls(
            month=f"{summary.month:%Y-%m}", movements=summary.count, net=[Amount.of(net) for net in summary.nets]
        )


class LineView(Shape):
    """A movement: net = gross - fee - refund - paid_out - in_hand; a fee, or what was paid by hand, below zero was given back."""

    at: Instant
    kind: str
    about: str
    client: str
    booking_id: UUID | None
    gross: Amount
    fee: Amount
    refund: Amount
    paid_out: Amount
    in_hand: Amount
    net: Amount

    @classmethod
    def of(cls, line: Line) -> "LineView":
        """Return one line of a statement, the client in few letters."""
        money = {
            name: Amount.of(getattr(line, name)) for name in ("gross", "fee", "refund", "paid_out", "in_hand", "net")
        }
        return cls(
            at=line.at,
            kind=line.kind,
            about=line.about,
            client=discreet(line.client),
            booking_id=line.booking_id,
            **money,
        )


class AccountView(Shape):
    """One currency's month."""

    currency: str
    opening: Amount
    closing: Amount
    lines: list[LineView]

    @classmethod
    def of(cls, account: CurrencyStatement) -> "AccountView":
        """Return one currency of a statement as programs read it."""
        return cls(
            currency=account.currency,
            opening=Amount.of(account.opening),
            closing=Amount.of(account.closing),
            lines=[LineView.of(line) for line in account.lines],
        )


class StatementView(Shape):
    """A month of one practitioner, from midnight to midnight in their zone."""

    practitioner: str
    month: str
    zone: str
    over: bool = Field(description="false: more may come")
    accounts: list[AccountView]

    @classmethod
    def of(cls, statement: Statement) -> "StatementView":
        """Return a month's statement as programs read it."""
        return cls(
            practitioner=statement.practitioner.slug,
            month=f"{statement.month:%Y-%m}",
            zone=statement.practitioner.zone,
            over=statement.is_over,
            accounts=[AccountView.of(account) for account in statement.accounts],
        )


def _whose() -> Practitioner:
    return statements.whose(caller(), request.args.get("practitioner", "")[:80])


@call("GET /statements", "Months with anything in them", gives=list[MonthView], query=("practitioner",))
def months() -> list[MonthView]:
    """The newest first."""
    return [MonthView.of(summary) for summary in statements.months(_whose())]


@call("GET /statements/<month>", "A month, such as 2026-11", gives=StatementView, query=("practitioner",))
def show(month: str) -> StatementView:
    """Balances and movements per currency."""
    return StatementView.of(statements.of_month(_whose(), statements.parse_month(month)))
