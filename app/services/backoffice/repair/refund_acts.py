"""What staff can do about a refund that failed, or of which nothing is heard."""

import uuid
from collections.abc import Callable

from app.domain.lifecycle import RefundMeans, RefundStatus
from app.extensions import db
from app.models import Attempt, Refund, User
from app.services.backoffice.repair import waiver_acts
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import Who, record, transaction
from app.services.ledger import disputes, journal, refunds
from app.services.payments import allocation


def remedies_for(refund: Refund, staff: User) -> list[str]:
    """What this person may do about the refund now; nothing while it is well on its way, or done."""
    if refund.waiver is not None:
        return ["agree", "withdraw"] if waiver_acts.can_agree(refund, staff) else ["withdraw"]
    ends = ["before", "not_owed"] if waiver_acts.can_be_waived(refund) else []
    if refund.status is RefundStatus.FAILED:
        again = [] if journal.custodian_of(refund.attempt) else ["retry"]
        by_hand = [] if disputes.withholds(refund) else ["by_hand"]
        return [*again, "credit", *by_hand, *ends]
    return ["chase", "by_hand", *ends] if refunds.is_in_doubt(refund) else []


def chase_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """The gateway has been asked what became of a refund that is under way, and its answer has had its effect."""

    def hasten(each: Refund, who: Who) -> bool:
        record("act", each.id, "", "asked", who, booking_id=each.attempt.checkout.booking_id)
        return refunds.try_hasten(each)

    found = _on_refund(refund_id, staff, hasten)
    refunds.send(refund_id)
    return found


def retry_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """A failed refund is asked for again, as far as the payer's bank did not take the same money since."""

    def retry(each: Refund, who: Who) -> bool:
        if each.status is RefundStatus.FAILED:
            refunds.set_off(each.attempt, each.charge_ref)
        return each.means is RefundMeans.BANK or refunds.try_retry(each, who)

    return _on_refund(refund_id, staff, retry)


def credit_refund(refund_id: uuid.UUID, staff: User) -> Refund:
    """A failed refund is in the client's wallet instead, and the client knows."""

    def give(each: Refund, who: Who) -> bool:
        done = refunds.try_credit(each, who, payable=True)
        if done:
            allocation.tell_client(each.attempt, each)
        return done

    return _on_refund(refund_id, staff, give)


def settle_refund(refund_id: uuid.UUID, evidence: str, staff: User) -> Refund:
    """A refund that failed, or of which nothing is heard, was sent by other means; `evidence` says how.

    Raises Conflict (refund_withheld) while the payer's bank challenges the payment: it may take the same money.
    """
    evidence = checked_evidence(evidence)

    def settle(each: Refund, who: Who) -> bool:
        if disputes.withholds(each):
            raise Conflict("refund_withheld")
        return refunds.try_settle_by_hand(each, who, evidence)

    return _on_refund(refund_id, staff, settle)


def _on_refund(refund_id: uuid.UUID, staff: User, act: Callable[[Refund, Who], bool]) -> Refund:
    who = principal(staff)
    found = db.session.get(Refund, refund_id)
    if found is None:
        raise NotFound
    attempt_id = found.attempt_id
    with transaction():
        locked(Attempt, attempt_id)
        refund = locked(Refund, refund_id)
        if not act(refund, who):
            raise Conflict("not_allowed", action="refund", status=refund.status.value)
        return refund
