"""Where histories are played: the real application and the real sandbox in one process, on time that stands still.

Nothing runs by itself here: no courier, no ticker, no worker. A history says when a callback arrives and how late it is.
"""

import logging
import random
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from werkzeug.serving import make_server

from app import create_app
from app.extensions import db
from app.gateways import adapter
from app.gateways.stripe import StripeGateway, StripeSettings
from app.lib import chance, clock
from app.services.backoffice import sweeps
from sandbox import server as sandbox_server
from sandbox.control import acts
from sandbox.core import clock as sandbox_clock
from sandbox.core.context import Sandbox
from sandbox.core.errors import Refused, Unknown
from sandbox.core.faults import Faults
from sandbox.core.money_log import MoneyLog
from sandbox.core.store import Doc, Store
from sandbox.credentials import Credentials, environment
from sandbox.daraja import prompts
from sandbox.stripe import sessions
from tests.histories.cast import Cast, Recorded, engage
from tests.histories.empty import Emptier, emptier
from tests.histories.letters import Letter, Postbag
from tests.support.gateways import BY_CODE

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
_TICK = timedelta(microseconds=100)  # no two readings of a clock are the same, as in life
_ADDRESS = "https://kikao.test"


# What changes with every commit of somebody else's.
_WRITTEN = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text)",
}


class VirtualTime:
    """Time that passes only when a history says so, and a little with every reading."""

    def __init__(self) -> None:
        self.present = START

    def now(self) -> datetime:
        """The instant, a little later each time."""
        self.present += _TICK
        return self.present


class Mistakes(logging.Handler):
    """Keeps every error the application writes to its log: a sweep that stumbles must not pass for a quiet one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember the line, with its traceback."""
        self.lines.append(self.format(record))


