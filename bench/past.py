"""What the past costs: pages and calls with so many sessions behind one practitioner and one client, against the first count.

Everything is asked of one application in one run, round by round, so that what slows one count slows the others; the ratio
to the smallest count is what is held, because machines differ. The sessions lie in one diary and are one client's.
"""

import argparse
import contextlib
import itertools
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app import create_app
from app.extensions import db
from app.lib import clock
from app.models import Practitioner, Role
from app.services.backoffice import sweeps
from sandbox import server as sandbox_server
from script.support.postgres import PostgresCluster
from script.support.progress import Progress
from tests.support import past_rows
from tests.support.visitor import log_in
from tests.support.world import World

COUNTS = (1_000, 100_000)
LARGE = 1_000_000
LIMIT = 1.5  # times the smallest count, at the middle and at the 99th of a hundred
CARDS = 12  # practitioners on one page of the list
AHEAD = 5  # sessions still to come

Call = Callable[[], Any]


@dataclass(frozen=True)
class Cost:
    """What one kind of page or call takes with one count of sessions behind it, in milliseconds."""

    kind: str
    middle: float
    worst: float  # the 99th of a hundred


class Lived:
    """A Kikao where one practitioner has given `count` sessions to one client, and some more people offer theirs."""

    def __init__(self, app: Flask, sandbox: sandbox_server.Running, count: int) -> None:
        with app.app_context():
            upgrade()
        self.world = World(app, sandbox)
        owners = [self.world.practitioner(name=f"Practitioner {n:02}") for n in range(CARDS)]
        self.owner = owners[0]
        self.client = self.world.person()
        self.service, *_ = [self.world.service(owner) for owner in owners]
        self._give_sessions(count)
        self._starts = iter([slot["start"] for slot in self.world.slots(self.service, days=30)][::2])
        for start in itertools.islice(self._starts, AHEAD):
            self._booked(start)

    def _give_sessions(self, count: int) -> None:
        booking_id = self._booked(self.world.start(self.service))
        self.world.move(days=3)
        for act in ("start", "complete"):
            answer = self.owner.post(f"/bookings/{booking_id}/{act}")
            assert answer.status_code == 200, answer.text
        self.world.sweep()
        with self.world.app.app_context():
            with db.engine.begin() as connection:
                past_rows.copy(connection, booking_id, count - 1)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")

    def _booked(self, start: str) -> str:
        """The id of a booking made, paid and confirmed; no callback comes here, so the sweep asks."""
        made = self.world.book(self.client, self.service, start)
        self.world.act(self.world.begin(self.client, made["checkout"]["id"]), settle=False)
        self.world.move(minutes=1)
        self.world.sweep()
        booking = self.world.booking(self.client, made["booking"]["id"])
        assert booking["status"] == "confirmed", booking
        return str(booking["id"])

    def calls(self) -> dict[str, Call]:
        """Each page and call that is measured."""
        mine, theirs, staffs = (
            log_in(self.world, caller) for caller in (self.client, self.owner, self.world.person(Role.STAFF))
        )
        with self.world.app.app_context():
            slug = db.session.scalar(select(Practitioner.slug).where(Practitioner.user_id == self.owner.user_id))
        today = clock.now().date()
        month = {"from": today.isoformat(), "to": (today + timedelta(days=30)).isoformat()}
        service, visitor = self.service, self.world.app.test_client()
        return {
            "practitioners (12 cards)": partial(visitor.get, "/practitioners"),
            "one practitioner": partial(visitor.get, f"/practitioners/{slug}"),
            "a month of free times": partial(visitor.get, f"/services/{service}"),
            "API: a month of free times": partial(self.client.get, f"/services/{service}/slots", **month),
            "API: book": lambda: self.client.post("/bookings", {"service_id": service, "start": next(self._starts)}),
            "my bookings": partial(mine.get, "/bookings"),
            "my bookings, past": partial(mine.get, "/bookings?tab=past"),
            "API: my bookings": partial(self.client.get, "/bookings"),
            "API: tasks": partial(self.client.get, "/me/tasks"),
            "history": partial(mine.get, "/history"),
            "receipts": partial(mine.get, "/receipts"),
            "messages": partial(mine.get, "/notices"),
            "today": partial(theirs.get, "/practice"),
            "practitioner's bookings": partial(theirs.get, "/practice/bookings"),
            "practitioner's bookings, past": partial(theirs.get, "/practice/bookings?tab=past"),
            "API: practitioner's bookings": partial(self.owner.get, "/bookings"),
            "statements": partial(theirs.get, "/practice/statements"),
            "staff desk": partial(staffs.get, "/staff"),
            "sweep": self._sweep,
        }

    def _sweep(self) -> None:
        with self.world.app.app_context():
            sweeps.sweep()


