"""What staff can do about a dispute whose end the gateway did not tell: they read it there, and say so."""

from app.domain.lifecycle import DisputeStatus
from app.gateways.base import Disputed, GatewayEvent
from app.models import Attempt, Dispute, User
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core.errors import Conflict, NotFound
from app.services.core.transaction import record, transaction
from app.services.payments import inbox

ENDS = ("won", "lost")


def end_dispute(dispute_id: int, end: str, evidence: str, staff: User) -> None:
    """The dispute has ended as staff read it at the gateway, with all that follows; news of it later changes nothing.

    Raises NotFound, Invalid (evidence_missing), Conflict (not_allowed).
    """
    who = principal(staff)
    evidence = checked_evidence(evidence)
    if end not in ENDS:
        raise NotFound
    with transaction() as session:
        found = session.get(Dispute, dispute_id)
        if found is None:
            raise NotFound
        attempt = locked(Attempt, found.attempt_id)
        dispute = locked(Dispute, dispute_id)
        if dispute.status is not DisputeStatus.OPEN:
            raise Conflict("not_allowed", action="dispute", status=dispute.status.value)
        record("act", dispute.id, "", f"dispute_{end}", who, why=evidence, booking_id=attempt.checkout.booking_id)
        fact = Disputed(dispute.charge_ref, dispute.money, end, dispute.vendor_ref, dispute.phase)
        event = GatewayEvent(f"dispute:{dispute.id}:{end}", "dispute", fact, attempt.reference, attempt.provider_ref)
        inbox.take(attempt.gateway, event, source="staff")
