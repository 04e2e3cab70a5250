"""What staff can do about a payment and the news of it."""

import uuid

from sqlalchemy import func, select

from app.domain.checkout_kinds import Proceeds
from app.domain.lifecycle import InboxState, RefundMeans
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, InboxEntry, Refund, User
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core import payment_methods
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import record, transaction
from app.services.ledger import journal, prepaid_balances, refunds
from app.services.payments import allocation, attempts, inbox, refund_look_ups, waiting_news


def ask_gateway(attempt_id: uuid.UUID, staff: User) -> None:
    """The gateway has been asked what became of the payment, and its answer has had its effect."""
    who = principal(staff)
    with transaction():
        attempt = locked(Attempt, attempt_id)
        if not can_be_asked(attempt):
            raise Conflict("not_allowed", action="ask", status=attempt.status.value)
        record("act", attempt.id, "", "asked", who, booking_id=attempt.checkout.booking_id)
    attempts.ask_now(attempt_id)


def can_be_asked(attempt: Attempt) -> bool:
    """Whether there is somebody to ask: not about credit, nor at a gateway that is no longer set up or has no machine."""
    gateway = payment_methods.offered().get(attempt.gateway)
    return gateway is not None and not gateway.capabilities.by_hand


def replay(entry_id: int, staff: User) -> InboxState:
    """A stored event has been believed once more; what it did already it does not do again."""
    who = principal(staff)
    if db.session.get(InboxEntry, entry_id) is None:
        raise NotFound
    inbox.replay(entry_id, who)
    return refund_look_ups.settle(entry_id)


def dismiss(entry_id: int, why: str, staff: User) -> None:
    """News that waits stands in no queue any more; it is heard all the same if its payment comes to be known.

    Raises Invalid (why_missing) too.
    """
    who = principal(staff)
    why = checked_evidence(why, "why_missing")
    with transaction():
        waiting_news.dismiss(locked(InboxEntry, entry_id), why, who)


def refund(attempt_id: uuid.UUID, money: Money, why: str, staff: User, *, seen: Money | None = None) -> Refund:
    """So much of the payment is on its way back; the rest stays.

    Raises Invalid (amount_invalid, amount_too_large, credit_already) too.

    `seen` is what the page said was left: the same form sent twice is refused the second time (not_allowed).
    """
    who = principal(staff)
    why = checked_evidence(why, "why_missing")
    if money.amount <= 0:
        raise Invalid("amount_invalid", field="amount")
    with transaction():
        attempt = locked(Attempt, attempt_id)
        prepaid_balances.lock_bought(attempt)
        left = refunds.left_of(attempt)
        if seen is not None and seen != left:
            raise Conflict("not_allowed", action="refund", status=str(left))
        if money.currency != left.currency or money.amount > left.amount:
            raise Invalid("amount_too_large", field="amount", most=str(left))
        if attempt.checkout.rules.proceeds is Proceeds.WALLET and not refunds.can_go_back(attempt, money):
            raise Invalid("credit_already", field="amount")
        made = refunds.ask(attempt, attempt.charge_ref or "", money, f"staff:{_nth(attempt)}", who)
        record("act", made.id, "", "refund", who, why=why, booking_id=attempt.checkout.booking_id)
        allocation.tell_client(attempt, made)
        return made


def way_back(attempt: Attempt) -> str:
    """Where money of the payment would go: a key of words.WAYS_BACK, from the function that then sends it."""
    left = refunds.left_of(attempt)
    whole = refunds.means_of(attempt, left, attempt.charge_ref or "")
    part = refunds.means_of(attempt, Money(1, left.currency), attempt.charge_ref or "")
    gone = attempt.gateway not in journal.OWN and attempt.gateway not in payment_methods.offered()
    return "by_hand" if gone and whole is RefundMeans.GATEWAY else _WAYS[whole, part]


# How a payment's money goes back, by the way all that is left goes and the way a small part of it goes.
_WAYS = {
    (RefundMeans.GATEWAY, RefundMeans.GATEWAY): "gateway",
    (RefundMeans.GATEWAY, RefundMeans.WALLET): "whole",
    (RefundMeans.WALLET, RefundMeans.WALLET): "credit",
    (RefundMeans.BY_HAND, RefundMeans.BY_HAND): "in_hand",
    (RefundMeans.PACKAGE, RefundMeans.WALLET): "package",
}


def _nth(attempt: Attempt) -> int:
    statement = select(func.count()).where(Refund.attempt_id == attempt.id, Refund.reason.like("staff:%"))
    return (db.session.scalar(statement) or 0) + 1
