"""A real database, the real sandbox and a real queue for every test that asks; nothing is skipped silently."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright
from redis import Redis
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from werkzeug.serving import make_server

from app import create_app
from app.extensions import db, limiter, queue
from app.lib import chance, clock
from app.models import Base
from app.services.backoffice import reconciliation
from sandbox import server as sandbox_server
from sandbox.core import clock as sandbox_clock
from script.support import broker, chromium, processes, valkey
from script.support.postgres import PostgresCluster
from tests.support.declared import Undeclared
from tests.support.world import World

pytest_plugins = ("tests.support.halves", "tests.support.rounds", "tests.support.costs")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL on which databases may be created: the one of this run or the one given, else a private one."""
    if given := broker.ask("postgresql") or os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with PostgresCluster() as cluster:
        yield cluster.url


@pytest.fixture(scope="session")
def new_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database of this worker's own."""
    name = f"kikao_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class OwnRedis:
    """A Valkey of one test's own, which it may stop."""

    def __init__(self) -> None:
        server = valkey.find_server()
        assert server is not None, "the tests need Valkey or Redis: install redis-server, or set TEST_REDIS_URL"
        self._directory = Path(tempfile.mkdtemp(prefix="kikao-vk-", dir=processes.short_directory()))
        address = self._directory / "valkey.sock"
        command = valkey.command(server, self._directory, address, durable=False)
        self._process = processes.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while not valkey.answers(address):
            assert self._process.poll() is None, "Valkey did not start"
            assert time.monotonic() < deadline, "Valkey did not start"
            time.sleep(0.02)
        self.url = valkey.url(address)

    def stop(self) -> None:
        """It is gone. May be called twice."""
        processes.stop(self._process)
        shutil.rmtree(self._directory, ignore_errors=True)


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A queue server that the test may stop."""
    made = OwnRedis()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis database of this worker's own, which tests may empty: on the run's server or the one given, else on a private one."""
    if given := broker.ask("valkey") or os.environ.get("TEST_REDIS_URL"):
        number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 16
        yield f"{given}{'&' if '?' in given else '?'}db={number}"
        return
    made = OwnRedis()
    yield made.url
    made.stop()


@pytest.fixture
def bind_queue(app: Flask) -> Iterator[Callable[[str], None]]:
    """bind_queue(url): from now on the application's queue is there. Afterwards it has none, as before."""
    before = app.config["REDIS_URL"]

    def bind(url: str) -> None:
        app.config["REDIS_URL"] = url
        queue.init_app(app)

    yield bind
    bind(before)


@pytest.fixture
def redis(app: Flask, redis_url: str, bind_queue: Callable[[str], None]) -> Iterator[Redis]:
    """An empty Redis that is the application's queue."""
    bind_queue(redis_url)
    client = Redis.from_url(redis_url)
    with app.app_context():
        deadline = time.monotonic() + 30
        while not queue.enqueue(
            "app.jobs.sweeps.sweep"
        ):  # after an earlier test's outage it is silent for some seconds
            assert time.monotonic() < deadline, "the queue does not answer"
            time.sleep(0.1)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox_server.Running]:
    """The gateways' stand-ins, one per worker."""
    running = sandbox_server.start(
        port=0, smtp_port=0, data=tmp_path_factory.mktemp("sandbox"), retry_gap=0.1, prompt_seconds=60
    )
    yield running
    running.stop()


class Apps:
    """One served application per engine and worker, made when first asked for."""

    def __init__(self, urls: dict[str, object], sandbox: sandbox_server.Running) -> None:
        self._urls, self._sandbox = urls, sandbox
        self._made: dict[str, tuple[Flask, object]] = {}

    def get(self, engine: str) -> Flask:
        """The application on `engine`, migrated and served."""
        if engine not in self._made:
            self._made[engine] = self._serve(engine)
        return self._made[engine][0]

    def stop(self) -> None:
        """All of them are down."""
        for app, server in self._made.values():
            server.shutdown()  # type: ignore[attr-defined]
            with app.app_context():
                db.session.remove()
                db.engine.dispose()

    def _serve(self, engine: str) -> tuple[Flask, object]:
        url = self._urls[engine]
        holder: dict[str, Flask] = {}
        server = make_server("127.0.0.1", 0, lambda e, s: holder["app"](e, s), threaded=True)  # noqa: PLW0108  (the app comes later)
        environ = self._sandbox.env | {
            "DATABASE_URL": str(url() if callable(url) else url),
            "SECRET_KEY": "a key for tests which has forty characters",
            "PUBLIC_URL": f"http://127.0.0.1:{server.server_port}",
            "KIKAO_RATE_LIMITS": "off",
            "MANUAL_INSTRUCTIONS": "Pay to till 123456 and give the reference.",
            "MANUAL_CURRENCIES": "KES",
            "KIKAO_SECURITY_CONTACT": "mailto:security@kikao.example",
        }
        app = holder["app"] = create_app(environ)
        app.extensions["undeclared"] = Undeclared(app)
        with app.app_context():
            upgrade()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return app, server


