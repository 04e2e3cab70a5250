"""Credit as lots: of which payment each part of a wallet came, and so where it may go.

A lot that was bought goes back to where it was paid from and nowhere else; only credit of a payment that could not go back
the way it came may be paid out. Spending, giving away and getting back keep the lot. What the payer's bank challenges is
held; what it took back is taken from whoever has it. In the caller's transaction, which holds the lock of the wallet that
it takes from.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import CheckoutStatus, DisputeStatus
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Checkout, CreditMove, Dispute, LedgerEntry, LedgerTransaction
from app.services.core.errors import Conflict
from app.services.ledger import lost_money

WALLET = "wallet"  # stands where an attempt's gateway stands: the wallet has no vendor, and so is none
_ALL = 10**18  # more than there is of anything
# The movements by which what the bank took is taken from whoever has what was bought with it.
_TAKEN_BY = ("credit_lost", "gift_cancel", "package_end", "package_expire")


@dataclass(frozen=True)
class Lot:
    """Credit that came of one payment; of which one nobody knows where there is none."""

    attempt_id: uuid.UUID | None
    payable: bool  # it could not go back the way it came, so it may be paid out


@dataclass(frozen=True)
class Part:
    """So many minor units of a lot."""

    lot: Lot
    amount: int


def of_wallet(owner: str, currency: str) -> list[Part]:
    """What is in the wallet, lot by lot, in the order it is spent: what was bought first, the oldest first."""
    there = LedgerEntry.owner == owner
    return _parts(_lots().where(LedgerEntry.account == "wallet", there, LedgerEntry.currency == currency))


def payable(owner: str, currency: str) -> Money:
    """What of the wallet may be paid out now."""
    parts = [part.amount - held_of(part) for part in of_wallet(owner, currency) if part.lot.payable]
    return Money(sum(parts), currency)


def spendable(owner: str, currency: str) -> Money:
    """What of the wallet can be paid with now."""
    return Money(sum(part.amount - held_of(part) for part in of_wallet(owner, currency)), currency)


def held(owner: str, currency: str) -> Money:
    """What of the wallet cannot be used, because a payer's bank challenges the payment it came of, or took it back."""
    return Money(sum(held_of(part) for part in of_wallet(owner, currency)), currency)


def bought_with(attempt_id: uuid.UUID, owner: str, currency: str) -> Money:
    """What this payment bought and is still in the wallet to go back to where it was paid from."""
    mine = [part for part in of_wallet(owner, currency) if part.lot == Lot(attempt_id, payable=False)]
    return Money(sum(part.amount - held_of(part) for part in mine), currency)


def holders(attempt_id: uuid.UUID, currency: str) -> dict[str, int]:
    """Who has how much of the credit that came of this payment."""
    amount = func.sum(CreditMove.amount)
    statement = (
        select(LedgerEntry.owner, amount)
        .join(CreditMove.entry)
        .where(CreditMove.attempt_id == attempt_id, LedgerEntry.currency == currency)
        .group_by(LedgerEntry.owner)
        .having(amount > 0)
        .order_by(LedgerEntry.owner)
    )
    return {owner: int(held) for owner, held in db.session.execute(statement)}


def held_of(part: Part) -> int:
    """What of the part cannot be used: all while its payment is challenged, then what the bank took and we have not."""
    return min(part.amount, _blocked(part.lot.attempt_id)) if part.lot.attempt_id else 0


def outstanding(attempt_id: uuid.UUID) -> int:
    """What the payer's bank took of this payment and was not taken from whoever has what it paid for."""
    return max(0, sum(lost_money.by_currency(attempt_id).values()) - taken(attempt_id) - _paid_back(attempt_id))


def debt_key(attempt_id: uuid.UUID) -> str:
    """What the requests begin with that its buyer pays for lost credit of this payment."""
    return f"lost:{attempt_id}:"


def debtor_of(debt: Checkout) -> uuid.UUID:
    """The payment whose lost credit the debt is for."""
    return uuid.UUID((debt.request_key or "").split(":")[1])


def lost_and_held() -> list[uuid.UUID]:
    """The payments that a bank took back and of which somebody has credit."""
    return [attempt_id for attempt_id in db.session.scalars(query_lost_and_held()) if attempt_id]


def query_lost_and_held() -> Select[uuid.UUID | None]:
    """SQL: the payments that a bank took back and of which somebody has credit."""
    return (
        select(CreditMove.attempt_id)
        .where(CreditMove.attempt_id.in_(select(Dispute.attempt_id).where(Dispute.status == DisputeStatus.LOST)))
        .group_by(CreditMove.attempt_id)
        .having(func.sum(CreditMove.amount) > 0)
    )


def _paid_back(attempt_id: uuid.UUID) -> int:
    """What its buyer has paid for it since, and no bank took back again."""
    debts = Checkout.request_key.startswith(debt_key(attempt_id), autoescape=True)
    paid = (Checkout.kind == CheckoutKind.LOST_CREDIT) & (Checkout.status == CheckoutStatus.PAID) & debts
    amount = db.session.scalar(select(func.coalesce(func.sum(Checkout.amount), 0)).where(paid))
    payments = db.session.scalars(select(Attempt.id).join(Checkout, Attempt.checkout_id == Checkout.id).where(paid))
    again = sum(sum(lost_money.by_currency(each).values()) for each in payments) if amount else 0
    return int(amount or 0) - again


