"""Whose money it is: the practitioner's less the platform's fee, or the client's own credit.

In the caller's transaction.
"""

from collections.abc import Callable

from flask import current_app
from sqlalchemy import select

from app.domain.checkout_kinds import Proceeds
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Booking, Checkout, Consultation
from app.services.core.transaction import Who
from app.services.ledger import journal, prepaid_balances
from app.services.ledger.journal import PLATFORM, Account

Shares = dict[Account, Money]
Split = Callable[[Checkout, Money, int], Shares]  # how money comes to (+1) or leaves (-1) those whose it is


def fee_for(price: Money) -> Money:
    """The platform's part of a price as it is frozen on what was agreed, half a unit rounded up (report S2-16)."""
    percent = int(current_app.config["PLATFORM_FEE_PERCENT"])
    return Money((price.amount * percent + 50) // 100, price.currency)


def shared_out(attempt: Attempt, checkout: Checkout, money: Money) -> journal.Movement:
    """The movement by which what the payment brought in belongs to whom it was meant for."""
    here = journal.received(attempt)
    parts = SPLITS[checkout.rules.proceeds](checkout, money, 1)
    transfers = tuple(journal.Transfer(here, there, part) for there, part in parts.items())
    return journal.Movement("land", journal.allocation_key(attempt.id), transfers, attempt, checkout.booking_id)


def take_back(attempt: Attempt, money: Money, target: Account, kind: str, key: str, who: Who) -> None:
    """`money` of the payment has gone to `target`: from what was not placed yet, else from those who had it, in proportion.

    A gift or a package it was taken from is ended with that.
    """
    checkout = attempt.checkout
    here = journal.received(attempt)
    is_placed = journal.balance(here, money.currency).amount < money.amount
    if is_placed:
        parts = SPLITS[checkout.rules.proceeds](checkout, money, -1)
        transfers = [journal.Transfer(there, target, part) for there, part in parts.items()]
    else:
        transfers = [journal.Transfer(here, target, money)]
    journal.post(kind, key, *transfers, attempt=attempt, booking_id=checkout.booking_id)
    if is_placed:
        prepaid_balances.end(attempt, who)


def reprice(booking: Booking, price: Money) -> None:
    """The booking costs this from now on, its fee in proportion; what is kept already is shared out anew to the unit."""
    kept = journal.kept_for(booking.id, booking.currency).amount
    had = _fee(booking, kept)
    booking.fee_amount = _fee(booking, price.amount)
    booking.price_amount = price.amount
    more = _fee(booking, kept) - had
    here = journal.practitioner(booking.practitioner_id)
    there = PLATFORM
    if more:
        source, target = (here, there) if more > 0 else (there, here)
        transfer = journal.Transfer(source, target, Money(abs(more), booking.currency))
        journal.post("reprice", f"reprice:{booking.id}:{booking.version}", transfer, booking_id=booking.id)


def agree(booking: Booking, price: Money) -> None:
    """The booking costs this as it is now, and whatever it comes to by moves is counted from here."""
    reprice(booking, price)
    booking.agreed_amount = price.amount
    booking.agreed_minutes = booking.minutes


def of_booking(checkout: Checkout, money: Money, sign: int) -> Shares:
    """The practitioner's and the platform's part of what is kept for the booking."""
    booking = db.session.get_one(Booking, checkout.booking_id)
    return _in_proportion(booking, journal.kept_for(booking.id, money.currency), money, sign)


def of_consultation(checkout: Checkout, money: Money, sign: int) -> Shares:
    """The practitioner's and the platform's part of what is kept for the question in writing."""
    asked = db.session.scalars(select(Consultation).where(Consultation.checkout_id == checkout.id)).one()
    return _in_proportion(asked, journal.kept_of(checkout, money.currency), money, sign)


def of_wallet(checkout: Checkout, money: Money, _sign: int) -> Shares:
    """All of it is the client's credit."""
    return {journal.wallet(checkout.client_id): money}


def of_prepaid(checkout: Checkout, money: Money, _sign: int) -> Shares:
    """All of it waits where what was bought keeps it: with the gift, or with the package's sessions."""
    bought = prepaid_balances.bought_with(checkout)
    if bought is None:
        raise LookupError(f"nothing was bought with checkout {checkout.id}")
    return {prepaid_balances.account_of(bought): money}


def of_loss(_checkout: Checkout, money: Money, _sign: int) -> Shares:
    """All of it makes up for what was lost."""
    return {journal.WRITE_OFF: money}


SPLITS: dict[Proceeds, Split] = {
    Proceeds.SESSION: of_booking,
    Proceeds.QUESTION: of_consultation,
    Proceeds.WALLET: of_wallet,
    Proceeds.GIFT: of_prepaid,
    Proceeds.PACKAGE: of_prepaid,
    Proceeds.LOSS: of_loss,
}


def _in_proportion(agreed: Booking | Consultation, kept: Money, money: Money, sign: int) -> Shares:
    """How `money` comes to (+1) or leaves (-1) practitioner and platform: the fee in proportion to what is kept."""
    fee = abs(_fee(agreed, kept.amount + sign * money.amount) - _fee(agreed, kept.amount))
    return {
        journal.practitioner(agreed.practitioner_id): Money(money.amount - fee, money.currency),
        PLATFORM: Money(fee, money.currency),
    }


def _fee(agreed: Booking | Consultation, kept: int) -> int:
    return (agreed.fee_amount * kept * 2 + agreed.price_amount) // (2 * agreed.price_amount)
