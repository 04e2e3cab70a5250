"""A private Kikao with people and services: as processes, or inside this one, where time can be moved."""

import contextlib
import os
import random
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask_migrate import upgrade
from werkzeug.serving import make_server

from app import create_app
from app.extensions import db
from app.lib import clock
from sandbox import server as sandbox_server
from sandbox.core import clock as sandbox_clock
from script.support import processes, valkey
from script.support.postgres import PostgresCluster
from script.support.serve import web_command, worker_command
from script.support.settings import Place, app_environment, sandbox_environment
from soak.fleet import Fleet
from tests.support.world import Caller, World

MODES = ("hold_then_pay", "pay_then_book", "approve_then_pay")
GATEWAYS = {"EUR": ("stripe",), "INR": ("razorpay", "stripe"), "KES": ("mpesa", "stripe")}
_FIRST_DAY, _DAYS = 10, 50  # far enough ahead that every cancellation gives all of it back
_PORTS = (20_000, 32_000)  # below those the kernel gives to whoever asks for any port
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Offer:
    """A service that is sold under one mode in one currency, and who gives it."""

    service: int
    mode: str
    gateways: tuple[str, ...]
    owner: str  # the practitioner's token
    starts: tuple[str, ...]


@dataclass(frozen=True)
class Cast:
    """Everybody who plays: clients' tokens, and what is offered."""

    clients: tuple[str, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Stage:
    """Where one private Kikao lives, and what its processes are given."""

    place: Place
    environment: dict[str, str]
    queue: Path

    @property
    def sandbox_url(self) -> str:
        """Where the gateways' stand-ins answer."""
        return f"http://127.0.0.1:{self.place.sandbox_port}"


@contextlib.contextmanager
def database(engine: str, directory: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards."""
    if engine == "sqlite":
        yield f"sqlite:///{directory / 'kikao.db'}"
        return
    with PostgresCluster() as cluster:
        yield cluster.url


def build(directory: Path, database_url: str) -> Stage:
    """Ports nobody else uses, and an environment that owes nothing to the caller's own settings."""
    first = processes.next_free("127.0.0.1", random.SystemRandom().randrange(*_PORTS))
    sandbox = processes.next_free("127.0.0.1", first + 1)
    place = Place(directory, "127.0.0.1", first, sandbox, processes.next_free("127.0.0.1", sandbox + 1), False)
    (directory / "valkey").mkdir(mode=0o700)
    queue = valkey.socket_path(directory / "valkey")
    given = {name: os.environ[name] for name in _KEPT if name in os.environ}
    given |= {"DATABASE_URL": database_url, "KIKAO_RATE_LIMITS": "off", "REDIS_URL": valkey.url(queue)}
    environment = app_environment(place, given) | sandbox_environment(place, {})
    environment |= {"WEB_WORKERS": "2", "WEB_THREADS": "4"}
    return Stage(place, environment, queue)


@contextlib.contextmanager
def inside(stage: Stage) -> Iterator[World]:
    """The same data, ports and mailbox served by this process, where time can be moved; for before and after."""
    place, environment = stage.place, stage.environment | {"REDIS_URL": ""}
    with contextlib.ExitStack() as stack:
        sandbox = sandbox_server.start(
            port=place.sandbox_port,
            smtp_port=place.smtp_port,
            data=place.instance / "sandbox",
            app_url=place.address,
            retry_gap=0.1,
        )
        stack.callback(sandbox.stop)
        app = create_app(environment)
        with app.app_context():
            upgrade()
        web = make_server(place.host, place.port, app, threaded=True)
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        stack.callback(web.server_close)
        stack.callback(web.shutdown)
        stack.callback(clock.use, None)
        stack.callback(sandbox_clock.use, None)
        yield World(app, sandbox)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def cast(world: World, clients: int) -> Cast:
    """People are there, and one practitioner for each mode and currency."""
    offers = [
        _offer(world, world.practitioner(name=f"Practitioner {n}", zone="UTC"), mode, currency)
        for n, (mode, currency) in enumerate((mode, currency) for mode in MODES for currency in GATEWAYS)
    ]
    return Cast(tuple(world.person(name=f"Client {n}").token for n in range(clients)), tuple(offers))


def _offer(world: World, owner: Caller, mode: str, currency: str) -> Offer:
    service = world.service(owner, mode, currency)
    return Offer(service, mode, GATEWAYS[currency], owner.token, tuple(starts(clock.now())))


def starts(now: datetime) -> Iterator[str]:
    """Every full hour of some weeks that lie well ahead."""
    first = (now + timedelta(days=_FIRST_DAY)).replace(hour=0, minute=0, second=0, microsecond=0)
    for hour in range(_DAYS * 24):
        yield (first + timedelta(hours=hour)).isoformat()


def launch(stage: Stage, fleet: Fleet) -> None:
    """A whole Kikao runs as processes, as script/server starts them, and a sweeper for more sweeps than one a minute."""
    place, environment = stage.place, stage.environment
    server = valkey.find_server()
    if server is None:
        raise RuntimeError("the soak needs Valkey or Redis: install redis-server")
    fleet.add("valkey", valkey.command(server, stage.queue.parent, stage.queue, durable=False), environment)
    fleet.add("sandbox", _sandbox(place), environment)
    fleet.add("web", web_command(place, environment, verbose=True), environment)
    fleet.add("worker", worker_command(verbose=True), environment)
    fleet.add("sweeper", [sys.executable, "-m", "soak.sweeper"], environment)


def _sandbox(place: Place) -> list[str]:
    return [
        sys.executable, "-m", "sandbox", "--port", str(place.sandbox_port), "--smtp-port", str(place.smtp_port),
        "--data", str(place.instance / "sandbox"), "--app-url", place.address, "--retry-gap", "0.2",
    ]  # fmt: skip
