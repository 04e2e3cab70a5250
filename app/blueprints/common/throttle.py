"""How often a stranger may try: counted per process, in memory, so that no login depends on Redis."""

from flask import Response, g
from flask_limiter.util import get_remote_address
from flask_login import current_user

from app.extensions import limiter


def _anybody() -> str:
    """Whoever it is, by page or by program."""
    caller = g.get("caller") or current_user
    return f"anybody:{caller.get_id()}" if caller.is_authenticated else get_remote_address()


def _was_wrong(response: Response) -> bool:
    return response.status_code in (409, 422)


def _person() -> str:
    return f"person:{current_user.get_id()}"


def _caller() -> str:
    found = getattr(g, "caller", None)
    return f"person:{found.get_id() if found else ''}"


# For who is logged in and must give the password again: neither guessing it nor making us work all day.
per_person = limiter.limit("20/hour", key_func=_person)
per_caller = limiter.limit("20/hour", key_func=_caller)
# Codes are too long to be guessed; who tries all the same, by page or by program, is slowed down.
per_guesser = limiter.shared_limit("10/5 minutes", scope="codes", key_func=_anybody, deduct_when=_was_wrong)
# Papers cost more than pages: enough for everybody who reads them, too little to keep us busy.
per_reader = limiter.shared_limit("60/5 minutes", scope="papers", key_func=_anybody)
