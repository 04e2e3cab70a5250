"""Questions in writing: paid first, answered in time or paid back, then a conversation of two people."""

from app.services.consultations.attachments import LIMIT, PER_MESSAGE, Upload, content_of, get_file
from app.services.consultations.conversation import Written, answer, mark_read, write
from app.services.consultations.question_endings import close, decline, overdue, remind, try_lapse
from app.services.consultations.question_queries import (
    Page,
    actions,
    for_client,
    for_practitioner,
    get,
    open_of,
    status_now,
    unread,
    unread_in,
    waiting,
    waits,
)
from app.services.consultations.question_requests import Asked, Terms, ask, asked_by, terms_of, unpaid
from app.services.consultations.sealed_texts import TEXT_LIMIT, answer_of, question_of, reason_of, text_of

__all__ = [
    "LIMIT",
    "PER_MESSAGE",
    "TEXT_LIMIT",
    "Asked",
    "Page",
    "Terms",
    "Upload",
    "Written",
    "actions",
    "answer",
    "answer_of",
    "ask",
    "asked_by",
    "close",
    "content_of",
    "decline",
    "for_client",
    "for_practitioner",
    "get",
    "get_file",
    "mark_read",
    "open_of",
    "overdue",
    "question_of",
    "reason_of",
    "remind",
    "status_now",
    "terms_of",
    "text_of",
    "try_lapse",
    "unpaid",
    "unread",
    "unread_in",
    "waiting",
    "waits",
    "write",
]
