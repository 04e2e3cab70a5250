"""`python -m tests.histories --engine sqlite|postgresql --count N --seed S`: histories in any number, outside pytest."""

import argparse
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from script.support.postgres import PostgresCluster
from tests.histories.playing import play, tally
from tests.histories.stage import own_database, staged


def main() -> int:
    """0 when nothing was found, 1 with the history and how to repeat it when something was."""
    wish = _arguments()
    began = time.monotonic()
    with _database(wish.engine) as url, staged(url) as stage:
        try:
            play(stage, wish.count, wish.seed)
        except Exception as found:
            _report(wish, time.monotonic() - began)
            traceback.print_exception(found, limit=-3)
            _say(f"Again: python -m tests.histories --engine {wish.engine} --count {wish.count} --seed {wish.seed}")
            return 1
    _report(wish, time.monotonic() - began)
    _say("Nothing was found.")
    return 0


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201  (a program of its own)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.histories", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


@contextmanager
def _database(engine: str) -> Iterator[str]:
    """The URL of an empty database; empty for the stage's own SQLite."""
    if engine == "sqlite":
        yield ""
        return
    with PostgresCluster() as cluster, own_database(cluster.url) as url:
        yield url


def _report(wish: argparse.Namespace, seconds: float) -> None:
    counts = tally()
    histories, steps = counts.pop("histories", 0), counts.pop("steps", 0)
    _say(
        f"{histories} histories, {steps} steps on {wish.engine}, seed {wish.seed}: {seconds:.1f} s, "
        f"{histories / seconds:.1f} histories/s, {steps / max(histories, 1):.1f} steps each"
    )
    for name, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        _say(f"  {count:>8} {name}")


if __name__ == "__main__":
    sys.exit(main())
