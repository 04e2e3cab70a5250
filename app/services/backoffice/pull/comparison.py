"""One thing of a gateway's list against our rows: another's, known, or news that has its effect now, once."""

import uuid
from dataclasses import replace
from enum import Enum, auto

from sqlalchemy import select

from app.domain.lifecycle import AttemptStatus, InboxState, RefundStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Authorised, Confirmed, Disputed, Fact, Gateway, Listed, Refunded, RefundFailed
from app.models import Attempt, Dispute, InboxEntry, Refund
from app.services.backoffice.pull import lost_rows
from app.services.core import fact_json
from app.services.ledger import journal
from app.services.payments import inbox


class Finding(Enum):
    """What a thing of the list is to us, and what became of it."""

    OTHERS = auto()  # another product's, or another Kikao's: nothing of it is kept
    KNOWN = auto()  # ours, and the rows say the same
    LANDED = auto()  # ours, unheard of, and it has had its effect
    RESTORED = auto()  # the same, on a payment whose row was lost and is put back
    REVIEW = auto()  # ours, and a person must look
    LOST = auto()  # the same, because what it paid for is lost, too
    WAITS = auto()  # ours, and in the inbox until its payment is known
    FAILED = auto()  # it could not be dealt with, for a reason that is not its own


def compare(gateway: Gateway, listed: Listed, own: str) -> Finding:
    """The thing has had its effect, once, however often and by whomever it is told; `own` is this installation's name."""
    if listed.installation not in (None, own):
        return Finding.OTHERS
    attempt_id = inbox.match(gateway.code, listed.event)
    if attempt_id is None:
        return Finding.OTHERS if listed.installation is None else _unknown(gateway, listed)
    if _is_known(attempt_id, listed.event.fact):
        return Finding.KNOWN
    return _take(gateway, listed, Finding.LANDED, Finding.REVIEW)


def _unknown(gateway: Gateway, listed: Listed) -> Finding:
    """Ours, and its row is lost: put back with what it paid for, or before staff."""
    found = lost_rows.put_back(gateway, listed)
    if found is lost_rows.PutBack.CHECKOUT_LOST:
        return _take(gateway, listed, Finding.LOST, Finding.LOST)
    return _take(gateway, listed, Finding.RESTORED, Finding.REVIEW)


def _take(gateway: Gateway, listed: Listed, landed: Finding, review: Finding) -> Finding:
    # The object says whose it is: what matches nothing waits as ours.
    event = replace(listed.event, installation=listed.installation)
    receipt = inbox.receive(gateway.code, event, source="pull")
    if receipt.duplicate and receipt.state not in (InboxState.UNMATCHED, InboxState.RECEIVED):
        return Finding.KNOWN
    became = {InboxState.APPLIED: landed, InboxState.REVIEW: review, InboxState.IGNORED: Finding.KNOWN}
    return became.get(receipt.state, Finding.WAITS)


# ------------------------------------------------------------------------------------------------ what the rows say


def _is_known(attempt_id: uuid.UUID, fact: Fact) -> bool:
    """Whether the rows say what the list says, or the same news has come in before."""
    attempt = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    return _stands(attempt, fact) or _was_told(attempt, fact)


def _stands(attempt: Attempt, fact: Fact) -> bool:
    match fact:
        case Confirmed():
            return _has_brought(attempt, fact)
        case Authorised():
            is_here = attempt.status in (AttemptStatus.AUTHORISED, AttemptStatus.PAID)
            return is_here and attempt.charge_ref == fact.charge_ref
        case Refunded():
            return _has_refund(attempt, fact.refund_ref, RefundStatus.DONE, fact.money)
        case RefundFailed():
            return _has_refund(attempt, fact.refund_ref, RefundStatus.FAILED, None)
        case Disputed():
            return _has_dispute(attempt, fact)
        case _:
            return True  # it says nothing about our money


def _has_brought(attempt: Attempt, fact: Confirmed) -> bool:
    if not attempt.is_paid or fact.charge_ref is None or fact.money is None:
        return False
    own = "" if fact.charge_ref == attempt.charge_ref else fact.charge_ref
    booked = journal.brought_by(journal.capture_key(attempt.id, own), journal.received(attempt), fact.money.currency)
    return booked == fact.money


def _has_refund(attempt: Attempt, refund_ref: str | None, status: RefundStatus, money: Money | None) -> bool:
    """One that was made elsewhere may have done several of ours."""
    rows = select(Refund).where(Refund.attempt_id == attempt.id, Refund.provider_ref == refund_ref)
    found = list(db.session.scalars(rows)) if refund_ref else []
    is_all = money is None or Money(sum(row.amount for row in found), money.currency) == money
    return bool(found) and is_all and all(row.status is status for row in found)


def _has_dispute(attempt: Attempt, fact: Disputed) -> bool:
    rows = select(Dispute).where(Dispute.attempt_id == attempt.id, Dispute.vendor_ref == fact.dispute_ref)
    return any(
        (row.stage, row.phase) == (fact.stage[:40], fact.phase) and fact.deducted in (None, row.taken)
        for row in db.session.scalars(rows)
    )


def _was_told(attempt: Attempt, fact: Fact) -> bool:
    """Whether the vendor's same word has come in, and was dealt with: also where no row came of it."""
    told = select(InboxEntry.fact).where(
        InboxEntry.attempt_id == attempt.id,
        InboxEntry.state.in_((InboxState.APPLIED, InboxState.REVIEW, InboxState.IGNORED)),
    )
    return any(_identity(fact_json.from_json(each)) == _identity(fact) for each in db.session.scalars(told))


def _identity(fact: Fact) -> tuple[object, ...]:
    """What makes two words of a vendor the same, by whatever way they come: of what, and how far it is."""
    names = ("charge_ref", "refund_ref", "dispute_ref", "stage", "phase", "money", "deducted")
    return (fact.type_code, *(getattr(fact, name, None) for name in names))
