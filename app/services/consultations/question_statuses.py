"""A consultation's status: changed by the table, with its row in the trail.

Inside the caller's transaction, which has locked the row.
"""

from datetime import timedelta

from app.domain.lifecycle import CONSULTATION_MOVES, WRITABLE
from app.lib import clock
from app.models import Consultation
from app.services.consultations.question_queries import status_now
from app.services.core.errors import Conflict
from app.services.core.transaction import Who, record


def transition(consultation: Consultation, action: str, who: Who) -> None:
    """The consultation has the status that `action` leads to, and the trail says so.

    Raises Conflict (not_allowed; answer_too_late once the deadline has passed, swept or not).
    """
    before = status_now(consultation)
    if before is not consultation.status and "answer" in _possible(consultation):
        raise Conflict("answer_too_late")
    target = CONSULTATION_MOVES[action].get(before)
    if target is None:
        raise Conflict("not_allowed", action=action, status=before.value)
    _set(consultation, action, who)
    if action == "answer":
        now = clock.now()
        consultation.answered_at = now
        consultation.closes_at = now + timedelta(days=consultation.open_days)


def transition_by_clock(consultation: Consultation, who: Who) -> str:
    """The status is what the clock says.

    Returns the action that did it: expire, close, or empty where there was none.
    """
    after = status_now(consultation)
    if after is consultation.status:
        return ""
    action = next(each for each, table in CONSULTATION_MOVES.items() if table.get(consultation.status) is after)
    _set(consultation, action, who)
    return action


def _possible(consultation: Consultation) -> list[str]:
    return [action for action, table in CONSULTATION_MOVES.items() if consultation.status in table]


def _set(consultation: Consultation, action: str, who: Who) -> None:
    target = CONSULTATION_MOVES[action][consultation.status]
    record("consultation", consultation.id, consultation.status, target, who)
    consultation.status = target
    if target not in WRITABLE:
        consultation.ended_at = clock.now()
