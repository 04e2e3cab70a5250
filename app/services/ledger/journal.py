"""The books: money is somewhere, always; every movement names its cause once.

Inside the caller's transaction, never alone.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from sqlalchemy import func, insert, select

from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.tables.plans import beside
from app.lib.tables.unit_of_work import table_of
from app.models import Attempt, Checkout, LedgerEntry, LedgerTransaction, User
from app.models.ledger import book_accounts
from app.services.core import batching
from app.services.core.errors import Conflict
from app.services.core.transaction import lock
from app.services.ledger import credit_lots, receipts

# Where money can be.
Account = book_accounts.Account
PLATFORM = book_accounts.PLATFORM
BY_HAND = book_accounts.BY_HAND
WRITE_OFF = book_accounts.WRITE_OFF
gateway = book_accounts.gateway
custody = book_accounts.custody
custodian_of = book_accounts.custodian_of
give_custody = book_accounts.give_custody
clearing = book_accounts.clearing
wallet = book_accounts.wallet
gift = book_accounts.gift
package = book_accounts.package
practitioner = book_accounts.practitioner
received = book_accounts.received
refunds = book_accounts.refunds
payouts = book_accounts.payouts

WALLET = credit_lots.WALLET
PACKAGE = "package"  # stands there for a package, which has no vendor either
OWN = frozenset({WALLET, PACKAGE})
_KEPT = ("practitioner", "platform")  # where money stays that a booking has earned


@dataclass(frozen=True)
class Transfer:
    """Money that goes from one account to another."""

    source: Account
    target: Account
    money: Money


Credit = credit_lots.Credit
BOUGHT = Credit()


@dataclass(frozen=True)
class Movement:
    """Transfers that stand in the books as one transaction, and their cause: a key that can happen only once."""

    kind: str
    key: str
    transfers: tuple[Transfer, ...]
    attempt: Attempt | None = None
    booking_id: uuid.UUID | None = None
    credit: Credit = BOUGHT

    @property
    def net(self) -> dict[tuple[Account, str], int]:
        """What each account has more or less of, by currency."""
        return _net(self.transfers)


def post(
    kind: str,
    key: str,
    *transfers: Transfer,
    attempt: Attempt | None = None,
    booking_id: uuid.UUID | None = None,
    credit: Credit = BOUGHT,
) -> None:
    """The transfers stand in the books as one transaction, for ever; a repeated key is a mistake and raises.

    Raises Conflict (insufficient_balance) rather than leave a wallet below zero, and (credit_held, credit_not_payable)
    where too little of it may go where it is to go.
    """
    post_all([Movement(kind, key, transfers, attempt, booking_id, credit)])


def post_all(movements: Iterable[Movement]) -> None:
    """The movements stand in the books, but for those of nothing; raises as `post` does."""
    moved = {each.key: each for each in movements if each.net}
    if not moved:
        return
    net = _net(transfer for each in moved.values() for transfer in each.transfers)
    _check_wallets(net)
    _check_prepaid(net)
    for posted in _write(moved):
        _divide(posted, moved[posted.key])
        receipts.on(posted)


def _write(moved: Mapping[str, Movement]) -> list[LedgerTransaction]:
    """The rows, all of a table in one statement."""
    made = insert(table_of(LedgerTransaction)).returning(LedgerTransaction.key, LedgerTransaction.id)
    rows = {key: _row(movement) for key, movement in moved.items()}
    ids = {row.key: row.id for row in db.session.execute(made, list(rows.values()))}
    posted = [LedgerTransaction(id=ids[key], **row) for key, row in rows.items()]
    _write_entries({each.id: each for each in posted}, moved)
    return posted


def _write_entries(posted: Mapping[int, LedgerTransaction], moved: Mapping[str, Movement]) -> None:
    rows = [row for each in posted.values() for row in _entry_rows(each.id, moved[each.key])]
    made = insert(table_of(LedgerEntry)).returning(*(getattr(LedgerEntry, name) for name in ("id", *rows[0])))
    for row in sorted(db.session.execute(made, rows), key=attrgetter("id")):
        posted[row.transaction_id].entries.append(LedgerEntry(**row._mapping))


def _row(movement: Movement) -> dict[str, Any]:
    return {
        "key": movement.key,
        "kind": movement.kind,
        "attempt_id": movement.attempt.id if movement.attempt else None,
        "booking_id": movement.booking_id,
        "at": clock.now(),
    }


def _entry_rows(transaction_id: int, movement: Movement) -> list[dict[str, Any]]:
    same = {"transaction_id": transaction_id}
    return [
        same | {"account": account.name, "owner": account.owner, "amount": amount, "currency": currency}
        for (account, currency), amount in movement.net.items()
    ]


def _divide(posted: LedgerTransaction, movement: Movement) -> None:
    credit = replace(movement.credit, attempt=movement.credit.attempt or movement.attempt)
    for entry in posted.entries:
        if entry.account == "wallet":
            credit_lots.divide(entry, _beside(entry, movement.transfers), credit)


def _beside(entry: LedgerEntry, transfers: Iterable[Transfer]) -> str:
    """The account at the other side of a wallet's entry."""
    mine = Account(entry.account, entry.owner)
    others = (
        each.target if each.source == mine else each.source for each in transfers if mine in (each.source, each.target)
    )
    return next(others).name


def is_posted(key: str) -> bool:
    """Whether the movement with this key has happened."""
    return db.session.scalar(select(LedgerTransaction.id).where(LedgerTransaction.key == key)) is not None


