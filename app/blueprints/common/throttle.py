"""How often a stranger may try and anybody may read: counted in Redis where there is one that answers, else per process."""

from flask import g
from flask_limiter import RequestLimit
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import RateLimitItemPerMinute

from app.domain.quotas import QUOTAS, Rule
from app.extensions import limiter
from app.lib.network.addresses import network_of
from app.services.core import quotas

_ONCE = RateLimitItemPerMinute(1)  # so often a stop is noted: who goes on asking makes no more work


def _anybody() -> str:
    """Whoever it is, by page or by program."""
    caller = g.get("caller") or current_user
    return f"anybody:{caller.get_id()}" if caller.is_authenticated else get_remote_address()


def _reading() -> tuple[Rule, str]:
    """Whose reading it is: a person's, or of who is not logged in the network's."""
    caller = g.get("caller") or current_user
    if caller.is_authenticated:
        return Rule.READS, str(caller.get_id())
    return Rule.READS_BY_NETWORK, network_of(get_remote_address())


def _reader() -> str:
    return ":".join(_reading())


def _reads() -> str:
    quota = QUOTAS[_reading()[0]]
    seconds = quota.within.total_seconds() if quota.within else 0
    return f"{quota.most} per {seconds:.0f} seconds"


def _note_stop(_limit: RequestLimit) -> None:
    if limiter.limiter.hit(_ONCE, "stops", _reader()):
        quotas.note_stop(*_reading())


def _person() -> str:
    return f"person:{current_user.get_id()}"


def _caller() -> str:
    found = getattr(g, "caller", None)
    return f"person:{found.get_id() if found else ''}"


# For who is logged in and must give the password again: neither guessing it nor making us work all day.
per_person = limiter.limit("20/hour", key_func=_person)
per_caller = limiter.limit("20/hour", key_func=_caller)
# For a secret address that nobody guesses, and that somebody might try to.
per_network = limiter.limit("30/hour")
# Papers cost more than pages: enough for everybody who reads them, too little to keep us busy.
per_reader = limiter.shared_limit("60/5 minutes", scope="papers", key_func=_anybody)
# Calendars and searches are worked out anew each time: as many as a person can read, and a program needs to show one.
per_search = limiter.shared_limit(_reads, scope="reads", key_func=_reader, on_breach=_note_stop)
