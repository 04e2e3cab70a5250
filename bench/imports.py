"""What importing costs: the CPU time of a process that makes Kikao, as a multiple of one that makes the barest Flask.

One run, one machine, both in turns, so that what slows one slows the other; CPU and not the clock, because machines are
shared. Compiled files are there for both, as after any first start.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 2.5  # times the bare application

BARE = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy()
db.init_app(app)
"""
OURS = """
from app import create_app

create_app()
"""


def main() -> int:
    """The exit code: 0 when making the application costs no more than the limit."""
    parser = argparse.ArgumentParser(prog="script/bench imports", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="default 9; the median of their ratios counts")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="kikao-imports-") as directory:
        environ = _environ(Path(directory))
        _cost(BARE, environ)  # what is not compiled yet is compiled now
        _cost(OURS, environ)
        pairs = [(_cost(BARE, environ), _cost(OURS, environ)) for _ in range(rounds)]
    bare = statistics.median(pair[0] for pair in pairs)
    ours = statistics.median(pair[1] for pair in pairs)
    ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
    print(f"imports: bare {bare:.2f} s, ours {ours:.2f} s of CPU, {ratio:.2f} times (limit {LIMIT})")
    return int(ratio > LIMIT)


def _cost(script: str, environ: dict[str, str]) -> float:
    """Return the seconds of CPU that a process of its own took for `script`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", script], env=environ, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _environ(directory: Path) -> dict[str, str]:
    """An environment with no vendor configured and a database of its own."""
    root = Path(__file__).resolve().parent.parent
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(root),
        "DATABASE_URL": f"sqlite:///{directory / 'imports.db'}",
    }


if __name__ == "__main__":
    sys.exit(main())