def measure(lives: Sequence[Lived], rounds: int, progress: Progress) -> list[list[Cost]]:
    """What each kind costs in each of them, all in turns; the first asking warms up and does not count."""
    asked = [life.calls() for life in lives]
    spent: list[dict[str, list[float]]] = [{} for _ in lives]
    for kind in asked[0]:
        for nth in range(rounds + 1):
            for calls, found in zip(asked, spent, strict=True):
                seconds = _seconds(kind, calls[kind])
                if nth:
                    found.setdefault(kind, []).append(seconds * 1000)
        progress.step()
    return [[Cost(kind, statistics.median(all_), _worst(all_)) for kind, all_ in found.items()] for found in spent]


def _seconds(kind: str, call: Call) -> float:
    began = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - began
    status = getattr(answer, "status_code", 200)
    if status >= 300:
        raise RuntimeError(f"{kind} was answered {status}: {answer.text[:300]}")
    return seconds


def _worst(found: Sequence[float]) -> float:
    return sorted(found)[-(-len(found) * 99 // 100) - 1]


# ------------------------------------------------------------------------------------------------ running


@contextlib.contextmanager
def _sqlite(directory: Path) -> Iterator[tuple[str, Callable[[int], str]]]:
    yield "SQLite", lambda count: f"sqlite:///{directory / f'past-{count}.db'}"


@contextlib.contextmanager
def _postgres(_directory: Path) -> Iterator[tuple[str, Callable[[int], str]]]:
    with PostgresCluster() as cluster:
        yield f"{cluster.version}, without fsync", partial(_created, cluster.url)


def _created(server: str, count: int) -> str:
    name = f"kikao_past_{count}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


ENGINES = {"sqlite": _sqlite, "postgresql": _postgres}


def _application(url: str, sandbox: sandbox_server.Running) -> Flask:
    environ = {
        "DATABASE_URL": url,
        "SECRET_KEY": "a key for measuring with forty characters",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "KIKAO_RATE_LIMITS": "off",
        "GATEWAYS": "stripe",
    }
    return create_app(sandbox.env | environ)


def _run(engine: str, counts: Sequence[int], rounds: int) -> bool:
    """Whether everything stayed within the limit."""
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-past-")))
        sandbox = sandbox_server.start(port=0, smtp_port=0, data=directory / "sandbox")
        stack.callback(sandbox.stop)
        sandbox.sandbox.faults.add({"gateway": "any", "callbacks": "drop", "times": None})
        words, url = stack.enter_context(ENGINES[engine](directory))
        with Progress(len(counts), f"pasts made on {engine}") as progress:
            lives = []
            for count in counts:
                lives.append(Lived(_application(url(count), sandbox), sandbox, count))
                progress.step()
        with Progress(len(lives[0].calls()), f"kinds measured on {engine}") as progress:
            found = measure(lives, rounds, progress)
        for life in lives:
            with life.world.app.app_context():
                db.session.remove()
                db.engine.dispose()
    return _report(words, counts, found, rounds)


def _report(words: str, counts: Sequence[int], found: Sequence[Sequence[Cost]], rounds: int) -> bool:
    print(f"{words}, {rounds} rounds; p50 and p99 in ms, and how many times those of {counts[0]:,}")
    heads = "".join(f"{f'{count:,} sessions':>{16 if not nth else 30}}" for nth, count in enumerate(counts))
    print(f"{'':<32}{heads}")
    is_flat = True
    for kinds in zip(*found, strict=True):
        first, *more = kinds
        line = f"{first.kind:<32}{first.middle:>8.1f}{first.worst:>8.1f}"
        for cost in more:
            times = (cost.middle / first.middle, cost.worst / first.worst)
            is_flat = is_flat and times[0] <= LIMIT
            line += f"{cost.middle:>10.1f}{cost.worst:>8.1f}{times[0]:>6.2f}{times[1]:>6.2f}"
        print(line)
    return is_flat


def main(arguments: list[str]) -> int:
    """1 when the past costs more than the limit."""
    parser = argparse.ArgumentParser(
        prog="script/bench past", description=__doc__.partition("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--engine", choices=ENGINES, help="only this one")
    parser.add_argument(
        "--large", action="store_true", help=f"also with {LARGE:,} sessions: minutes, and gigabytes of disk"
    )
    parser.add_argument("--rounds", type=int, default=40, help="how often each is asked (default 40)")
    asked = parser.parse_args(arguments)
    logging.disable(logging.INFO)
    counts = (*COUNTS, LARGE) if asked.large else COUNTS
    chosen = [engine for engine in ENGINES if asked.engine in (None, engine)]
    return int(False in [_run(engine, counts, asked.rounds) for engine in chosen])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
