"""Trying to pay: begin, resume, look up, close. Every call to a vendor stands between two transactions, never inside one."""

from app.services.payments.attempts.attempt_rows import (
    Prepared,
    all_of,
    begun_with,
    check_payable,
    gateway_of,
    last_gateway,
    live_of,
    lock_attempt,
    lock_with_attempts,
    may_be_paid,
    new_attempt,
    prompt_ends,
    prompt_over_at,
    proofs_waiting,
    step_of,
)
from app.services.payments.attempts.attempt_start import begin, or_close
from app.services.payments.attempts.look_ups import ask_now, check, close, close_lost, due, look_up, read_return
from app.services.payments.attempts.vendor_calls import Started

__all__ = [
    "Prepared",
    "Started",
    "all_of",
    "ask_now",
    "begin",
    "begun_with",
    "check",
    "check_payable",
    "close",
    "close_lost",
    "due",
    "gateway_of",
    "last_gateway",
    "live_of",
    "lock_attempt",
    "lock_with_attempts",
    "look_up",
    "may_be_paid",
    "new_attempt",
    "or_close",
    "prompt_ends",
    "prompt_over_at",
    "proofs_waiting",
    "read_return",
    "step_of",
]