@pytest.fixture(scope="session")
def apps(
    tmp_path_factory: pytest.TempPathFactory, sandbox: sandbox_server.Running, request: pytest.FixtureRequest
) -> Iterator[Apps]:
    """Applications by engine."""
    sqlite = tmp_path_factory.mktemp("database") / "kikao.db"
    made = Apps(
        {"sqlite": f"sqlite:///{sqlite}", "postgresql": lambda: request.getfixturevalue("new_postgres")}, sandbox
    )
    yield made
    made.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium, headless, one per worker; a missing one is an error, never a skip."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    # All pages are ours: a process for each site would only be started again for every person.
    flags += ["--renderer-process-limit=1", "--disable-features=IsolateOrigins,site-per-process"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=broker.ask("chromium") or chromium.program(), args=flags)
        yield started
        started.close()


@pytest.fixture
def app(engine: str, apps: Apps, sandbox: sandbox_server.Running) -> Iterator[Flask]:
    """The application with empty tables and an empty sandbox."""
    app = apps.get(engine)
    begin_afresh(app, sandbox)
    app.extensions["undeclared"].take()
    yield app
    sandbox.sandbox.courier.settle(5)
    let_go_of_time()
    assert app.extensions["undeclared"].take() == [], (
        "the API's description does not say so: see app/blueprints/api/declarations"
    )


def begin_afresh(app: Flask, sandbox: sandbox_server.Running) -> None:
    """Nobody was ever here, and no payment was ever made."""
    sandbox.sandbox.faults.clear()
    sandbox.sandbox.faults.resume()
    sandbox.sandbox.courier.forget()
    sandbox.sandbox.store.clear(keep="token")  # an application keeps its access token for an hour
    sandbox.sandbox.money.set_aside()
    sandbox.sandbox.courier.app_url = app.config["PUBLIC_URL"]
    _empty(app)


def let_go_of_time() -> None:
    """Clocks and chance are the machine's again."""
    clock.use(None)
    sandbox_clock.use(None)
    chance.use(None)


@pytest.fixture
def world(app: Flask, sandbox: sandbox_server.Running) -> Iterator[World]:
    """People, services, time, and hands to pay with; afterwards the books must be in order, whatever the test was about."""
    made = World(app, sandbox)
    yield made
    with app.app_context():
        assert reconciliation.breaches() == []


def _empty(app: Flask) -> None:
    """Every table is empty and counts from one again; with triggers asleep, because the books refuse to be deleted."""
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            _empty_postgres()
        else:
            _empty_sqlite()
        db.session.commit()
    app.extensions.pop("house", None)  # which a process keeps for a second


def _with_rows() -> list[str]:
    """The tables that are not empty, those that others point at last."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    has_rows = text("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in tables))
    return [name for name, rows in zip(tables, db.session.execute(has_rows).one(), strict=True) if rows]


def _empty_postgres() -> None:
    # TRUNCATE makes new files for every table, which takes longer than most tests: only what has rows is emptied.
    full = _with_rows()
    if not full:
        return
    try:
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    except DBAPIError:  # a server whose user may not
        db.session.rollback()
        db.session.execute(text(f"TRUNCATE {', '.join(full)} RESTART IDENTITY CASCADE"))
        return
    for name in full:
        db.session.execute(text(f"DELETE FROM {name}"))
    db.session.execute(
        text("SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences")
    )


def _empty_sqlite() -> None:
    full = _with_rows()
    guards = db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE name LIKE '%_append_only_delete'"))
    guarded = [(name, sql) for name, sql in guards if name.removesuffix("_append_only_delete") in full]
    for name, _ in guarded:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    for table in full:
        db.session.execute(text(f"DELETE FROM {table}"))
    for _, sql in guarded:
        db.session.execute(text(sql))


@pytest.fixture
def limits(world: World) -> Iterator[None]:
    """How often a stranger may try is counted, as it is outside of tests."""
    plain, counted = world.app, create_app({**world.app.config["ENVIRON"], "KIKAO_RATE_LIMITS": "on"})
    world.app = counted
    yield
    world.app, limiter.enabled = plain, False
    with counted.app_context():
        db.engine.dispose()


@pytest.fixture
def quotas(app: Flask) -> Iterator[None]:
    """How much somebody may have is counted, as it is outside of tests; how often they may look is not (`limits`)."""
    app.config["RATELIMIT_ENABLED"] = True
    yield
    app.config["RATELIMIT_ENABLED"] = False


@pytest.fixture
def at_once_by_callback(app: Flask) -> Iterator[None]:
    """An unsigned callback that matches is believed at once, and checked after: MPESA_CONFIRM_BY_QUERY=0."""
    app.config["MPESA_CONFIRM_BY_QUERY"] = False
    yield
    app.config["MPESA_CONFIRM_BY_QUERY"] = True
