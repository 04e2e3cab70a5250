"""What staff can do about credit that is to be paid out by hand."""

import uuid

from app.domain.lifecycle import PAYOUT_MOVES, PayoutStatus
from app.lib import clock
from app.models import Payout, User
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core.errors import Conflict
from app.services.core.transaction import record, transaction
from app.services.ledger import credit_lots, journal
from app.services.notifications import notices
from app.services.prepaid import wallet


def settle_payout(payout_id: uuid.UUID, evidence: str, staff: User) -> Payout:
    """The credit was sent by hand; `evidence` says how."""
    return _on_payout(payout_id, "settle", evidence, staff)


def refuse_payout(payout_id: uuid.UUID, reason: str, staff: User) -> Payout:
    """The credit is in the wallet again; the client reads the reason."""
    return _on_payout(payout_id, "refuse", reason, staff)


def _on_payout(payout_id: uuid.UUID, action: str, evidence: str, staff: User) -> Payout:
    missing = "reason_missing" if action == "refuse" else "evidence_missing"
    who = principal(staff)
    evidence = checked_evidence(evidence, missing)
    with transaction():
        payout = locked(Payout, payout_id)
        target = PAYOUT_MOVES[action].get(payout.status)
        if target is None:
            raise Conflict("not_allowed", action=action, status=payout.status.value)
        record("payout", payout.id, payout.status, target, who, why=evidence)
        payout.status = target
        payout.evidence = evidence
        payout.settled_at = clock.now()
        asked = wallet.payout_key(payout)
        if target is PayoutStatus.DONE and any(map(credit_lots.held_of, credit_lots.moved_by(asked))):
            raise Conflict("credit_held")
        there = journal.BY_HAND if target is PayoutStatus.DONE else journal.wallet(payout.user_id)
        journal.post(
            f"payout_{target}",
            f"payout_{target}:{payout.id}",
            journal.Transfer(journal.payouts(payout.id), there, payout.money),
            credit=journal.Credit(like=asked),
        )
        data = {"amount": payout.amount, "currency": payout.currency, "evidence": evidence}
        notices.tell(payout.user_id, f"payout_{target}", cause=payout.id, data=data)
        return payout
