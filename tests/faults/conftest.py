"""What breaks things: a dying process, a cut database, a migration's lock, a lost queue, clocks that differ."""

import json
import os
import re
import signal
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url

from app.extensions import db
from app.lib import clock
from app.models import Notification, Refund
from sandbox import clock as sandbox_clock
from sandbox.signing import headers_for
from tests.faults import child
from tests.support.offspring import Offspring
from tests.support.world import Caller, World

GATEWAYS = [("stripe", "EUR"), ("razorpay", "INR"), ("mpesa", "KES")]
START = {"stripe": "create", "razorpay": "order", "mpesa": "push"}  # the sandbox's word for the call that begins
ASK = {"stripe": "retrieve", "razorpay": "payments", "mpesa": "query"}  # and for the look-up
THINGS = {"stripe": "session", "razorpay": "order", "mpesa": "prompt"}  # what beginning makes at the vendor
SKEWS = [timedelta(minutes=10), timedelta(minutes=-10), timedelta(hours=26), timedelta(hours=-26)]
T = TypeVar("T")


# ---------------------------------------------------------------------------------------------------- processes


def send_in_a_process(world: World, caller: Caller, path: str, body: Any, **plan: Any) -> Offspring:
    """A web process of its own that POSTs to the API as the caller, or `form` to a page; for the rest see child.py."""
    headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": plan.pop("key", "k-1")}
    told = {"path": path if "form" in plan else f"/api/v1{path}", "body": body, "headers": headers} | plan
    return Offspring(process_environment(world), child.send, told)


def process_environment(world: World) -> dict[str, str]:
    """What a process needs to be one more of this installation."""
    return dict(os.environ | world.app.config["ENVIRON"])


def start_worker(world: World, redis_url: str) -> Offspring:
    """An RQ worker in a process of its own."""
    environment = process_environment(world) | {"RQ_REDIS_URL": redis_url, "REDIS_URL": redis_url}
    return Offspring(environment, child.work)


def die_in(process: Offspring) -> None:
    """The process has killed itself where it was told to, and had nothing to say before."""
    assert process.end() == (-signal.SIGKILL, [])


def kill(process: Offspring) -> None:
    """kill -9, in the middle of whatever it does."""
    process.send_signal(signal.SIGKILL)
    die_in(process)


# ---------------------------------------------------------------------------------------------------- the database


@contextmanager
def cut_at(world: World, start: str) -> Iterator[list[str]]:
    """The first statement that begins like `start` loses its database in mid-transaction; afterwards it is back.

    On PostgreSQL the backend is terminated, as by a restart; SQLite itself aborts the statement.
    """
    engine, struck = _engine(world), list[str]()

    def strike(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not struck and statement.startswith(start):
            struck.append(statement)
            _strike(connection.connection.dbapi_connection, world)

    def mend(context: Any) -> None:
        if engine.dialect.name == "sqlite":
            context.connection.connection.dbapi_connection.set_progress_handler(None, 0)

    event.listen(engine, "before_cursor_execute", strike)
    event.listen(engine, "handle_error", mend)
    try:
        yield struck
    finally:
        event.remove(engine, "before_cursor_execute", strike)
        event.remove(engine, "handle_error", mend)


def _strike(connection: Any, world: World) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.set_progress_handler(lambda: 1, 1)
        return
    with psycopg.connect(_address(world), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])


def restart_database(world: World) -> None:
    """Every connection of the application is gone; new ones can be made at once."""
    engine = _engine(world)
    if engine.dialect.name == "sqlite":
        engine.dispose()
        return
    others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(_address(world), autocommit=True) as admin:
        admin.execute(f"{others} AND pid <> pg_backend_pid()")


@contextmanager
def migration(world: World, table: str) -> Iterator[Callable[[], bool]]:
    """A migration has `table` locked for writing (on SQLite: everything) until the end; says whether somebody waits."""
    engine, waiting = _engine(world), list[str]()
    first = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else table

    def notice(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if first in statement:
            waiting.append(statement)

    holder = _lock(world, table)
    event.listen(engine, "before_cursor_execute", notice)
    try:
        yield lambda: bool(waiting)
    finally:
        event.remove(engine, "before_cursor_execute", notice)
        holder.close()  # rolls back


def _lock(world: World, table: str) -> Any:
    if _engine(world).dialect.name == "sqlite":
        alone = sqlite3.connect(_address(world), isolation_level=None, check_same_thread=False)
        alone.execute("BEGIN IMMEDIATE")
        return alone
    other = psycopg.connect(_address(world))
    other.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")  # reading goes on, as while an index is made
    return other


def after_the_migration(world: World, table: str, call: Callable[[], T]) -> T:
    """What the call came to that began while a migration held `table` and ended after it."""
    answers: list[T] = []
    thread = threading.Thread(target=lambda: answers.append(call()))
    with migration(world, table) as somebody_waits:
        thread.start()
        world.until(somebody_waits)
    thread.join(30)
    return answers[0]


def _engine(world: World) -> Any:
    with world.app.app_context():
        return db.engine


def _address(world: World) -> str:
    url = make_url(world.app.config["ENVIRON"]["DATABASE_URL"])
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)


# ---------------------------------------------------------------------------------------------------- queue, gateways, clocks


@pytest.fixture(params=["down", "flushed"])
def lose_queue(request: pytest.FixtureRequest, bind_queue: Callable[[str], None]) -> Callable[[], Any]:
    """lose_queue(): Redis is down from now on (F03), or is empty now and will be used again (F04)."""
    if request.param == "flushed":
        empty: Callable[[], Any] = request.getfixturevalue("redis").flushdb
        return empty
    own = request.getfixturevalue("own_redis")
    bind_queue(own.url)
    stop: Callable[[], Any] = own.stop
    return stop