def capture_key(attempt_id: uuid.UUID, charge_ref: str = "") -> str:
    """The key of the one movement that brings in the payment's charge; of another charge under it, with that one's name."""
    return ":".join(filter(None, ("capture", str(attempt_id), charge_ref)))[:120]


def is_captured(attempt: Attempt, charge_ref: str) -> bool:
    """Whether this charge is the payment's own, or another that was captured under it."""
    return charge_ref == attempt.charge_ref or is_posted(capture_key(attempt.id, charge_ref))


def captured(attempt: Attempt, charge_ref: str) -> Money:
    """What came in by another charge than the payment's own."""
    return brought_by(capture_key(attempt.id, charge_ref), received(attempt), attempt.currency)


def brought_by(key: str, account: Account, currency: str) -> Money:
    """What the movement with this key brought to `account`; less than nothing where it took."""
    there = (LedgerEntry.account == account.name, LedgerEntry.owner == account.owner)
    return Money(_sum(LedgerTransaction.key == key, *there, currency=currency, joined=True), currency)


def allocation_key(attempt_id: uuid.UUID) -> str:
    """The key of the one movement that brings a payment's money to those it was meant for."""
    return f"land:{attempt_id}"


def is_allocated(attempt_id: uuid.UUID) -> bool:
    """Whether the payment's money has come to those it was meant for."""
    return is_posted(allocation_key(attempt_id))


def balance(account: Account, currency: str) -> Money:
    """What is on `account`."""
    return Money(
        _sum(LedgerEntry.account == account.name, LedgerEntry.owner == account.owner, currency=currency), currency
    )


def balances(account: Account) -> list[Money]:
    """What is on `account`, per currency, without those that are empty."""
    statement = (
        select(LedgerEntry.currency, func.sum(LedgerEntry.amount))
        .where(LedgerEntry.account == account.name, LedgerEntry.owner == account.owner)
        .group_by(LedgerEntry.currency)
        .order_by(LedgerEntry.currency)
    )
    return [Money(int(amount), currency) for currency, amount in db.session.execute(statement) if amount]


def kept_for(booking_id: uuid.UUID, currency: str) -> Money:
    """What of the booking's money is the practitioner's and the platform's now."""
    return Money(_kept(booking_id).get(currency, 0), currency)


@batching.batched("booking", dict)
def _kept(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    statement = (
        select(LedgerTransaction.booking_id, LedgerEntry.currency, func.sum(LedgerEntry.amount))
        .join(LedgerEntry.transaction)
        .where(LedgerTransaction.booking_id.in_(ids), beside(LedgerEntry.account).in_(_KEPT))
        .group_by(LedgerTransaction.booking_id, LedgerEntry.currency)
    )
    return batching.summed((of, currency, amount) for of, currency, amount in db.session.execute(statement) if of)


def kept_of(checkout: Checkout, currency: str) -> Money:
    """What of the money for this checkout is the practitioner's and the platform's now."""
    payments = select(Attempt.id).where(Attempt.checkout_id == checkout.id)
    kept = _sum(
        LedgerTransaction.attempt_id.in_(payments),
        beside(LedgerEntry.account).in_(_KEPT),
        currency=currency,
        joined=True,
    )
    return Money(kept, currency)


def remaining(attempt: Attempt, currency: str, *, also: Iterable[str] = ()) -> Money:
    """What the payment brought in and is still here: allocated, or waiting to be."""
    placed = _placed(attempt.id)
    return Money(sum(placed.get((account, currency), 0) for account in (*_KEPT, "received", *also)), currency)


@batching.batched("attempt", dict)
def _placed(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[tuple[str, str], int]]:
    statement = (
        select(LedgerTransaction.attempt_id, LedgerEntry.account, LedgerEntry.currency, func.sum(LedgerEntry.amount))
        .join(LedgerEntry.transaction)
        .where(LedgerTransaction.attempt_id.in_(ids))
        .group_by(LedgerTransaction.attempt_id, LedgerEntry.account, LedgerEntry.currency)
    )
    rows = db.session.execute(statement)
    return batching.summed((of, (account, currency), amount) for of, account, currency, amount in rows if of)


def _sum(*conditions: object, currency: str, joined: bool = False) -> int:
    statement = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(LedgerEntry.currency == currency)
    if joined:
        statement = statement.join(LedgerTransaction)
    return int(db.session.scalar(statement.where(*conditions)) or 0)  # type: ignore[arg-type]


def _net(transfers: Iterable[Transfer]) -> dict[tuple[Account, str], int]:
    net: dict[tuple[Account, str], int] = defaultdict(int)
    for transfer in transfers:
        if transfer.money.amount < 0:
            raise ValueError("money goes from its source to its target, never backwards")
        net[transfer.source, transfer.money.currency] -= transfer.money.amount
        net[transfer.target, transfer.money.currency] += transfer.money.amount
    return {where: amount for where, amount in net.items() if amount}


def _check_wallets(net: dict[tuple[Account, str], int]) -> None:
    for (account, currency), amount in net.items():
        if account.name == "wallet" and amount < 0:
            lock(User, int(account.owner))  # the last lock anybody takes: two debits are decided one by one
            missing = -amount - balance(account, currency).amount
            if missing > 0:
                raise Conflict("insufficient_balance", missing=missing, currency=currency)


def _check_prepaid(net: dict[tuple[Account, str], int]) -> None:
    # Whoever takes from a gift or a package holds the lock of its row: less than nothing is a mistake of ours.
    for (account, currency), amount in net.items():
        if account.name in ("gift", "package") and balance(account, currency).amount + amount < 0:
            raise ValueError(f"{account.name} {account.owner} would be below zero")
