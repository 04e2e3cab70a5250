"""Gifts and packages as money that was paid and is not spent: where it is, and what ends them.

In the caller's transaction. One rule for both: money that goes back ends it, and what is left then is the buyer's credit.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from app.domain.checkout_kinds import Proceeds
from app.domain.lifecycle import GIFT_MOVES, PACKAGE_MOVES, GiftStatus, PackageStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.tables.due_work import found_by
from app.models import Attempt, Checkout, Gift, LedgerEntry, Package, PackageUse, User
from app.services.core import batching
from app.services.core.errors import Conflict
from app.services.core.transaction import GATEWAY, Who, lock, record, transaction
from app.services.ledger import balance_due, credit_lots, journal, lost_money
from app.services.ledger.paid_amounts import can_go_back

Prepaid = Gift | Package
_BECOMES_CREDIT = (Proceeds.WALLET, Proceeds.GIFT)
_END = {Gift: "cancel", Package: "end"}  # by the buyer, by staff, or by the payer's bank


def bought_with(checkout: Checkout) -> Prepaid | None:
    """The gift or package that the checkout paid for, once it is paid."""
    match checkout.rules.proceeds:
        case Proceeds.GIFT:
            return db.session.scalars(select(Gift).where(Gift.checkout_id == checkout.id)).one_or_none()
        case Proceeds.PACKAGE:
            return db.session.scalars(select(Package).where(Package.checkout_id == checkout.id)).one_or_none()
        case Proceeds.SESSION | Proceeds.QUESTION | Proceeds.WALLET | Proceeds.LOSS:
            return None


def account_of(bought: Prepaid) -> journal.Account:
    """Where its money is."""
    return journal.gift(bought.id) if isinstance(bought, Gift) else journal.package(bought.id)


def left(bought: Prepaid) -> Money:
    """What is there of it."""
    if isinstance(bought, Gift):
        return journal.balance(account_of(bought), bought.currency)
    return Money(_in_packages(bought.id), bought.currency)


@batching.batched("package", int)
def _in_packages(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """What is in them, each of which has one currency."""
    names = {journal.package(package_id).owner: package_id for package_id in ids}
    there = select(LedgerEntry.owner, func.sum(LedgerEntry.amount)).group_by(LedgerEntry.owner)
    rows = db.session.execute(there.where(LedgerEntry.account == "package", LedgerEntry.owner.in_(list(names))))
    return {names[owner]: int(amount) for owner, amount in rows}


def remaining(attempt: Attempt) -> Money:
    """What of this payment is still in the gift or package it bought; nothing for every other payment."""
    bought = bought_with(attempt.checkout)
    if bought is None or not journal.is_allocated(attempt.id):
        return Money(0, attempt.currency)
    return left(bought)


def payment_of(bought: Prepaid) -> Attempt:
    """The payment it was bought with."""
    return next(attempt for attempt in bought.checkout.attempts if journal.is_allocated(attempt.id))


def locked(bought: Prepaid) -> Prepaid:
    """The gift or package, locked and read afresh. Taken after all locks but the payer's own wallet."""
    found = lock(type(bought), bought.id)
    if found is None:
        raise LookupError(f"no {type(bought).__name__} {bought.id}")
    return found


def lock_bought(attempt: Attempt) -> None:
    """Nobody spends of what the payment bought (gift, package, credit) until the caller's transaction ends."""
    bought = bought_with(attempt.checkout)
    if bought is not None:
        locked(bought)
    elif attempt.checkout.rules.proceeds is Proceeds.WALLET:
        lock(User, attempt.checkout.client_id)


def lose(attempt: Attempt) -> None:
    """What was bought with money that the payer's bank took back is over: gift, package, and credit, whoever has it.

    Credit that was spent is owed by its buyer, and only so much of it as is not there. Safe to repeat: what was set off, or
    came back, since is taken into account. In the caller's transaction, which holds the attempt's lock.
    """
    if attempt.checkout.rules.waits_for_staff:
        return  # nothing was bought with it
    if attempt.checkout.rules.proceeds is Proceeds.LOSS:
        _lose_again(attempt)
        return
    bought = bought_with(attempt.checkout)
    if bought is not None and lost_money.of_payment(attempt).amount and locked(bought).ended_at is None:
        finish(bought, _END[type(bought)], GATEWAY)
    rest = Money(_take(attempt, credit_lots.outstanding(attempt.id)), attempt.currency)
    if attempt.checkout.rules.proceeds in _BECOMES_CREDIT:
        balance_due.settle_lost_credit(attempt, rest)


