"""`script/soak`: kills, expiry and histories; without a word all of them, with the numbers they are meant for."""

import argparse
import logging
import os
import random
import subprocess
import sys
from collections.abc import Callable

from script.support.settings import ROOT
from soak import expiry, kills
from soak.stage import ENGINES

KILLS, ROUNDS = 500, 1000
HISTORIES = {"sqlite": 10_000, "postgresql": 2_000}
Run = Callable[[list[str]], int]


def main(arguments: list[str]) -> int:
    """1 when anything differed."""
    os.chdir(ROOT)
    logging.disable(logging.WARNING)  # under fire, every process complains
    word, *rest = arguments or ["all"]
    if word in RUNS:
        return RUNS[word](rest)
    print(f"usage: script/soak [{' | '.join(RUNS)}] [options]; each has its own --help")
    return int(word not in ("-h", "--help")) * 2


def _kills(arguments: list[str]) -> int:
    parser = _parser(
        "kills", KILLS, ENGINES, "a whole Kikao under load, killed so many times; then its books are compared"
    )
    asked = parser.parse_args(arguments)
    return kills.report(kills.run(asked.engine, asked.rounds, _seed(asked)))


def _expiry(arguments: list[str]) -> int:
    parser = _parser("expiry", ROUNDS, (*ENGINES, "both"), "a hold ends at the instant of its payment, so many times")
    asked = parser.parse_args(arguments)
    engines = ENGINES if asked.engine == "both" else (asked.engine,)
    return max(expiry.report(expiry.run(engine, asked.rounds, _seed(asked))) for engine in engines)


def _histories(arguments: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", "tests.histories", *arguments], check=False).returncode


def _all(_: list[str]) -> int:
    """Every run is made, whatever came of the one before."""
    runs = [_kills([]), _expiry(["--engine", "both"])]
    return max([*runs, *(_histories(["--engine", engine, "--count", str(HISTORIES[engine])]) for engine in ENGINES)])


def _parser(word: str, rounds: int, engines: tuple[str, ...], about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"script/soak {word}", description=about)
    parser.add_argument("--rounds", type=int, default=rounds, help=f"default {rounds}")
    parser.add_argument("--engine", choices=engines, default=engines[0], help=f"default {engines[0]}")
    parser.add_argument("--seed", type=int, help="makes the choices of an earlier run again")
    return parser


def _seed(asked: argparse.Namespace) -> int:
    return random.SystemRandom().randrange(1_000_000) if asked.seed is None else int(asked.seed)


RUNS: dict[str, Run] = {"kills": _kills, "expiry": _expiry, "histories": _histories, "all": _all}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
