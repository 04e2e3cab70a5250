"""What a use case answers when it cannot be done; doors turn it into a page or problem+json."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta


class Problem(Exception):
    """Nothing was changed.

    `code` is stable and names a sentence in app/words/; `field` is where it belongs on a form.
    """

    status = 400
    headers: Mapping[str, str] = {}  # that the answer bears
    stop: "Stop | None" = None  # the quota that stands in the way
    also: "tuple[Invalid, ...]" = ()  # what else is wrong with what was sent

    def __init__(self, code: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.values = values


class Invalid(Problem):
    """What was sent cannot be meant (422)."""

    status = 422


def check_all(checks: Iterable[Callable[[], object]]) -> None:
    """Every check has passed. Raises Invalid: the first fault, which knows the others, so that all are said at once."""
    faults = []
    for check in checks:
        try:
            check()
        except Invalid as fault:
            faults += [fault, *fault.also]
    if faults:
        faults[0].also = tuple(faults[1:])
        raise faults[0]


def needs(fine: object, fault: Invalid) -> None:
    """It is fine. Raises the fault where it is not."""
    if not fine:
        raise fault


class NotFound(Problem):
    """It does not exist, or it is somebody else's: the answer is the same (404)."""

    status = 404

    def __init__(self, code: str = "not_found") -> None:
        super().__init__(code)


class Forbidden(Problem):
    """This person may never do this (403)."""

    status = 403


class Refused(Problem):
    """Who they are could not be proven (401)."""

    status = 401


class Unavailable(Problem):
    """It is there and cannot be had now; a person must put something right first (503)."""

    status = 503


class Conflict(Problem):
    """It was possible once, or will be, but not in the present state (409)."""

    status = 409


@dataclass(frozen=True)
class Stop:
    """The quota that stopped somebody; `who` is the digest of whose share it was, `user_id` the account it is about."""

    rule: str
    who: str = ""
    user_id: int | None = None


class QuotaReached(Conflict):
    """So many are open at once, and one of them has to end first (409)."""

    def __init__(self, code: str, stop: Stop, **values: object) -> None:
        super().__init__(code, field=None, **values)
        self.stop = stop


class TooMany(QuotaReached):
    """It was done too often of late, and may be done again after `retry_after` (429); forms show it as any conflict."""

    status = 429

    def __init__(self, code: str, retry_after: timedelta, stop: Stop, **values: object) -> None:
        self.retry_after = max(1, math.ceil(retry_after.total_seconds()))  # seconds
        self.headers = {"Retry-After": str(self.retry_after)}
        super().__init__(code, stop, minutes=math.ceil(self.retry_after / 60), **values)
