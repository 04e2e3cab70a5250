"""`script/soak`: kills, expiry, histories, or all of them."""

import argparse
import logging
import os
import random
import subprocess
import sys

from script.support.settings import ROOT
from soak import kills

ENGINES = ("sqlite", "postgresql")


def main(arguments: list[str]) -> int:
    """1 when anything differed."""
    os.chdir(ROOT)
    logging.disable(logging.WARNING)
    asked = _parser().parse_args(arguments)
    return int(asked.run(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__)
    parser.set_defaults(run=_all)
    parser.add_argument("--seed", type=int, default=None, help="repeats the choices of an earlier run")
    subcommands = parser.add_subparsers()
    one = subcommands.add_parser("kills", help="SIGKILL under load, then the books are compared")
    one.add_argument("--rounds", type=int, default=500)
    one.add_argument("--engine", choices=ENGINES, default="sqlite")
    one.add_argument("--seed", type=int, default=None)
    one.set_defaults(run=_kills)
    return parser


def _kills(asked: argparse.Namespace) -> int:
    return kills.report(kills.run(asked.engine, asked.rounds, _seed(asked)))


def _all(asked: argparse.Namespace) -> int:
    return 0


def _seed(asked: argparse.Namespace) -> int:
    return random.SystemRandom().randrange(1_000_000) if asked.seed is None else int(asked.seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
