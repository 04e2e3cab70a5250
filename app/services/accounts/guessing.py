"""How often a proof of who one is may be tried: counted before the answer, for all doors and processes together (SEC-1 to 3).

Whoever guesses at one account from one network is stopped hard. Guesses from everywhere slow strangers down, but no device on
which somebody has logged in to that account before: nobody can lock somebody out.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from app.domain.quotas import Rule
from app.lib.text import is_mail
from app.models import User
from app.services.accounts import people
from app.services.core import quotas
from app.services.core.errors import TooMany, Unavailable


@dataclass(frozen=True)
class Origin:
    """Where a try comes from."""

    network: str
    is_known: bool = False  # whether somebody has logged in there to the account in question


@contextmanager
def guess(email: str, origin: Origin) -> Iterator[None]:
    """A password or code for the address is looked at; what turns out right is not counted. Raises TooMany."""
    keys = _keys(people.as_kept(email), origin, Rule.GUESSES, Rule.GUESSES_BY_NETWORK, Rule.GUESSES_AT_ACCOUNT)
    with _counted(keys):
        yield


@contextmanager
def own_guess(user: User) -> Iterator[None]:
    """Who is logged in proves once more who they are; what turns out right is not counted. Raises TooMany."""
    with _counted({Rule.OWN_GUESSES: user.id}, user.id):
        yield


@contextmanager
def passkey_try(origin: Origin) -> Iterator[None]:
    """An answer of some passkey is looked at: nobody guesses one, but looking costs. Raises TooMany."""
    with _counted({Rule.PASSKEY_TRIES: origin.network}):
        yield


@contextmanager
def second_guess(user: User, origin: Origin) -> Iterator[None]:
    """A code of the person's second factor is looked at; what turns out right is not counted. Raises TooMany.

    Who tries has proved the first factor already, so that nobody else can have the person stopped: it is one in three hundred
    thousand that a guess is right.
    """
    rules = (Rule.SECOND_GUESSES, *([] if origin.is_known else [Rule.SECOND_GUESSES_IN_A_DAY]))
    with _counted(dict.fromkeys(rules, user.id), user.id):
        yield


@contextmanager
def _counted(keys: Mapping[Rule, object], user_id: int | None = None) -> Iterator[None]:
    """It is counted before it is looked at; and not, once it was right, or nobody had time to look at it (log_in_busy)."""
    quotas.spend(keys, user_id=user_id)
    try:
        yield
    except Unavailable:
        _give_back(keys)
        raise
    _give_back(keys)


def _give_back(keys: Mapping[Rule, object]) -> None:
    for rule, key in keys.items():
        quotas.give_back(rule, key)


def before_account(origin: Origin) -> None:
    """An account is going to be made without a mail. Raises TooMany."""
    quotas.spend({Rule.ACCOUNTS_BY_NETWORK: origin.network})


def may_keep_places(origin: Origin, practitioner_id: int) -> bool:
    """Whether places may be kept for one more guest of the network, and in this diary; it is counted."""
    try:
        quotas.spend({Rule.GUEST_PLACES: origin.network, Rule.GUEST_PLACES_IN_A_DIARY: practitioner_id})
    except TooMany:
        return False
    return True


def give_back_places(practitioner_id: int) -> None:
    """What was kept in the diary is booked by who proved their address: it does not count."""
    quotas.give_back(Rule.GUEST_PLACES_IN_A_DIARY, practitioner_id)


def before_code(address: str, origin: Origin) -> None:
    """A code is going to be sent to the address: counted for its mailbox, which what stands behind a plus does not change.

    Raises TooMany (codes_too_often).
    """
    kept = people.as_kept(address)
    if not is_mail(kept):
        _before_code_to_number(kept, origin)
        return
    box, _, domain = kept.rpartition("@")
    quotas.spend(
        _keys(f"{box.partition('+')[0]}@{domain}", origin, Rule.CODES, Rule.CODES_BY_NETWORK, Rule.CODES_TO_ADDRESS)
    )


def _before_code_to_number(number: str, origin: Origin) -> None:
    """Whoever has it is bothered seldom; but nobody asks for its owner's share, who has logged in with this device."""
    keys: dict[Rule, object] = {Rule.CODES: f"{number} {origin.network}", Rule.TEXTED_CODES_BY_NETWORK: origin.network}
    most = (Rule.TEXTED_CODES_TO_NUMBER, Rule.TEXTED_CODES_TO_NUMBER_IN_A_DAY)
    quotas.spend(keys | dict.fromkeys((Rule.CODES_TO_ADDRESS,) if origin.is_known else most, number))


def _keys(account: str, origin: Origin, both: Rule, network: Rule, address: Rule) -> dict[Rule, str]:
    """Whose share of each rule it is; nobody asks a known device for the share of everybody at its account."""
    keys = {both: f"{account} {origin.network}", network: origin.network}
    return keys if origin.is_known else keys | {address: account}


def before_text(user: User, number: str, network: str) -> None:
    """A code is going to be sent to the number by SMS, and whoever has it is bothered seldom. Raises TooMany."""
    keys: dict[Rule, object] = {
        Rule.TEXTED_CODES: user.id,
        Rule.TEXTED_CODES_TO_NUMBER: number,
        Rule.TEXTED_CODES_TO_NUMBER_IN_A_DAY: number,
        Rule.TEXTED_CODES_BY_NETWORK: network,
    }
    quotas.spend(keys, user_id=user.id)


def before_provider(origin: Origin) -> None:
    """Another provider is going to be asked who somebody is. Raises TooMany."""
    quotas.spend({Rule.PROVIDERS_BY_NETWORK: origin.network})