def _blocked(attempt_id: uuid.UUID) -> int:
    mine = (Dispute.attempt_id == attempt_id) & Dispute.of_own_charge()
    is_open = select(Dispute.id).join(Dispute.attempt).where(mine, Dispute.withholding())
    return _ALL if db.session.scalars(is_open.limit(1)).first() else outstanding(attempt_id)


def taken(attempt_id: uuid.UUID) -> int:
    """Minor units of the payment that were taken from what it paid for, because its payer's bank took them back."""
    written_off = (
        select(func.coalesce(func.sum(LedgerEntry.amount), 0))
        .join(LedgerEntry.transaction)
        .where(LedgerTransaction.attempt_id == attempt_id, LedgerTransaction.kind.in_(_TAKEN_BY))
        .where(LedgerEntry.account == "write_off")
    )
    return int(db.session.scalar(written_off) or 0)


# ------------------------------------------------------------------------------------------------ dividing an entry


def _spent_by(attempt_id: uuid.UUID) -> list[Part]:
    """What a payment by wallet took and has not given back, lot by lot."""
    statement = _lots(-1).join(LedgerEntry.transaction).where(LedgerTransaction.attempt_id == attempt_id)
    return _parts(statement)


def moved_by(key: str) -> list[Part]:
    """What the movement with this key took out of a wallet, lot by lot."""
    return _parts(_lots(-1).join(LedgerEntry.transaction).where(LedgerTransaction.key == key))


@dataclass(frozen=True)
class Credit:
    """Where credit that comes into a wallet is from: by default the movement's own payment, not to be paid out.

    `payable` says that it could not go back the way it came; `like` is the key of a movement whose credit comes back.
    """

    attempt: Attempt | None = None
    payable: bool = False
    like: str = ""


def divide(entry: LedgerEntry, beside: str, credit: Credit) -> None:
    """The entry of a wallet is divided into the lots it brings or takes; `beside` is the account at the other side.

    Raises Conflict (credit_held, credit_not_payable) where there is enough credit, and too little that may go there.
    """
    _keep(entry, _arriving(entry, credit) if entry.amount > 0 else _leaving(entry, beside, credit.attempt))


def _arriving(entry: LedgerEntry, credit: Credit) -> list[Part]:
    parts = list(_first(_come_of(credit, entry.amount), entry.amount))
    unknown = entry.amount - sum(part.amount for part in parts)
    return [*parts, Part(Lot(None, payable=False), unknown)] if unknown else parts


def _come_of(credit: Credit, amount: int) -> list[Part]:
    if credit.like:
        return moved_by(credit.like)
    if credit.attempt is None:
        return []
    if credit.attempt.gateway == WALLET:
        return _spent_by(credit.attempt.id)
    return [Part(Lot(credit.attempt.id, credit.payable), amount)]


def _leaving(entry: LedgerEntry, beside: str, attempt: Attempt | None) -> list[Part]:
    wanted = -entry.amount
    there = of_wallet(entry.owner, entry.currency)
    parts = list(_first(_that_may_go(there, beside, attempt), wanted))
    missing = wanted - sum(part.amount for part in parts)
    if missing:
        code = "credit_not_payable" if beside == "payouts" else "credit_held"
        raise Conflict(code, missing=missing, currency=entry.currency)
    return parts


def _that_may_go(there: list[Part], beside: str, attempt: Attempt | None) -> Iterator[Part]:
    """What of the wallet may go to the account at the other side, in the order it is taken."""
    for part in there:
        of_it = attempt is not None and part.lot.attempt_id == attempt.id
        match beside:
            case "payouts":
                yield Part(part.lot, (part.amount - held_of(part)) * part.lot.payable)
            case "refunds":
                yield Part(part.lot, (part.amount - held_of(part)) * (of_it and not part.lot.payable))
            case "write_off":  # the payer's bank has it, or its owner gave it up with the account
                yield Part(part.lot, part.amount * (of_it or attempt is None))
            case _:
                yield Part(part.lot, part.amount - held_of(part))


def _keep(entry: LedgerEntry, parts: Iterable[Part]) -> None:
    sign = 1 if entry.amount > 0 else -1
    for part in parts:
        move = CreditMove(entry_id=entry.id, attempt_id=part.lot.attempt_id, payable=part.lot.payable)
        move.amount = sign * part.amount
        db.session.add(move)


def _first(parts: Iterable[Part], amount: int) -> Iterator[Part]:
    """As much of the parts as comes to `amount`, in their order; less where there is less."""
    for part in parts:
        if amount <= 0:
            return
        if part.amount > 0:
            yield Part(part.lot, min(part.amount, amount))
            amount -= part.amount


def _lots(sign: int = 1) -> Select[uuid.UUID | None, bool, int]:
    amount = func.sum(sign * CreditMove.amount)
    return (
        select(CreditMove.attempt_id, CreditMove.payable, amount)
        .join(CreditMove.entry)
        .group_by(CreditMove.attempt_id, CreditMove.payable)
        .having(amount > 0)
        .order_by(CreditMove.payable, func.min(CreditMove.id))
    )


def _parts(statement: Select[uuid.UUID | None, bool, int]) -> list[Part]:
    rows = db.session.execute(statement)
    return [Part(Lot(attempt_id, bool(may)), int(amount)) for attempt_id, may, amount in rows]
