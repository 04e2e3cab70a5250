"""What browsers cost that wait for a payment, and how soon they hear: many at once, each with a page that asks and is held.

They ask as the page does after some minutes, and again whenever their time is over. Counted is the CPU of the web processes while
nothing happens; then the payments' callbacks come, and for each browser the time from the callback's answer to its own.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import logging
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask_migrate import upgrade
from sqlalchemy import select, update

from app.extensions import db
from app.front.limits import open_files
from app.lib import clock
from app.models import Attempt, Checkout, User
from bench.callbacks import Sqlite, application
from bench.crowd import web
from sandbox import server as sandbox_server
from sandbox.control import acts
from sandbox.core.signing import headers_for
from script.support import processes
from script.support.progress import Progress
from tests.support.visitor import log_in
from tests.support.world import Caller, World

CORE = 0.25  # of a core, while they wait
NEWS = 1.0  # seconds until 99 of 100 have heard
_QUIET = 60  # seconds in which their cost is counted
_PATIENCE = 300  # seconds until all have been answered once; it is no measure
_BREATH = 0.1  # seconds between two payments
_FORM = "application/x-www-form-urlencoded"

Call = tuple[str, bytes, dict[str, str]]


@dataclass
class Browser:
    """One page that waits: its request, and when it heard of its payment."""

    ref: str  # of the payment, at the gateway
    request: bytes
    asked: int = 0
    heard: float = 0.0
    failed: list[str] = field(default_factory=list)

    async def wait(self, port: int) -> None:
        """It asks, and again whenever it is told nothing new, until there is news."""
        while not self.heard:
            answer = await self._ask(port)
            self.asked += 1
            if b"hx-refresh" in answer.lower():
                self.heard = time.perf_counter()
            elif not answer.startswith(b"HTTP/1.1 200"):
                self.failed.append(answer.partition(b"\r\n")[0].decode() or "none")
                await asyncio.sleep(1)

    async def _ask(self, port: int) -> bytes:
        """The answer's head; what was held back does not say whether it was for news, so the page asks once more."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(self.request)
            head = await reader.readuntil(b"\r\n\r\n")
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            return b""
        return head


async def _measure(
    port: int, browsers: list[Browser], pids: list[int], pay: Callable[[], list[Call]]
) -> dict[str, float]:
    tasks = [asyncio.create_task(each.wait(port)) for each in browsers]
    async with asyncio.timeout(_PATIENCE):
        while not all(
            each.asked for each in browsers
        ):  # each has been answered once, so they are spread as they will be
            await asyncio.sleep(0.5)
    asked = sum(each.asked for each in browsers)
    used, began = _cpu(pids), time.perf_counter()
    await asyncio.sleep(_QUIET)
    seconds = time.perf_counter() - began
    figures = {"core": (_cpu(pids) - used) / seconds, "asks": (sum(each.asked for each in browsers) - asked) / seconds}
    figures["threads"] = max(len(os.listdir(f"/proc/{pid}/task")) for pid in pids)
    paid = await asyncio.to_thread(_deliver, port, pay())
    await asyncio.wait_for(asyncio.gather(*tasks), _PATIENCE)
    waited = sorted(max(0.0, each.heard - paid[each.ref]) for each in browsers)
    return figures | {"p50": statistics.median(waited), "p99": statistics.quantiles(waited, n=100)[98]}


