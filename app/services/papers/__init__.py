"""Forms that clients fill in and sign: what a booking asks for, signing it, and the practitioner's own forms."""

from app.services.papers.asking import Asked, ask, check, is_open, missing, of_booking, waiting
from app.services.papers.filling import ANSWER_LIMIT, ANSWERS_LIMIT, Filled, faults
from app.services.papers.signing import Content, get, opened, sign, text_of
from app.services.papers.writing import (
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
    "ask",
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
    "text_of",
    "version",
    "waiting",
]
