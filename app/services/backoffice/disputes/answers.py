"""What staff sent to the payer's bank at the vendor's own site.

Kikao sends nothing there itself: an answer is given once for each phase and cannot be taken back, each vendor asks for other
fields by the reason of the challenge, and a person must read what is revealed before a bank has it (decision 0016).
"""

from datetime import date

from sqlalchemy import select

from app.domain.lifecycle import DisputeStatus
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Dispute, DisputeAnswer, User
from app.services.backoffice.repair.staff_acts import checked_evidence, locked, principal
from app.services.core.errors import Conflict, Invalid, NotFound, check_all
from app.services.core.transaction import record, transaction

SUBJECT = "evidence"  # the trail's word for what is done about a dispute's evidence; its id is the dispute's


def answer(dispute_id: int, sent_on: date | None, note: str, staff: User) -> DisputeAnswer:
    """Evidence counts as sent on that day of the staff's clock, for what the bank asks now; what was added to it stays.

    Raises NotFound, Forbidden, Invalid (evidence_missing, too_long, date_invalid, day_ahead), Conflict (not_allowed).
    """
    who = principal(staff)
    check_all((lambda: checked_evidence(note), lambda: _check_day(sent_on, staff)))
    note = checked_evidence(note)
    with transaction() as session:
        dispute = lock_dispute(dispute_id)
        if dispute.status is not DisputeStatus.OPEN:
            raise Conflict("not_allowed", action="answer", status=dispute.status.value)
        made = DisputeAnswer(
            dispute_id=dispute.id,
            phase=dispute.phase,
            respond_by=dispute.respond_by,
            sent_on=sent_on,
            note=note,
            staff_id=staff.id,
            noted_at=clock.now(),
        )
        session.add(made)
        record("evidence", dispute.id, "", "answered", who, why=note, booking_id=dispute.attempt.checkout.booking_id)
        session.flush()
        return made


def _check_day(sent_on: date | None, staff: User) -> None:
    if sent_on is None:
        raise Invalid("date_invalid", field="sent_on")
    if sent_on > clock.today(staff.zone):
        raise Invalid("day_ahead", field="sent_on")


def answers_of(dispute: Dispute) -> list[DisputeAnswer]:
    """What was sent about it, the oldest first."""
    mine = select(DisputeAnswer).where(DisputeAnswer.dispute_id == dispute.id)
    return list(db.session.scalars(mine.order_by(DisputeAnswer.id)))


def is_answered(dispute: Dispute) -> bool:
    """Whether evidence has been sent for what the bank asks now."""
    return any(each.answers(dispute) for each in answers_of(dispute))


def lock_dispute(dispute_id: int) -> Dispute:
    """The dispute, locked after its payment. Raises NotFound."""
    found = db.session.get(Dispute, dispute_id)
    if found is None:
        raise NotFound
    locked(Attempt, found.attempt_id)
    return locked(Dispute, dispute_id)
