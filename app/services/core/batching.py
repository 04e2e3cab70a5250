"""What a list would ask for each of its rows, asked once for all of them.

A `Question` is a query that can be asked about many keys. Outside of `reading` it is asked about one; inside, the first
row that asks makes it ask about all, and the answers are remembered until `reading` ends. So it is for showing only: nothing
may be changed meanwhile.
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


class _Reading:
    """The keys of a list's rows, by kind, and what is known about them."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[Any, None]] = {}  # in the rows' order
        self.answers: dict[object, dict[Any, Any]] = {}


_reading: ContextVar[_Reading | None] = ContextVar("reading", default=None)


class Question(Generic[K, V]):
    """A query about rows of one kind; made by `question`."""

    def __init__(self, kind: str, nothing: Callable[[], V], ask: Callable[[Collection[K]], Mapping[K, V]]) -> None:
        self._kind = kind
        self._nothing = nothing
        self._ask = ask

    def __call__(self, key: K) -> V:
        """The answer for one row."""
        reading = _reading.get()
        if reading is None or key not in reading.keys.get(self._kind, ()):
            return self._all([key])[key]
        known = reading.answers.setdefault(self, {})
        if key not in known:
            known |= self._all([each for each in reading.keys[self._kind] if each not in known])
        answer: V = known[key]
        return answer

    def _all(self, keys: list[K]) -> dict[K, V]:
        answers = {key: self._nothing() for key in keys}
        for first in range(0, len(keys), _AT_ONCE):
            answers |= self._ask(keys[first : first + _AT_ONCE])
        return answers


def question(
    kind: str, nothing: Callable[[], Any]
) -> Callable[[Callable[[Collection[K]], Mapping[K, V]]], Question[K, V]]:
    """A function that answers for the keys it finds something for becomes a question.

    `nothing` is said for the others.
    """
    return partial(Question, kind, nothing)


@contextmanager
def reading(bookings: Iterable[Booking]) -> Iterator[None]:
    """While it is open, what is asked about one of these bookings is asked about all of them."""
    rows = list(bookings)
    token = _reading.set(_Reading())
    try:
        also("booking", [booking.id for booking in rows])
        also("service", {booking.service_id for booking in rows})
        yield
    finally:
        _reading.reset(token)


def is_open() -> bool:
    """Whether a list is being read now, so that answers may come from memory."""
    return _reading.get() is not None


def also(kind: str, keys: Iterable[Hashable]) -> None:
    """The list is about these too, such as the payments of its bookings; nothing where no list is read."""
    if (reading := _reading.get()) is not None:
        reading.keys.setdefault(kind, {}).update(dict.fromkeys(keys))


def summed(triples: Iterable[tuple[K, W, int]]) -> dict[K, dict[W, int]]:
    """For each key the amounts by what the second says."""
    found: dict[K, dict[W, int]] = {}
    for key, word, amount in triples:
        found.setdefault(key, {})[word] = int(amount)
    return found


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key, in the order they come."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