def _take(attempt: Attempt, lost: int) -> int:
    """So many minor units are taken from who has the payment's credit, its buyer first; what is not there of them."""
    buyer = str(attempt.checkout.client_id)
    holders = credit_lots.holders(attempt.id, attempt.currency) if lost else {}
    for owner in sorted(holders, key=lambda each: (each != buyer, each)):
        part = Money(min(holders[owner], lost), attempt.currency)
        gone = journal.Transfer(journal.wallet(int(owner)), journal.WRITE_OFF, part)
        key = f"credit_lost:{attempt.id}:{owner}:{credit_lots.taken(attempt.id)}"
        journal.post("credit_lost", key, gone, attempt=attempt)
        lost -= part.amount
    return lost


def _lose_again(paid_back: Attempt) -> None:
    """What was paid for lost credit was taken back by the bank too: it is owed once more."""
    of_credit = lock(Attempt, credit_lots.debtor_of(paid_back.checkout))
    if of_credit is not None:
        lose(of_credit)


@found_by(credit_lots.query_lost_and_held)
def collect() -> int:
    """How many payments had credit taken that had come back of them after the payer's bank took the money."""
    came_back = [attempt_id for attempt_id in credit_lots.lost_and_held() if credit_lots.outstanding(attempt_id)]
    for attempt_id in came_back:
        with transaction():
            lose(lock(Attempt, attempt_id) or db.session.get_one(Attempt, attempt_id))
    return len(came_back)


def origin_of(attempt: Attempt) -> Attempt:
    """The payment whose money this one was: its own, or the one that bought the package it is a session of."""
    use = use_of(attempt)
    return attempt if use is None else payment_of(use.package)


def end(attempt: Attempt, who: Who) -> None:
    """The gift or package bought with this payment is over, by the payer's or staff's will."""
    bought = bought_with(attempt.checkout)
    if bought is not None:
        finish(locked(bought), _END[type(bought)], who)


def finish(bought: Prepaid, action: str, who: Who) -> Money:
    """It is over by `action`; what was left is the buyer's credit, but for what the payer's bank took back.

    The caller holds its lock. Raises Conflict (not_allowed) where it is over already.
    """
    rest = left(bought)
    attempt = payment_of(bought)
    _move(bought, action, who)
    lost = Money(min(rest.amount, lost_money.of_payment(attempt).amount), rest.currency)
    here = account_of(bought)
    name = type(bought).__name__.lower()
    journal.post(
        f"{name}_{action}",
        f"{name}_{action}:{bought.id}",
        journal.Transfer(here, journal.WRITE_OFF, lost),
        journal.Transfer(here, journal.wallet(attempt.checkout.client_id), rest - lost),
        attempt=attempt,
        credit=journal.Credit(payable=not can_go_back(attempt, rest - lost)),
    )
    return rest - lost


def _move(bought: Prepaid, action: str, who: Who) -> None:
    if isinstance(bought, Gift):
        set_gift_status(bought, action, who)
        return
    target = PACKAGE_MOVES[action].get(bought.status)
    if target is None:
        raise Conflict("not_allowed", action=action, status=bought.status.value)
    record("package", bought.id, bought.status, target, who)
    bought.status = target
    bought.ended_at = clock.now()


def set_gift_status(gift: Gift, action: str, who: Who) -> None:
    """The gift has moved, and the trail says so. Raises Conflict (gift_used)."""
    target = GIFT_MOVES[action].get(gift.status)
    if target is None:
        raise Conflict("gift_cancelled" if gift.status is GiftStatus.CANCELLED else "gift_used", field="code")
    record("gift", gift.id, gift.status, target, who)
    gift.status = target
    gift.ended_at = clock.now()
    if target is GiftStatus.REDEEMED:
        gift.redeemed_by = who.user_id


# ------------------------------------------------------------------------------------------------ sessions of a package


def use_of(attempt: Attempt) -> PackageUse | None:
    """The session of a package that this payment is."""
    return db.session.get(PackageUse, attempt.id) if attempt.gateway == journal.PACKAGE else None


def is_open(package: Package, asked_at: datetime | None = None) -> bool:
    """Whether the package can pay for a session that is asked for now, or was at `asked_at`: by the clock, not by the sweep."""
    in_time = package.expires_at is None or package.expires_at > (asked_at or clock.now())
    return package.status is PackageStatus.ACTIVE and in_time


def take_back_use(attempt: Attempt, money: Money) -> Package | None:
    """The package that has its session again; None unless `money` is all it is worth and the package is open."""
    if (used := use_of(attempt)) is not None:
        lock(Package, used.package_id)
    use = returnable_use(attempt, money)
    if use is None:
        return None
    use.returned_at = clock.now()
    db.session.flush()
    return use.package


def returnable_use(attempt: Attempt, money: Money) -> PackageUse | None:
    """The session of an open package that this payment is, if `money` is all it is worth and it is not back already."""
    use = use_of(attempt)
    if use is None or use.returned_at is not None or use.amount != money.amount:
        return None
    return use if is_open(use.package) else None
