"""How often a proof of who one is may be tried: counted before the answer, for all doors and processes together (SEC-1 to 3).

Whoever guesses at one account from one network is stopped hard. Guesses from everywhere slow strangers down, but no device on
which somebody has logged in to that account before: nobody can lock somebody out. A mobile network has one address for
thousands, so a network may do much.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from app.models import User
from app.services.core import counters
from app.services.core.counters import Use

_MINUTES = timedelta(minutes=5)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Origin:
    """Where a try comes from."""

    network: str
    is_known: bool = False  # whether somebody has logged in there to the account in question


@contextmanager
def guess(email: str, origin: Origin) -> Iterator[None]:
    """A password or code for the address is looked at; what turns out right is not counted. Raises TooMany."""
    key = email.strip().lower()
    uses = [
        Use("guess", f"{key} {origin.network}", 10, _MINUTES),
        Use("guess_network", origin.network, 300, _MINUTES),
    ]
    if not origin.is_known:
        uses.append(Use("guess_account", key, 50, _HOUR, "guesses_from_everywhere"))
    counters.spend_all(uses)
    yield
    for use in uses:
        counters.give_back(use.rule, use.key)


@contextmanager
def own_guess(user: User) -> Iterator[None]:
    """Who is logged in proves once more who they are; what turns out right is not counted. Raises TooMany."""
    counters.spend("own_guess", str(user.id), most=10, within=_MINUTES)
    yield
    counters.give_back("own_guess", str(user.id))


def before_account(origin: Origin) -> None:
    """An account is going to be made without a mail. Raises TooMany."""
    counters.spend("account", origin.network, most=100, within=_HOUR)


def before_code(email: str, origin: Origin) -> None:
    """A code is going to be mailed to the address. Raises TooMany (codes_too_often)."""
    key = email.strip().lower()
    uses = [
        Use("code", f"{key} {origin.network}", 5, _HOUR, "codes_too_often"),
        Use("code_network", origin.network, 300, _HOUR, "codes_too_often"),
    ]
    if not origin.is_known:
        uses.append(Use("code_address", key, 10, _HOUR, "codes_too_often"))
    counters.spend_all(uses)
