"""What cannot move because a payer's bank challenges the payment it came of, and what holds somebody's payout."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.lifecycle import GiftStatus, PackageStatus, PayoutStatus
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Dispute, Gift, Payout, User
from app.services.ledger import credit_lots, disputes, prepaid_balances, refunds, reviews
from app.services.prepaid import wallet


@dataclass(frozen=True)
class Held:
    """Money that waits for the bank's decision: what it is (a word of words.HELD), and whose where it is a person's."""

    kind: str
    money: Money
    who: str = ""


def holding(dispute: Dispute) -> list[Held]:
    """Everything the dispute holds up; nothing of one that takes nothing, or is over and made good."""
    return list(_held_by(dispute.attempt))


def holders_of(payout: Payout) -> list[Attempt]:
    """The payments whose credit the payout would send, and which a bank challenges or took back: it cannot be sent."""
    if payout.status is not PayoutStatus.ASKED:
        return []
    parts = credit_lots.moved_by(wallet.payout_key(payout))
    held = {part.lot.attempt_id for part in parts if credit_lots.held_of(part)}
    return list(db.session.scalars(select(Attempt).where(Attempt.id.in_(held)).order_by(Attempt.created_at)))


def _held_by(attempt: Attempt) -> Iterator[Held]:
    yield from _refunds(attempt)
    yield from _credit(attempt)
    yield from _payouts(attempt)
    yield from _prepaid(attempt)


def _refunds(attempt: Attempt) -> Iterator[Held]:
    for refund in refunds.of_attempts([attempt.id]):
        if refund.is_not_under_way and disputes.withholds(refund):
            yield Held("refund", refund.money, attempt.checkout.client.name)


def _credit(attempt: Attempt) -> Iterator[Held]:
    for owner, amount in credit_lots.holders(attempt.id, attempt.currency).items():
        lot = credit_lots.Lot(attempt.id, payable=False)
        if held := credit_lots.held_of(credit_lots.Part(lot, amount)):
            yield Held("credit", Money(held, attempt.currency), _name(owner))


def _payouts(attempt: Attempt) -> Iterator[Held]:
    waiting = select(Payout).where(Payout.status == PayoutStatus.ASKED, Payout.currency == attempt.currency)
    for payout in db.session.scalars(waiting.order_by(Payout.asked_at)):
        if any(each.id == attempt.id for each in holders_of(payout)):
            yield Held("payout", payout.money, payout.user.name)


def _prepaid(attempt: Attempt) -> Iterator[Held]:
    bought = prepaid_balances.bought_with(attempt.checkout)
    if bought is None or bought.status not in (GiftStatus.OPEN, PackageStatus.ACTIVE):
        return
    left = prepaid_balances.left(bought)
    if left.amount and reviews.of_checkout(attempt.checkout):
        yield Held("gift" if isinstance(bought, Gift) else "package", left, attempt.checkout.client.name)


def _name(owner: str) -> str:
    found = db.session.get(User, int(owner))
    return found.name if found else ""


def held_credit(client: User, currency: str) -> list[tuple[Money, Attempt | None]]:
    """What of the client's credit is held, by the payment it came of; None where somebody else paid it."""
    parts = credit_lots.of_wallet(str(client.id), currency)
    held = [(Money(credit_lots.held_of(part), currency), part.lot.attempt_id) for part in parts]
    return [(money, _own(attempt_id, client)) for money, attempt_id in held if money.amount]


def _own(attempt_id: uuid.UUID | None, client: User) -> Attempt | None:
    found = db.session.get(Attempt, attempt_id) if attempt_id else None
    return found if found is not None and found.checkout.client_id == client.id else None
