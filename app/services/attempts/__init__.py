"""Trying to pay: begin, resume, look up, close. Every call to a vendor stands between two transactions, never inside one."""

from app.services.attempts.asking import ask_now, check, close, due, look_up, read_return
from app.services.attempts.beginning import begin, or_close
from app.services.attempts.calling import Started
from app.services.attempts.rows import (
    all_of,
    gateway_of,
    last_gateway,
    live_of,
    prompt_ends,
    prompt_over_at,
    step_of,
)

__all__ = [
    "Started",
    "all_of",
    "ask_now",
    "begin",
    "check",
    "close",
    "due",
    "gateway_of",
    "last_gateway",
    "live_of",
    "look_up",
    "or_close",
    "prompt_ends",
    "prompt_over_at",
    "read_return",
    "step_of",
]
