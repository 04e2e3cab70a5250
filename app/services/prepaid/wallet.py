"""A client's credit: put in through any gateway, paid with at once, paid out by hand. The balance is the sum of the ledger."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import Actor, CheckoutStatus, PayoutStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, GatewayEvent
from app.lib import chance, clock
from app.models import Attempt, Checkout, LedgerEntry, LedgerTransaction, Payout, Role, User
from app.services.core import idempotency, payment_methods
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.ledger import checkouts, credit_lots, journal
from app.services.payments import inbox
from app.services.payments.attempts import (
    Prepared,
    begun_with,
    check_payable,
    lock_with_attempts,
    may_be_paid,
    new_attempt,
)

DESTINATION_LIMIT = 200
_TWICE = timedelta(minutes=1)  # the same wish again within this is the same press


@dataclass(frozen=True)
class Movement:
    """One line of a wallet's statement; plus came in, minus went out."""

    at: datetime
    kind: str
    money: Money
    booking_id: uuid.UUID | None


def balance(client: User, currency: str) -> Money:
    """The client's credit in one currency."""
    return journal.balance(journal.wallet(client.id), currency)


def balances(client: User) -> list[Money]:
    """The client's credit in every currency there is any."""
    return journal.balances(journal.wallet(client.id))


def each(client: User, there: list[Money], part_of: Callable[[User, str], Money]) -> list[Money]:
    """What `part_of` says of the client's credit in every currency there is some, where it is anything."""
    parts = (part_of(client, money.currency) for money in there)
    return [money for money in parts if money.amount]


def spendable(client: User, currency: str) -> Money:
    """What of the client's credit can be paid with now."""
    return credit_lots.spendable(str(client.id), currency)


def payable(client: User, currency: str) -> Money:
    """What of the client's credit may be paid out: what could not go back the way it came."""
    return credit_lots.payable(str(client.id), currency)


def held(client: User, currency: str) -> Money:
    """What of the client's credit cannot be used, because a payer's bank challenges the payment it came of."""
    return credit_lots.held(str(client.id), currency)


def statement(client: User, limit: int = 100) -> list[Movement]:
    """What came into the wallet and went out, the newest first."""
    rows = db.session.execute(
        select(LedgerTransaction, LedgerEntry)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(LedgerEntry.account == "wallet", LedgerEntry.owner == str(client.id))
        .order_by(LedgerTransaction.id.desc())
        .limit(limit)
    )
    return [Movement(t.at, t.kind, Money(e.amount, e.currency), t.booking_id) for t, e in rows]


def pay(checkout_id: uuid.UUID, client: User, request_key: str | None) -> Prepared:
    """The checkout is paid from the wallet and what was paid for is theirs, all in one transaction, or nothing has happened.

    No attempt comes back when another try is in the way. Raises NotFound, Invalid (idempotency_key_reused), Conflict
    (checkout_closed, slot_taken, under_review, insufficient_balance).
    """
    with transaction():
        return pay_inside(checkout_id, client, request_key)


def pay_inside(checkout_id: uuid.UUID, client: User, request_key: str | None) -> Prepared:
    """The checkout is paid from the wallet inside the caller's transaction, which rolls back where it cannot be.

    No attempt comes back when another try is in the way. Raises what `pay` does.
    """
    checkout, attempts = lock_with_attempts(checkout_id)
    if checkout.client_id != client.id:
        raise NotFound
    if same := begun_with(attempts, request_key, journal.WALLET, None):
        return same, False
    check_payable(checkout)
    if any(attempt.is_live for attempt in attempts):
        return None, False
    attempt = new_attempt(checkout, journal.WALLET, chance.reference(), request_key)
    _take(attempt)
    if checkout.status is not CheckoutStatus.PAID:
        # Nothing is taken for what cannot be had.
        raise Conflict("slot_taken" if checkouts.service_of(checkout) else "checkout_closed")
    return attempt, True


