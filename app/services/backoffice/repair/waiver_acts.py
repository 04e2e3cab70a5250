"""How staff end a refund that is not owed: one of them says so with evidence, and another agrees.

Where there is no other, the same one confirms it a day later: nobody moves money away alone and at once. (That whoever does so
proves anew who they are is the door's business, as for every refund.)
"""

import uuid
from datetime import timedelta

from sqlalchemy import select

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Refund, RefundWaiver, Role, User
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, record, transaction
from app.services.ledger import journal, refunds
from app.services.notifications import notices

ALONE = timedelta(hours=24)  # after which who is alone may confirm it


def propose_waiver(refund_id: uuid.UUID, means: RefundMeans, evidence: str, staff: User) -> Refund:
    """It is said that the refund went back before, or is not owed; all staff are told, and nothing has moved."""
    who = principal(staff)
    evidence = checked_evidence(evidence)
    with transaction():
        refund = _locked(refund_id)
        if refund.waiver is not None or not can_be_waived(refund):
            raise _not_allowed(refund)
        refund.waiver = RefundWaiver(
            means=means, evidence=evidence, staff_id=staff.id, proposed_at=clock.now(), refund_id=refund.id
        )
        _write(refund, who, f"waiver_{means.value}", evidence)
        _tell(refund, staff, evidence)
        return refund


def agree_waiver(refund_id: uuid.UUID, staff: User) -> Refund:
    """The refund has ended as it was said.

    Raises Conflict (second_person_needed, waiver_too_early) for who said it, unless it was a day ago and there is nobody else.
    """
    who = principal(staff)
    with transaction():
        refund = _locked(refund_id)
        waiver = refund.waiver
        if waiver is None:
            raise _not_allowed(refund)
        _check_second(waiver, staff)
        if not can_be_waived(refund) or not refunds.try_waive(refund, waiver.means, who, waiver.evidence):
            raise _not_allowed(refund)
        return refund


def withdraw_waiver(refund_id: uuid.UUID, staff: User) -> Refund:
    """Nobody says any more that the refund is not owed."""
    who = principal(staff)
    with transaction():
        refund = _locked(refund_id)
        if refund.waiver is None:
            raise _not_allowed(refund)
        _write(refund, who, "waiver_withdrawn", refund.waiver.evidence)
        refund.waiver = None
        return refund


def can_be_waived(refund: Refund) -> bool:
    """Whether it may be said of the refund: it failed, or nothing clear is heard of it; not what a practitioner holds."""
    return journal.custodian_of(refund.attempt) is None and (
        refund.status is RefundStatus.FAILED or refunds.is_in_doubt(refund)
    )


def can_agree(refund: Refund, staff: User) -> bool:
    """Whether this person may end the refund now."""
    waiver = refund.waiver
    if waiver is None:
        return False
    return waiver.staff_id != staff.id or (_is_alone(staff) and waiver.proposed_at + ALONE <= clock.now())


def _check_second(waiver: RefundWaiver, staff: User) -> None:
    if waiver.staff_id != staff.id:
        return
    if not _is_alone(staff):
        raise Conflict("second_person_needed")
    if waiver.proposed_at + ALONE > clock.now():
        raise Conflict("waiver_too_early", until=(waiver.proposed_at + ALONE).isoformat())


def _is_alone(staff: User) -> bool:
    others = select(User.id).where(User.role == Role.STAFF, User.active.is_(True), User.id != staff.id)
    return db.session.scalars(others.limit(1)).first() is None


def _locked(refund_id: uuid.UUID) -> Refund:
    found = db.session.get(Refund, refund_id)
    if found is None:
        raise NotFound
    locked(Attempt, found.attempt_id)
    return locked(Refund, refund_id)


def _not_allowed(refund: Refund) -> Conflict:
    return Conflict("not_allowed", action="refund", status=refund.status.value)


def _write(refund: Refund, who: Who, act: str, evidence: str) -> None:
    record("act", refund.id, "", act, who, why=evidence, booking_id=refund.attempt.checkout.booking_id)


def _tell(refund: Refund, staff: User, evidence: str) -> None:
    data = {
        "amount": refund.amount,
        "currency": refund.currency,
        "reference": refund.attempt.reference,
        "who": staff.name,
        "evidence": evidence,
    }
    notices.tell_staff("refund_waived", cause=f"{refund.key}:{clock.now().isoformat()}", data=data)
