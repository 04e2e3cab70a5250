"""Random lives of bookings on virtual time, checked after each step; `tests/histories` says what may happen in one."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from script.support.postgres import PostgresCluster
from soak.proof import Outcome, Play, Proof
from tests.histories import playing
from tests.histories.stage import Stage, own_database, staged


@contextlib.contextmanager
def on(engine: str) -> Iterator[Play]:
    """One stage for all seeds; it is empty at the beginning of each history."""
    with contextlib.ExitStack() as stack:
        url = ""  # the stage's own SQLite
        if engine == "postgresql":
            url = stack.enter_context(own_database(stack.enter_context(PostgresCluster()).url))
        stage = stack.enter_context(staged(url))
        yield lambda seed, each, step: run(stage, seed, each, step)


def run(stage: Stage, seed: int, each: int, step: Callable[[], None]) -> Outcome:
    """So many histories of one length, both chosen by the seed. Raises Breach."""
    before = Counter(playing.tally())
    playing.play_seed(stage, seed, each, step)
    return Outcome(Counter(playing.tally()) - before)


PROOF = Proof(
    "histories",
    "random lives of bookings, with gateways that fail, lie and repeat themselves; each checked after every step",
    unit="histories",
    events="steps",
    each=25,
    seeds=400,
    playing=on,
)