def _deliver(port: int, calls: list[Call]) -> dict[str, float]:
    """When each payment's callback was answered; a breath between them, as payments do not come all at once."""
    paid = {}
    for ref, body, headers in calls:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("POST", "/callbacks/stripe", body, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        paid[ref] = time.perf_counter()
        time.sleep(_BREATH)
    return paid


def _cpu(pids: list[int]) -> float:
    return processes.cpu_seconds(pids[0])


def main() -> int:
    """The exit code: 0 when they cost little and hear soon."""
    parser = argparse.ArgumentParser(prog="script/bench waiting", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--browsers", type=int, default=1000, help="default 1000")
    parser.add_argument(
        "--payments", type=int, default=250, help="that they wait for, in several windows each (default 250)"
    )
    options = parser.parse_args()
    logging.disable(logging.INFO)
    open_files(4096)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-waiting-")))
        sandbox = sandbox_server.start(port=0, smtp_port=0, data=directory / "sandbox")
        stack.callback(sandbox.stop)
        database = Sqlite(directory)
        with Progress(options.payments, "payments begun") as progress:
            _begin(database, sandbox, options.payments, progress)
        requests = _requests(database, sandbox)
        refs = list(requests)
        browsers = [Browser(refs[n % len(refs)], requests[refs[n % len(refs)]]) for n in range(options.browsers)]
        port = stack.enter_context(web(directory, database.url("measured"), sandbox.env))
        pids = [each for pid in processes.children() for each in processes.family(pid)]
        found = asyncio.run(_measure(port, browsers, pids, lambda: _pay(sandbox, refs)))
    return _report(found, browsers)


def _begin(database: Sqlite, sandbox: sandbox_server.Running, count: int, progress: Progress) -> None:
    """So many payments are under way; what the gateway has to say of them is kept back."""
    sandbox.sandbox.faults.add({"gateway": "any", "callbacks": "hold", "times": None})
    app = application(database, "measured", sandbox)
    with app.app_context():
        upgrade()
    world = World(app, sandbox)
    client, services = world.person(), [world.service(world.practitioner()) for _ in range(-(-count // 20))]
    for n in range(count):
        start = f"{(clock.now() + timedelta(days=3)).date().isoformat()}T{n // len(services):02}:00:00+00:00"
        world.begin(client, world.book(client, services[n % len(services)], start)["checkout"]["id"])
        progress.step()
    with app.app_context():  # a place is kept for longer than anybody here waits
        db.session.execute(update(Checkout).values(expires_at=clock.now() + timedelta(hours=2)))
        db.session.commit()


def _pay(sandbox: sandbox_server.Running, refs: list[str]) -> list[Call]:
    """What the gateway says once all are paid."""
    for ref in refs:
        acts.ACTS["stripe", "sessions"]["pay"](sandbox.sandbox, ref)
    rows = [row for row in sandbox.sandbox.courier.log() if row["event"] == "checkout.session.completed"]
    bodies = [row["body"].encode() for row in rows]
    keys = sandbox.sandbox.credentials
    return [(json.loads(b)["data"]["object"]["id"], b, headers_for("stripe", keys, b, "", time.time())) for b in bodies]


def _requests(database: Sqlite, sandbox: sandbox_server.Running) -> dict[str, bytes]:
    """What the page of each payment asks, by the payment's reference."""
    app = application(database, "measured", sandbox)
    world = World(app, sandbox)
    with app.app_context():
        asked = select(Attempt.provider_ref, Checkout.id, Checkout.client_id).join(Attempt.checkout)
        rows = db.session.execute(asked).all()
        client = db.session.get_one(User, rows[0].client_id)
    http = log_in(world, Caller(app.test_client(), client.id, ""))
    page = http.get(f"/checkouts/{rows[0].id}").text
    [token] = re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1:]
    cookie = http.get_cookie("session")
    assert cookie is not None
    found = {}
    for ref, checkout_id, _ in rows:
        form = urlencode({"csrf_token": token, "mark": "modal", "asked": "9"})
        head = (
            f"POST /checkouts/{checkout_id}/check HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session={cookie.value}\r\n"
            f"HX-Request: true\r\nContent-Type: {_FORM}\r\nContent-Length: {len(form)}\r\nConnection: close\r\n\r\n"
        )
        found[str(ref)] = (head + form).encode()
    return found


def _report(found: dict[str, float], browsers: list[Browser]) -> int:
    failed = [each for browser in browsers for each in browser.failed]
    print(
        f"{len(browsers)} browsers wait, {found['asks']:.0f} asks a second, {found['threads']:.0f} threads in a process:"
    )
    print(
        f"{found['core']:.2f} of a core (at most {CORE}); news after {found['p50']:.2f} s, p99 {found['p99']:.2f} (at most {NEWS})"
    )
    if failed:
        print(f"  {len(failed)} answers were no page: {sorted(set(failed))}")
    return int(found["core"] > CORE or found["p99"] > NEWS or bool(failed))


if __name__ == "__main__":
    sys.exit(main())