class Stage:
    """One application on one engine with its gateways and its people, emptied for each history."""

    def __init__(self, url: str, directory: Path) -> None:
        self.time, self.mistakes = VirtualTime(), Mistakes()
        self.room = directory
        self._log_path = directory / "money.jsonl"
        keys, faults = Credentials(), Faults()
        store = Store(directory / "sandbox.sqlite3")
        self.letters = Postbag(store, faults, keys, _ADDRESS)
        self.sandbox = Sandbox(store, MoneyLog(self._log_path), faults, self.letters, keys, 60.0, threading.Event())
        self._server = _serve(self.sandbox)
        self.sandbox.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._turn_clocks()
        self.app = self._application(url)
        with self.app.app_context():
            upgrade()
            self.engine: Engine = db.engine
            self.cast: Cast = engage(self.app)
            self._emptier: Emptier = emptier(self.app)
        self._question = _WRITTEN[self.engine.dialect.name]
        self._look()
        self.http = Recorded(self.app, self.app.response_class, use_cookies=False)
        logging.getLogger("app").addHandler(self.mistakes)

    def _look(self) -> None:
        self._pooled = self.engine.raw_connection()
        self._watch: Any = self._pooled.driver_connection
        if self.engine.dialect.name == "postgresql":
            self._watch.autocommit = True
        self._version = None

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Nobody has the database open meanwhile; afterwards it may be another one."""
        self._pooled.invalidate()
        with self.app.app_context():
            db.session.remove()
            self.engine.dispose()
        yield
        self._look()

    def was_written(self) -> bool:
        """Whether the database was written to since this was last asked."""
        before, self._version = self._version, self._watch.execute(self._question).fetchone()
        return bool(before != self._version)

    def _application(self, url: str) -> Flask:
        environ = environment(self.sandbox.base_url, 0, self.sandbox.credentials) | {
            "DATABASE_URL": url,
            "SECRET_KEY": "a key for tests which has forty characters",
            "PUBLIC_URL": _ADDRESS,
            "KIKAO_ENV": "development",
            "SMTP_URL": "",
            "KIKAO_RATE_LIMITS": "off",
            "KIKAO_LOG": "error",
            "STRIPE_SLOW_METHODS": "sepa_debit,multibanco",
        }
        app = create_app(environ)
        app.test_client_class = Recorded
        # Without the SDK's own second try, which sleeps: a lost answer is lost.
        stripe = StripeGateway(StripeSettings.from_environment(environ), retries=0)
        app.extensions["gateways"]["stripe"] = stripe
        return app

    def _turn_clocks(self) -> None:
        clock.use(self.time.now)
        sandbox_clock.use(lambda: self.time.now().timestamp())

    def begin(self, *, reversals: bool, reseats: bool, by_query: bool) -> None:
        """A new history: nobody has booked, nobody has paid, every gateway behaves; the installation is set up as said."""
        self._turn_clocks()
        self.time.present = START
        chance.use(random.Random(0))
        self.sandbox.faults.clear()
        self.sandbox.store.clear()
        self._log_path.unlink(missing_ok=True)
        self.letters.all.clear()
        self.letters.silent.clear()
        self.mistakes.lines.clear()
        self._emptier()
        self.app.config.update(LATE_PAYER_RESEATS=reseats, MPESA_CONFIRM_BY_QUERY=by_query)
        self._set_up_mpesa(reversals)

    def _set_up_mpesa(self, reversals: bool) -> None:
        # Built afresh: it keeps an access token for an hour, and each history begins at the same instant.
        kind: Any = adapter("mpesa")
        without = {} if reversals else {"MPESA_INITIATOR": "", "MPESA_SECURITY_CREDENTIAL": ""}
        settings = kind.Settings.from_environment({**self.app.config["ENVIRON"], **without})
        self.app.extensions["gateways"]["mpesa"] = kind(settings)

    # ---------------------------------------------------------------------------------------- time

    def move(self, by: timedelta) -> None:
        """Time has passed, and the gateways have ended what time ends."""
        self.time.present += by
        prompts.time_out_overdue(self.sandbox)
        sessions.expire_overdue(self.sandbox)

    def sweep(self) -> dict[str, int]:
        """One pass of everything the clock does."""
        with self.app.app_context():
            return sweeps.sweep()

    # ---------------------------------------------------------------------------------------- at the gateways

    def things(self) -> list[tuple[str, Doc]]:
        """Every session, order and prompt with its gateway, by gateway and the newest first."""
        found = [(code, self.sandbox.store.all(gateway.thing)) for code, gateway in BY_CODE.items()]
        return [(code, doc) for code, docs in found for doc in docs]

    def act(self, gateway: str, kind: str, thing_id: str, act: str, **wish: Any) -> bool:
        """Whether the payer or the bank could do it."""
        with suppress(Refused, Unknown):
            acts.ACTS[gateway, kind][act](self.sandbox, thing_id, **wish)
            return True
        return False

    def money(self) -> list[dict[str, Any]]:
        """The sandbox's own log of captures and refunds; how people type a reference is forgiven."""
        lines = self.sandbox.money.entries()
        return [line | {"reference": "".join(line["reference"].split()).upper()} for line in lines]

    def payable(self) -> list[str]:
        """Our references of the sessions and prompts that can be paid now; orders at Razorpay never end and are left out."""
        now = self.time.present.timestamp()
        sessions = (s for s in self.sandbox.store.all("session") if s["status"] == "open" and s["expires_at"] > now)
        alive = (p for p in self.sandbox.store.all("prompt") if p["result"] == prompts.OPEN and p["until"] > now)
        return [s["client_reference_id"] for s in sessions] + [p["reference"] for p in alive]

    def deliver(self, letter: Letter) -> int:
        """The callback has arrived once (more); the answer's status."""
        headers = letter.headers(self.sandbox.credentials, sandbox_clock.now())
        return self.http.post(letter.path, data=letter.body, headers=headers).status_code

    def stop(self) -> None:
        """Nothing serves any more, and the clocks are the machine's again."""
        logging.getLogger("app").removeHandler(self.mistakes)
        self.sandbox.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self.sandbox.store.close()
        self._pooled.invalidate()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        for source in (clock, chance):
            source.use(None)
        sandbox_clock.use(None)


def _serve(sandbox: Sandbox) -> Any:
    handler = sandbox_server._Quiet
    server = make_server("127.0.0.1", 0, sandbox_server.create_app(sandbox), threaded=True, request_handler=handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server


@contextmanager
def staged(url: str = "") -> Iterator[Stage]:
    """A stage on the database at `url`; without one, on SQLite in memory-backed files where the system has such."""
    memory = Path("/dev/shm")  # noqa: S108  (a directory of our own inside)
    directory = Path(tempfile.mkdtemp(prefix="kikao-hs-", dir=memory if memory.is_dir() else None))
    stage = Stage(url or f"sqlite:///{directory / 'kikao.db'}", directory)
    try:
        yield stage
    finally:
        stage.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server, gone afterwards."""
    name = f"histories_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
