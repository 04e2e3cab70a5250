"""Who hears what of a conversation.

A message says that there is something, and where; never a word of what was written.
"""

import uuid
from datetime import timedelta
from typing import Any

from app.domain.lifecycle import RefundMeans
from app.extensions import db
from app.lib import clock
from app.models import Consultation, ConsultationMessage, Notification, Refund
from app.services.consultations.question_queries import actions, read_by, role_in
from app.services.notifications import notices

AGAIN_AFTER = timedelta(days=1)  # who has not read yet is told again of something newer, but not sooner


def answered(consultation: Consultation) -> None:
    """The client will be told of the answer."""
    _tell_client(consultation, "question_answered")


def wrote(consultation: Consultation, message: ConsultationMessage) -> None:
    """The other side will be told that something was written."""
    number = {"number": message.number}
    if message.author_id == consultation.client_id:
        _tell_practice(consultation, "question_message", message.id, **number)
    else:
        _tell_client(consultation, "question_message", message.id, **number)


def waits(consultation: Consultation) -> int:
    """How many people were reminded of it: the practitioner, once."""
    return int(_tell_practice(consultation, "question_waits", until=_iso(consultation)))


def declined(consultation: Consultation, back: list[Refund]) -> None:
    """The client will be told where the money is."""
    _tell_client(consultation, "question_declined", **_sums(back))


def expired(consultation: Consultation, back: list[Refund]) -> None:
    """Both will be told, once each."""
    _tell_client(consultation, "question_unanswered", **_sums(back))
    _tell_practice(consultation, "question_missed")


def _sums(back: list[Refund]) -> dict[str, Any]:
    """What comes back and how, in minor units; nothing where it was sent back before."""
    if not back:
        return {}
    credited = sum(refund.amount for refund in back if refund.means is RefundMeans.WALLET)
    amount = sum(refund.amount for refund in back)
    return {"amount": amount, "credited": credited, "currency": back[0].currency}


def _tell_client(consultation: Consultation, kind: str, cause: object = "", **more: Any) -> bool:
    data = {"who": consultation.practitioner.name, "consultation": str(consultation.id), **more}
    return notices.tell(consultation.client_id, kind, cause=cause or consultation.id, data=data)


def _tell_practice(consultation: Consultation, kind: str, cause: object = "", **more: Any) -> bool:
    data = {"who": consultation.client.name, "consultation": str(consultation.id), **more}
    return notices.tell(consultation.practitioner.user_id, kind, cause=cause or consultation.id, data=data)


def _iso(consultation: Consultation) -> str:
    return consultation.answer_by.isoformat() if consultation.answer_by else ""


# ------------------------------------------------------------------------------------------------ still true when sent


def _of(notice: Notification) -> Consultation | None:
    return db.session.get(Consultation, uuid.UUID(notice.data["consultation"]))


def can_be_answered(notice: Notification) -> bool:
    """Whether the message's reader can still answer the question."""
    found = _of(notice)
    return found is not None and "answer" in actions(found, notice.user)


def is_unread(notice: Notification) -> bool:
    """Whether the message's reader has not read yet what it is about."""
    found = _of(notice)
    return found is not None and read_by(found, role_in(found, notice.user)) < int(notice.data["number"])


def last_quarter(consultation: Consultation) -> bool:
    """Whether three quarters of the time to answer are over, and not all of it."""
    if consultation.answer_by is None:
        return False
    left = consultation.answer_by - clock.now()
    return timedelta(0) < left <= (consultation.answer_by - consultation.asked_at) / 4