@pytest.fixture
def impatient(app: Flask) -> Iterator[None]:
    """The gateways wait a second for an answer instead of ten."""
    patient = app.extensions["gateways"]
    app.extensions["gateways"] = {
        code: g if g.capabilities.by_hand else type(g)(g._settings, timeout=(1.0, 1.0)) for code, g in patient.items()
    }
    yield
    app.extensions["gateways"] = patient


@contextmanager
def skewed(world: World, by: timedelta) -> Iterator[None]:
    """This app node's clock is wrong by so much; the gateways' and the database's are right."""

    def right() -> datetime:
        return datetime.now(UTC) + world._offset

    clock.use(lambda: right() + by)
    sandbox_clock.use(lambda: right().timestamp())
    try:
        yield
    finally:
        clock.use(right)


# ---------------------------------------------------------------------------------------------------- people


def together(*calls: Callable[[], T]) -> list[T]:
    """All calls at once, each in a thread of its own; their results in the order of the calls."""
    gate, results = threading.Barrier(len(calls)), dict[int, T]()

    def run(number: int, call: Callable[[], T]) -> None:
        gate.wait()
        results[number] = call()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[number] for number in range(len(calls))]


def tab(world: World, caller: Caller) -> Caller:
    """The same person once more: another tab, another click."""
    return Caller(world.app.test_client(), caller.user_id, caller.token)


def send_and_hang_up(world: World, caller: Caller, path: str, body: Any) -> None:
    """The request has left; whoever sent it is gone before the answer comes."""
    host, port = urlsplit(world.app.config["PUBLIC_URL"]).hostname, urlsplit(world.app.config["PUBLIC_URL"]).port
    content = json.dumps(body).encode()
    head = f"POST /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {caller.token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    with socket.create_connection((str(host), int(port or 0)), timeout=60) as line:
        line.sendall(head.encode() + content)


def log_in(world: World, caller: Caller) -> FlaskClient:
    """The person's browser, logged in."""
    http = world.app.test_client()
    with http.session_transaction() as session:  # proving a password is not what is tested here, and is slow on purpose
        session.update(_user_id=f"{caller.user_id}.1", _fresh=True)
    return http


def token_in(page: str) -> str:
    """The CSRF token of a page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return found.group(1)


def rivals(world: World) -> tuple[Caller, list[Caller], list[dict[str, Any]]]:
    """A practitioner, and two clients with a draft for the same time of theirs; nothing is held."""
    owner, clients = world.practitioner(), [world.person(), world.person()]
    service = world.service(owner, "pay_then_book", "EUR")
    start = world.start(service)
    return owner, clients, [world.book(client, service, start)["checkout"] for client in clients]


def told(world: World, caller: Caller) -> list[str]:
    """The kinds of message the person was sent, oldest first."""
    return [n.kind for n in sorted(world.all(Notification), key=lambda n: n.id) if n.user_id == caller.user_id]


# ---------------------------------------------------------------------------------------------------- money


def hold_back(world: World, begun: dict[str, Any], act: str = "pay", **wish: Any) -> list[dict[str, Any]]:
    """The callbacks of what the payer does, kept back: raw body, url and headers, freshly signed; oldest first."""
    before = {row["id"] for row in world.sandbox.sandbox.courier.log()}
    world.faults(gateway="any", callbacks="hold", times=None)
    world.act(begun, act, **wish)
    world.sandbox.sandbox.faults.clear()
    rows = [row for row in reversed(world.sandbox.sandbox.courier.log()) if row["id"] not in before]
    return [signed(world, row) for row in rows]


def signed(world: World, row: dict[str, Any]) -> dict[str, Any]:
    """A delivery with its address and the signature the vendor would send it with now."""
    keys = world.sandbox.sandbox.credentials
    headers = headers_for(row["gateway"], keys, row["body"].encode(), row["event_id"], sandbox_clock.now())
    url = row["target"] or f"{world.app.config['PUBLIC_URL']}/callbacks/{row['gateway']}"
    return row | {"headers": headers, "url": url}


def deliver(row: dict[str, Any], body: bytes | None = None, **headers: str) -> int:
    """The status with which Kikao answers the callback."""
    content = row["body"].encode() if body is None else body
    return requests.post(row["url"], data=content, headers=row["headers"] | headers, timeout=30).status_code


def kept(world: World) -> int:
    """Minor units that the gateways took and have not sent back, by their own log."""
    return sum(e["amount"] if e["kind"] == "capture" else -e["amount"] for e in world.money_taken())


def captures(world: World) -> int:
    """How many times a payer was charged, by the gateways' own log."""
    return sum(e["kind"] == "capture" for e in world.money_taken())


def goes_back(world: World, payer: Caller, owner: Caller, *, amount: int, status: str) -> None:
    """X: what came too late stands as a refund in full, its booking is as it was, and both sides were told of it."""
    [row] = world.all(Refund)
    assert (row.amount, row.status in ("asked", "sent", "done")) == (amount, True), row.status
    bookings: Any = payer.get("/bookings").json
    booking = bookings[0]
    assert (booking["status"], booking["money"] in ("refund_pending", "refunded")) == (status, True), booking
    news = {"booking_confirmed", "booking_confirmed_practitioner", "request_received", "request_sent"}
    assert set(told(world, payer)) - news - {"request_declined", "booking_cancelled", "booking_expired"}
    assert set(told(world, owner)) - news - {"booking_cancelled"}
