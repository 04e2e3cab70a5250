"""What a gateway's answer about a receipt comes to: tables of why it is refused, and of why a person must decide.

A receipt's code can be guessed, and be read over a shoulder: that the money is here says nothing about whose it is. It is
the payment's where somebody says so who knows (staff, or the gateway, to whom the payer gave our reference), or where it
came from the phone that was asked, while it was asked, or from the number that the client has proved to be theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, or_, select

from app.domain.lifecycle import ReceiptCheckStatus, ReceiptSource
from app.extensions import db
from app.gateways.receipts import ReceiptAnswer, ReceiptState, same_phone
from app.lib import clock
from app.models import Attempt, Checkout, ReceiptCheck, Refund, Review
from app.services.payments.attempts import prompt_over_at

_CLOCKS = timedelta(minutes=2)  # how much a vendor's clock may differ from ours
_REST = timedelta(minutes=1)  # after the end of a prompt its payment may still be completed


@dataclass(frozen=True)
class Case:
    """A receipt that was shown for a checkout with these tries, and what the gateway says of it; read under the locks."""

    check: ReceiptCheck
    checkout: Checkout
    tries: list[Attempt]
    answer: ReceiptAnswer


def why_refused(case: Case) -> str:
    """Why the receipt pays nothing here, as a code of words.RECEIPTS; empty where nothing speaks against it."""
    return next((code for code, applies in _REFUSALS if applies(case)), "")


def why_doubted(case: Case) -> str:
    """Why only a person can say what the receipt pays, as a code of words.RECEIPTS; empty where it is certain."""
    return next((code for code, applies in _DOUBTS if applies(case)), "")


def attempt_of(case: Case) -> Attempt | None:
    """The try to pay that the receipt is of; None where nobody here can know."""
    if case.check.source is not ReceiptSource.CLIENT:
        return case.check.attempt
    prompted = [attempt for attempt in reversed(case.tries) if _was_asked_then(attempt, case)]
    if prompted:
        return prompted[0]
    client = case.checkout.client
    proved = client.phone if client.phone_proved_at is not None else None
    return case.check.attempt if same_phone(case.answer.phone, proved) else None


def _was_asked_then(attempt: Attempt, case: Case) -> bool:
    """Whether the payment came from the phone that this try asked, while it asked; hidden digits need the very amount."""
    over = prompt_over_at(attempt)
    taken = case.answer.taken_at
    if attempt.gateway != case.check.gateway or attempt.is_paid or over is None or taken is None:
        return False
    if not attempt.heard_at - _CLOCKS <= taken <= over + _REST:
        return False
    same = same_phone(case.answer.phone, attempt.phone)
    return case.answer.money == attempt.money if same is None else same


def _is_too_old(case: Case) -> bool:
    taken = case.answer.taken_at
    return taken is not None and taken < case.checkout.created_at - _CLOCKS


def _says_too_little(case: Case) -> bool:
    told = case.answer
    if told.state is not ReceiptState.PAID or told.receipt != case.check.receipt:
        return True
    if told.money is None or told.to_us is None or told.taken_at is None:
        return True
    return told.taken_at > clock.now() + _CLOCKS or told.money.currency != case.checkout.currency


def _pays_something_else(case: Case) -> bool:
    mine = [attempt.id for attempt in case.tries]
    there = Attempt.gateway == case.check.gateway
    receipt = case.check.receipt
    paid = exists().where(there, Attempt.charge_ref == receipt, Attempt.id.not_in(mine), Attempt.status == "paid")
    landed = exists().where(
        ReceiptCheck.gateway == case.check.gateway,
        ReceiptCheck.receipt == receipt,
        ReceiptCheck.status == ReceiptCheckStatus.LANDED,
        ReceiptCheck.id != case.check.id,
    )
    back = exists().where(
        there,
        Refund.attempt_id == Attempt.id,
        or_(Refund.provider_ref == receipt, (Refund.charge_ref == receipt) & Refund.attempt_id.not_in(mine)),
    )
    return bool(db.session.scalar(select(or_(paid, landed, back))))


def _is_claimed_elsewhere(case: Case) -> bool:
    """Whether somebody who may know says that it is of another payment: unsigned news, staff, or what a person looks at."""
    mine = [attempt.id for attempt in case.tries]
    there = Attempt.gateway == case.check.gateway
    receipt = case.check.receipt
    told = exists().where(there, Attempt.charge_ref == receipt, Attempt.id.not_in(mine))
    shown = exists().where(
        ReceiptCheck.gateway == case.check.gateway,
        ReceiptCheck.receipt == receipt,
        ReceiptCheck.checkout_id != case.checkout.id,
        ReceiptCheck.source != ReceiptSource.CLIENT,
        ReceiptCheck.status.in_((ReceiptCheckStatus.OPEN, ReceiptCheckStatus.REVIEW)),
    )
    looked_at = exists().where(
        there,
        Review.attempt_id == Attempt.id,
        Attempt.id.not_in(mine),
        Review.charge_ref == receipt,
        Review.resolved_at.is_(None),
        Review.reason != "receipt",
    )
    return bool(db.session.scalar(select(or_(told, shown, looked_at))))


_Rule = tuple[str, Callable[[Case], bool]]

_REFUSALS: tuple[_Rule, ...] = (
    ("receipt_unknown", lambda case: case.answer.state is ReceiptState.UNKNOWN),
    ("receipt_not_paid", lambda case: case.answer.state is ReceiptState.NOT_PAID),
    ("receipt_elsewhere", lambda case: case.answer.to_us is False),
    ("receipt_too_old", _is_too_old),
    ("receipt_used", _pays_something_else),
)
_DOUBTS: tuple[_Rule, ...] = (
    ("no_access", lambda case: case.answer.state is ReceiptState.NO_ACCESS),
    ("unclear", _says_too_little),
    ("claimed", _is_claimed_elsewhere),
    ("payer", lambda case: attempt_of(case) is None),
)
