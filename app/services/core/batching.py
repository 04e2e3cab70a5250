"""What a list would ask for each of its rows, asked once for all of them.

A `batched` function is a query about many keys. Outside of a `batch` it is asked about one; inside, the first row that
asks makes it ask about all, and the answers are remembered until the batch ends. So a batch is for showing only: no
transaction begins in one.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Generic, TypeVar

from app.models import Booking

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
W = TypeVar("W", bound=Hashable)
_AT_ONCE = 500  # an IN of more is no faster, and a database has its limit


class _Batch:
    """The keys of a list's rows, by kind, and what is known about them."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[Any, None]] = {}  # in the rows' order
        self.answers: dict[object, dict[Any, Any]] = {}


_open: ContextVar[_Batch | None] = ContextVar("batch", default=None)


class Batched(Generic[K, V]):
    """A query about rows of one kind; made by `batched`."""

    def __init__(self, kind: str, nothing: Callable[[], V], query: Callable[[Collection[K]], Mapping[K, V]]) -> None:
        self._kind = kind
        self._nothing = nothing
        self._query = query

    def __call__(self, key: K) -> V:
        """The answer for one row."""
        batch = _open.get()
        if batch is None or key not in batch.keys.get(self._kind, ()):
            return self._all([key])[key]
        known = batch.answers.setdefault(self, {})
        if key not in known:
            known |= self._all([each for each in batch.keys[self._kind] if each not in known])
        answer: V = known[key]
        return answer

    def _all(self, keys: list[K]) -> dict[K, V]:
        answers = {key: self._nothing() for key in keys}
        for first in range(0, len(keys), _AT_ONCE):
            answers |= self._query(keys[first : first + _AT_ONCE])
        return answers


def batched(
    kind: str, nothing: Callable[[], Any]
) -> Callable[[Callable[[Collection[K]], Mapping[K, V]]], Batched[K, V]]:
    """The function, which answers for the keys it finds something for, can be asked about one row.

    `kind` says what its keys are of; `nothing` makes the answer for a key that it found nothing for.
    """
    return partial(Batched, kind, nothing)


@contextmanager
def batch(bookings: Iterable[Booking]) -> Iterator[None]:
    """While it is open, what is asked about one of these bookings is asked about all of them, once.

    Inside of one that is about them already it is that one.
    """
    rows = list(bookings)
    known = _open.get()
    if known is not None and all(booking.id in known.keys.get("booking", ()) for booking in rows):
        yield
        return
    token = _open.set(_Batch())
    try:
        include("booking", [booking.id for booking in rows])
        include("service", {booking.service_id for booking in rows})
        yield
    finally:
        _open.reset(token)


@contextmanager
def about(kind: str, keys: Iterable[Hashable]) -> Iterator[None]:
    """While it is open, what is asked about one of these keys is asked about all of them, once; as `batch`."""
    wanted = dict.fromkeys(keys)
    known = _open.get()
    if known is not None and wanted.keys() <= known.keys.get(kind, {}).keys():
        yield
        return
    token = _open.set(_Batch())
    try:
        include(kind, wanted)
        yield
    finally:
        _open.reset(token)


def is_open() -> bool:
    """Whether a batch is open, so that answers may come from memory."""
    return _open.get() is not None


def include(kind: str, keys: Iterable[Hashable]) -> None:
    """The open batch is about these too, such as the payments of its bookings; nothing happens without one."""
    batch = _open.get()
    if batch is not None:
        batch.keys.setdefault(kind, {}).update(dict.fromkeys(keys))


def summed(triples: Iterable[tuple[K, W, int]]) -> dict[K, dict[W, int]]:
    """For each key the sums by what the second says."""
    found: dict[K, dict[W, int]] = {}
    for key, word, amount in triples:
        sums = found.setdefault(key, {})
        sums[word] = sums.get(word, 0) + int(amount)
    return found


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key, in the order they come."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
