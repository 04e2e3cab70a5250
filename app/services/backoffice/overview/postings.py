"""A payment's entries in the books, as people read them: so much from here to there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, LedgerEntry, LedgerTransaction, Practitioner, User


@dataclass(frozen=True)
class Posting:
    """Money that went from one account to another; of accounts that are somebody's, whose."""

    at: datetime
    kind: str
    source: tuple[str, str]
    target: tuple[str, str]
    money: Money


def postings(attempt: Attempt) -> list[Posting]:
    """Everything the books have under the payment, the oldest first."""
    statement = select(LedgerTransaction).where(LedgerTransaction.attempt_id == attempt.id)
    rows = db.session.scalars(statement.options(selectinload(LedgerTransaction.entries)).order_by(LedgerTransaction.id))
    return [posting for row in rows for posting in _pairs(row)]


def _pairs(row: LedgerTransaction) -> Iterable[Posting]:
    """Each minus with the plus it became: entries sum to zero, so none is left over."""
    for currency in sorted({entry.currency for entry in row.entries}):
        mine = [entry for entry in row.entries if entry.currency == currency]
        gone = [(_named(entry), -entry.amount) for entry in mine if entry.amount < 0]
        come = [(_named(entry), entry.amount) for entry in mine if entry.amount > 0]
        while gone and come:
            (source, out) = gone.pop(0)
            (target, into) = come.pop(0)
            amount = min(out, into)
            yield Posting(row.at, row.kind, source, target, Money(amount, currency))
            gone = [(source, out - amount)][: out > amount] + gone
            come = [(target, into - amount)][: into > amount] + come


def _named(entry: LedgerEntry) -> tuple[str, str]:
    """The account and the name of its owner, where people have one; a gateway keeps its code."""
    if entry.account == "practitioner":
        return entry.account, db.session.get_one(Practitioner, int(entry.owner)).name
    _code, _, holder = entry.owner.partition(":")
    if entry.account == "gateway" and holder:
        return "in_hand", db.session.get_one(Practitioner, int(holder)).name
    if entry.account == "wallet":
        return entry.account, db.session.get_one(User, int(entry.owner)).name
    return entry.account, entry.owner
