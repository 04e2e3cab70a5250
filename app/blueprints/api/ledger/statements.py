"""A practitioner's months, as the books have them; staff name whose by ?practitioner=slug."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Query, Shape
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


class Whose(Query):
    """Whose months; a practitioner's are their own."""

    practitioner: str = Field("", max_length=80, description="the practitioner's slug, which staff must give")

    def found(self) -> Practitioner:
        """The practitioner. Raises NotFound."""
        return statements.whose(caller(), self.practitioner)


@call(
    "GET /statements",
    "Months with anything in them",
    name="list_statements",
    query=Whose,
    gives=list[MonthView],
    fails=("404 not_found",),
)
def months(asked: Whose) -> list[MonthView]:
    """The newest first."""
    return [MonthView.of(summary) for summary in statements.months(asked.found())]


@call(
    "GET /statements/{month}",
    "A month, such as 2026-11",
    name="show_statement",
    query=Whose,
    gives=StatementView,
    fails=("422 month_invalid",),
)
def show(asked: Whose, month: str) -> StatementView:
    """Balances and movements per currency."""
    return StatementView.of(statements.of_month(asked.found(), statements.parse_month(month)))
