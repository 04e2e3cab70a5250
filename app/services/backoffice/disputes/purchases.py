"""What a payment paid for, by whose its money is: a session, a question, a package and its sessions, credit and where it went."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from app.domain.checkout_kinds import Proceeds
from app.domain.money import Money
from app.extensions import db
from app.models import (
    Attempt,
    Booking,
    Checkout,
    Consultation,
    CreditMove,
    Gift,
    LedgerEntry,
    LedgerTransaction,
    Package,
    PackageUse,
)
from app.services.ledger import credit_lots

_MOST = 20  # sessions, or uses of credit: the paper has few pages


@dataclass(frozen=True)
class Spent:
    """Credit of the payment that its buyer used: when, how (a movement's kind), how much, and for which session."""

    at: datetime
    kind: str
    money: Money
    booking: Booking | None


@dataclass(frozen=True)
class Bought:
    """What came of the payment; empty where nothing did, as when it came too late."""

    sessions: list[Booking] = field(default_factory=list)
    question: Consultation | None = None
    package: Package | None = None
    gift: Gift | None = None
    spent: list[Spent] = field(default_factory=list)
    debt_of: Attempt | None = None  # the payment whose lost credit this one made up for

    @property
    def things(self) -> dict[str, Consultation | Package | Gift]:
        """What it is by the trail's words, but for sessions."""
        named = {"consultation": self.question, "package": self.package, "gift": self.gift}
        return {name: thing for name, thing in named.items() if thing is not None}


def bought_with(attempt: Attempt) -> Bought:
    """What the payment paid for."""
    return _BOUGHT[attempt.checkout.rules.proceeds](attempt)


def _session(attempt: Attempt) -> Bought:
    booking = attempt.checkout.booking
    return Bought(sessions=[booking] if booking is not None else [])


def _question(attempt: Attempt) -> Bought:
    asked = select(Consultation).where(Consultation.checkout_id == attempt.checkout_id)
    return Bought(question=db.session.scalars(asked).one_or_none())


def _package(attempt: Attempt) -> Bought:
    package = db.session.scalars(select(Package).where(Package.checkout_id == attempt.checkout_id)).one_or_none()
    if package is None:
        return Bought()
    used = select(Booking).join(Checkout, Checkout.booking_id == Booking.id)
    used = used.join(Attempt, Attempt.checkout_id == Checkout.id).join(PackageUse, PackageUse.attempt_id == Attempt.id)
    mine = used.where(PackageUse.package_id == package.id, Booking.client_id == package.client_id)
    rows = db.session.scalars(mine.order_by(PackageUse.used_at).limit(_MOST))
    return Bought(sessions=list(dict.fromkeys(rows)), package=package)


def _gift(attempt: Attempt) -> Bought:
    return Bought(gift=db.session.scalars(select(Gift).where(Gift.checkout_id == attempt.checkout_id)).one_or_none())


def _credit(attempt: Attempt) -> Bought:
    """Only what the buyer did with it: who else has some of it is no business of the bank's."""
    mine = (LedgerEntry.account == "wallet") & (LedgerEntry.owner == str(attempt.checkout.client_id))
    statement = (
        select(LedgerTransaction, CreditMove.amount, Booking)
        .select_from(CreditMove)
        .join(LedgerEntry, LedgerEntry.id == CreditMove.entry_id)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .outerjoin(Attempt, Attempt.id == LedgerTransaction.attempt_id)
        .outerjoin(Checkout, Checkout.id == Attempt.checkout_id)
        .outerjoin(Booking, Booking.id == func.coalesce(LedgerTransaction.booking_id, Checkout.booking_id))
        .where(CreditMove.attempt_id == attempt.id, mine, CreditMove.amount < 0)
        .order_by(LedgerTransaction.id)
        .limit(_MOST)
    )
    rows = [
        Spent(moved.at, moved.kind, Money(-amount, attempt.currency), booking)
        for moved, amount, booking in db.session.execute(statement)
    ]
    return Bought(sessions=list(dict.fromkeys(each.booking for each in rows if each.booking)), spent=rows)


def _loss(attempt: Attempt) -> Bought:
    lost = db.session.get(Attempt, credit_lots.debtor_of(attempt.checkout))
    return Bought(debt_of=lost)


_BOUGHT: dict[Proceeds, Callable[[Attempt], Bought]] = {
    Proceeds.SESSION: _session,
    Proceeds.QUESTION: _question,
    Proceeds.WALLET: _credit,
    Proceeds.GIFT: _gift,
    Proceeds.PACKAGE: _package,
    Proceeds.LOSS: _loss,
}
