"""The table of quotas at work: what is open is compared with it, what happens is counted by it."""

from collections.abc import Mapping

from app.domain.quotas import QUOTAS, Rule
from app.extensions import db
from app.services.core import counters, quota_stops
from app.services.core.counters import Use
from app.services.core.errors import QuotaReached, Stop


def reached(rule: Rule, open_now: int, *, trusted: bool = False, more: int = 1) -> QuotaReached | None:
    """What stands in the way of `more` of it, beside what is open already; None where nothing does."""
    quota = QUOTAS[rule]
    most = quota.allowed(trusted=trusted)
    if open_now + more <= most or not counters.is_on():
        return None
    return QuotaReached(quota.code, Stop(rule), most=most)


def check(rule: Rule, open_now: int, *, trusted: bool = False) -> None:
    """One more may be opened beside what is open already. Raises QuotaReached.

    Inside the caller's transaction, whose lock keeps two from being looked at together.
    """
    if problem := reached(rule, open_now, trusted=trusted):
        raise problem


def spend(keys: Mapping[Rule, object], *, user_id: int | None = None, trusted: bool = False) -> None:
    """One use of each rule is counted for its key, in a transaction of its own, before what it allows is done.

    `user_id` is the account it is about, for the staff's page. Raises TooMany, and counts nothing, where one is used up.
    """
    counters.spend_all(_use(rule, key, user_id, trusted=trusted) for rule, key in keys.items())


def spend_here(keys: Mapping[Rule, object]) -> None:
    """One use of each rule is counted with what the caller's transaction does, and undone with it. Raises TooMany.

    To be called last: whoever holds a counter waits for nothing else.
    """
    counters.spend_here(_use(rule, key, None) for rule, key in keys.items())


def give_back(rule: Rule, key: object) -> None:
    """A use that was counted is not: only wrong guesses count, say, and this one was right."""
    counters.give_back(rule, str(key))


def note_stop(rule: Rule, key: object) -> None:
    """Staff read that somebody was stopped by what is counted elsewhere; outside a transaction."""
    quota_stops.note(db.session(), Stop(rule, counters.digest(rule, str(key))))


def _use(rule: Rule, key: object, user_id: int | None, *, trusted: bool = False) -> Use:
    quota = QUOTAS[rule]
    if quota.within is None:
        raise LookupError(f"{rule} is a state, and is counted from its rows")
    return Use(rule, str(key), quota.allowed(trusted=trusted), quota.within, quota.code, user_id)
