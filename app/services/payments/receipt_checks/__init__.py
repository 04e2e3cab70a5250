"""A gateway's receipt that somebody shows for a payment (an M-Pesa code): its gateway is asked, and its answer decides."""

from app.services.payments.receipt_checks.check_answers import REASON, accept, refuse
from app.services.payments.receipt_checks.check_calls import ask, desk_of, expects, show, show_for, shown_for
from app.services.payments.receipt_checks.check_rows import due, is_turned_away, of_attempts, of_receipt
from app.services.payments.receipt_checks.menu_payments import foreign_on_day, register, told
from app.services.payments.receipt_checks.receipt_news import try_hear

__all__ = [
    "REASON",
    "accept",
    "ask",
    "desk_of",
    "due",
    "expects",
    "foreign_on_day",
    "is_turned_away",
    "of_attempts",
    "of_receipt",
    "refuse",
    "register",
    "show",
    "show_for",
    "shown_for",
    "told",
    "try_hear",
]
