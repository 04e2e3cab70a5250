"""How writers on SQLite wait for each other: callbacks from many at once, over HTTP, to the web processes of script/server.

The ratio of p99 to p50 counts: how long one waits depends on the machine, how much longer the unluckiest waits on whether the
queue is a fair one. Every answer is 200: a crowd is no reason to send anybody away.
"""

import argparse
import contextlib
import http.client
import logging
import os
import queue
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.callbacks import Sqlite, prepare
from sandbox import server as sandbox_server
from sandbox.core.signing import headers_for
from script.support import processes
from script.support.progress import Progress
from script.support.serve import ready, web_command
from script.support.settings import Place

CROWDS = (4, 16, 50)
LIMIT = 10.0  # times p50 that p99 may be
_START_SECONDS = 60


@dataclass
class Crowd:
    """What so many clients met: seconds of each call, and how often each status was answered."""

    clients: int
    seconds: float = 0.0
    waited: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    @property
    def p50(self) -> float:
        """The wait of the one in the middle."""
        return statistics.median(self.waited)

    @property
    def p99(self) -> float:
        """The wait that one in a hundred has, or worse."""
        return statistics.quantiles(self.waited, n=100)[98]

    @property
    def is_fair(self) -> bool:
        """Whether nobody was sent away, nor waited out of proportion."""
        return set(self.answers) == {200} and self.p99 <= LIMIT * self.p50


def main() -> int:
    """The exit code: 0 when no crowd was kept waiting unfairly."""
    parser = argparse.ArgumentParser(prog="script/bench crowd", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=200, help="how many each crowd makes (default 200)")
    calls = parser.parse_args().calls
    logging.disable(logging.INFO)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-crowd-")))
        sandbox = sandbox_server.start(port=0, smtp_port=0, data=directory / "sandbox")
        stack.callback(sandbox.stop)
        database = Sqlite(directory)
        with Progress(calls * len(CROWDS), "callbacks prepared") as progress:
            bodies = prepare(database, sandbox, calls * len(CROWDS), progress)
        port = stack.enter_context(web(directory, database.url("measured"), sandbox.env))
        parts = [bodies[n * calls : (n + 1) * calls] for n in range(len(CROWDS))]
        crowds = [_measure(clients, port, sandbox, part) for clients, part in zip(CROWDS, parts, strict=True)]
    return _report(crowds)


@contextlib.contextmanager
def web(directory: Path, database: str, vendors: dict[str, str]) -> Iterator[int]:
    """The port of web processes as script/server starts them, on this database."""
    port = processes.next_free("127.0.0.1", 8300)
    place = Place(directory, "127.0.0.1", port, 0, 0, production=False)
    environ = os.environ | vendors | {
        "DATABASE_URL": database,
        "SECRET_KEY": "a key for measuring with forty characters",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "KIKAO_RATE_LIMITS": "off",
        "GATEWAYS": "stripe",
    }  # fmt: skip
    web = processes.start(web_command(place, environ), env=environ)
    try:
        until = time.monotonic() + _START_SECONDS
        while not ready(place.address):
            if time.monotonic() > until:
                raise RuntimeError(f"the web does not answer after {_START_SECONDS} s")
            time.sleep(0.1)
        yield port
    finally:
        processes.stop(web)


def _measure(clients: int, port: int, sandbox: sandbox_server.Running, bodies: list[bytes]) -> Crowd:
    """So many clients, each with a connection of its own, send these callbacks as fast as they are answered."""
    crowd = Crowd(clients)
    keys = sandbox.sandbox.credentials
    calls: queue.SimpleQueue[tuple[bytes, dict[str, str]]] = queue.SimpleQueue()
    for body in bodies:
        calls.put((body, headers_for("stripe", keys, body, "", time.time())))
    threads = [threading.Thread(target=_send, args=(port, calls, crowd)) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    crowd.seconds = time.perf_counter() - began
    return crowd


def _send(port: int, calls: "queue.SimpleQueue[tuple[bytes, dict[str, str]]]", crowd: Crowd) -> None:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        while True:
            try:
                body, headers = calls.get_nowait()
            except queue.Empty:
                return
            began = time.perf_counter()
            connection.request("POST", "/callbacks/stripe", body, headers)
            answer = connection.getresponse()
            answer.read()
            crowd.waited.append(time.perf_counter() - began)
            crowd.answers[answer.status] += 1


def _report(crowds: list[Crowd]) -> int:
    print(f"{'clients':>8}{'calls/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'p99/p50':>9}{'at most':>9}")
    for each in crowds:
        refused = sum(count for status, count in each.answers.items() if status != 200)
        mark = "ok" if each.is_fair else f"UNFAIR, {refused} sent away"
        figures = f"{len(each.waited) / each.seconds:>9.0f}{each.p50 * 1000:>8.0f}{each.p99 * 1000:>8.0f}"
        print(f"{each.clients:>8}{figures}{each.p99 / each.p50:>9.1f}{LIMIT:>9.1f}  {mark}")
    return int(not all(each.is_fair for each in crowds))


if __name__ == "__main__":
    sys.exit(main())
