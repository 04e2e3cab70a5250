"""Many who ask in one moment, as often as a busy server wishes."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.support.at_once import at_once
from tests.support.world import Caller

_PATIENCE = 10  # a try waits five seconds for its turn
_BUSY = 503

Ask = Callable[[], TestResponse]


def ask(client: Caller, service: int, start: str) -> Ask:
    """A client's request for a time of a service."""
    return partial(client.post, "/bookings", {"service_id": service, "start": start})


def rush(asks: Iterable[Ask], *meanwhile: Callable[[], object]) -> Counter[int]:
    """How often each status was answered in the end, when all ask at once and the others do their part `meanwhile`."""
    asked = [partial(_answered, each) for each in asks]
    others = [partial(_done, each) for each in meanwhile]
    given = at_once(*asked, *others)
    return Counter(given[: len(asked)])


def _answered(call: Ask) -> int:
    """The status in the end: a busy server (503) is asked again, as its Retry-After wishes; it has done nothing."""
    for _ in range(_PATIENCE):
        status = call().status_code
        if status != _BUSY:
            break
    return status


def _done(call: Callable[[], object]) -> int:
    """Done in the end: SQLite's one writer may be busy for longer than a try waits."""
    for _ in range(_PATIENCE):
        try:
            call()
        except OperationalError:
            continue
        return 0
    raise AssertionError("it was never its turn")
