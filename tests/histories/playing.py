"""Playing many histories: how many of which length, and what to say when one breaks a rule."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.history import TALLY
from tests.histories.machine import History
from tests.histories.stage import Stage
from tests.histories.unheard import Unheard

# Most mistakes need few steps and some need many: (steps, share of all histories).
_LENGTHS = ((4, 0.1), (7, 0.35), (11, 0.35), (18, 0.15), (40, 0.05))


@dataclass(frozen=True)
class Batch:
    """Histories of one length."""

    steps: int
    count: int


def batches(count: int) -> Iterator[Batch]:
    """`count` histories, divided by length."""
    left = count
    for steps, share in _LENGTHS[:-1]:
        part = min(left, max(1, round(count * share)))
        left -= part
        if part:
            yield Batch(steps, part)
    if left:
        yield Batch(_LENGTHS[-1][0], left)


def play(stage: Stage, count: int, start: int) -> None:
    """`count` histories have been played without a breach. The same `start` plays the same ones. Raises Breach."""
    for batch in batches(count):
        machine = type("History", (History,), {"stage": stage})
        run_state_machine_as_test(seed(start * 100 + batch.steps)(machine), settings=_settings(batch))


def kind_of(number: int) -> type[History]:
    """Every third seed plays histories in which news is lost for good, and backups are gone back to."""
    return Unheard if number % 3 == 0 else History


def play_seed(stage: Stage, number: int, count: int, played: Callable[[], None]) -> None:
    """`count` histories of one length have been played, chosen by `number`; `played` was called after each. Raises Breach."""
    kind = kind_of(number)

    class Told(kind):  # type: ignore[misc, valid-type]  # chosen just now
        def teardown(self) -> None:
            super().teardown()
            played()

    lengths, shares = zip(*_LENGTHS, strict=True)
    batch = Batch(random.Random(number).choices(lengths, shares)[0], count)
    machine = type("History", (Told,), {"stage": stage})
    run_state_machine_as_test(seed(number)(machine), settings=_settings(batch))


def tally() -> dict[str, int]:
    """Histories, steps, and how often each rule was played, since the process began."""
    return dict(TALLY)


def _settings(batch: Batch) -> settings:
    return settings(
        max_examples=batch.count,
        stateful_step_count=batch.steps,
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        verbosity=Verbosity.normal,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
