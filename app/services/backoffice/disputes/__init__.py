"""The desk for charges that a payer's bank challenges: deadlines, evidence on paper, what was answered, what is held."""

from app.services.backoffice.disputes.additions import (
    MOST,
    TEXT_LIMIT,
    Addable,
    choose,
    for_practitioner,
    of,
    of_practitioner,
    say,
    take_back,
    words_of,
)
from app.services.backoffice.disputes.answers import answer, answers_of, is_answered
from app.services.backoffice.disputes.desk import Case, case, closed, open_cases
from app.services.backoffice.disputes.evidence import Added, Bought, Copy, Cut, Evidence, Spent, make_paper
from app.services.backoffice.disputes.held_money import Held, held_credit, holders_of, holding

__all__ = [
    "MOST",
    "TEXT_LIMIT",
    "Addable",
    "Added",
    "Bought",
    "Case",
    "Copy",
    "Cut",
    "Evidence",
    "Held",
    "Spent",
    "answer",
    "answers_of",
    "case",
    "choose",
    "closed",
    "for_practitioner",
    "held_credit",
    "holders_of",
    "holding",
    "is_answered",
    "make_paper",
    "of",
    "of_practitioner",
    "open_cases",
    "say",
    "take_back",
    "words_of",
]
