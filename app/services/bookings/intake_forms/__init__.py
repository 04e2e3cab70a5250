"""Forms that clients sign: what a booking asks for, signing it, the practitioner's own forms."""

from app.services.bookings.intake_forms.form_answers import ANSWER_LIMIT, ANSWERS_LIMIT, Filled, faults
from app.services.bookings.intake_forms.form_requests import (
    Asked,
    check,
    is_open,
    missing,
    of_booking,
    still_wait,
    tell_missing,
    waiting,
)
from app.services.bookings.intake_forms.form_versions import (
    EMPTY,
    QUESTION_KINDS,
    QUESTIONS_LIMIT,
    Draft,
    draft_of,
    mine,
    own,
    save,
    version,
)
from app.services.bookings.intake_forms.signatures import Content, get, opened, sign, text_of

__all__ = [
    "ANSWERS_LIMIT",
    "ANSWER_LIMIT",
    "EMPTY",
    "QUESTIONS_LIMIT",
    "QUESTION_KINDS",
    "Asked",
    "Content",
    "Draft",
    "Filled",
    "check",
    "draft_of",
    "faults",
    "get",
    "is_open",
    "mine",
    "missing",
    "of_booking",
    "opened",
    "own",
    "save",
    "sign",
    "still_wait",
    "tell_missing",
    "text_of",
    "version",
    "waiting",
]