def _take(attempt: Attempt) -> None:
    # The wallet's own news goes the way of everybody's: inbox, apply_fact, ledger.
    ref = f"wallet-{attempt.reference}"
    event = GatewayEvent(
        event_key=ref,
        kind="wallet.paid",
        fact=Confirmed(attempt.money, ref),
        reference=attempt.reference,
        provider_ref=ref,
    )
    inbox.take(journal.WALLET, event, source="wallet")


def top_up(
    client: User, money: Money, title: str, *, then: uuid.UUID | None = None, request_key: str | None = None
) -> Checkout:
    """Something to be paid that becomes credit; `then` is the checkout the client wants to pay with it.

    Asking for the same again with the same key gives the same one.
    Raises NotFound, Forbidden, Invalid (amount_invalid, amount_not_taken).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("forbidden")
    if money.amount <= 0:
        raise Invalid("amount_invalid", field="amount")
    if not payment_methods.accepting(money):
        raise Invalid("amount_not_taken", field="amount", currency=money.currency)
    if then is not None:
        checkouts.get(then, client)
    key = idempotency.key_for(request_key, "top_up", money)
    draft = {"then": str(then)} if then else {}
    with transaction():
        lock(User, client.id)  # two presses are looked at one by one
        same = checkouts.made_with(client, key)
        return same or checkouts.open_for_an_hour(CheckoutKind.TOP_UP, client, money, title, draft, key)


def meant_for(checkout: Checkout) -> Checkout | None:
    """What a top-up was made to pay, while that can still be paid."""
    then = (checkout.draft or {}).get("then")
    target = db.session.get(Checkout, uuid.UUID(then)) if then else None
    return target if target is not None and may_be_paid(target) else None


# ------------------------------------------------------------------------------------------------ paying out


def clean_destination(text: str) -> str:
    """Where credit is to be sent. Raises Invalid (destination_missing)."""
    found = text.strip()
    if not found or len(found) > DESTINATION_LIMIT:
        raise Invalid("destination_missing", field="destination", most=DESTINATION_LIMIT)
    return found


def ask_payout(client: User, money: Money, destination: str) -> Payout:
    """The credit is set aside for staff to send to `destination`; the same wish pressed twice is one.

    Raises Invalid, Conflict (insufficient_balance; credit_not_payable: what was bought goes back to where it was paid from).
    """
    destination = clean_destination(destination)
    if money.amount <= 0:
        raise Invalid("amount_invalid", field="amount")
    who = Who(Actor.CLIENT, client.id)
    with transaction() as session:
        lock(User, client.id)  # two presses are looked at one by one
        if same := _just_asked(client, money, destination):
            return same
        payout = Payout(
            id=chance.new_id(),
            user_id=client.id,
            amount=money.amount,
            currency=money.currency,
            destination=destination,
            status=PayoutStatus.ASKED,
            asked_at=clock.now(),
        )
        session.add(payout)
        session.flush()
        record("payout", payout.id, "", payout.status, who)
        away = journal.Transfer(journal.wallet(client.id), journal.payouts(payout.id), money)
        journal.post("payout_asked", payout_key(payout), away)
        return payout


def payout_key(payout: Payout) -> str:
    """The key of the movement that set the credit aside."""
    return f"payout_asked:{payout.id}"


def _just_asked(client: User, money: Money, destination: str) -> Payout | None:
    statement = select(Payout).where(
        Payout.user_id == client.id,
        Payout.amount == money.amount,
        Payout.currency == money.currency,
        Payout.destination == destination,
        Payout.status == PayoutStatus.ASKED,
        Payout.asked_at > clock.now() - _TWICE,
    )
    return db.session.scalars(statement).first()


def payouts_of(client: User) -> list[Payout]:
    """The client's wishes to be paid out, the newest first."""
    return list(db.session.scalars(select(Payout).where(Payout.user_id == client.id).order_by(Payout.asked_at.desc())))
