"""What kinds of long run there are, and what each gives for one seed."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Outcome:
    """What was counted, and in words what must not be."""

    counts: Counter[str]
    failures: list[str] = field(default_factory=list)


# seed, how many rounds, what to call after each
Play = Callable[[int, int, Callable[[], None]], Outcome]


@dataclass(frozen=True)
class Proof:
    """A kind of run: for each seed `each` of its `unit` are played, with so many `events` in them."""

    word: str
    about: str
    unit: str
    events: str
    each: int
    seeds: int
    playing: Callable[[str], AbstractContextManager[Play]]  # on an engine
