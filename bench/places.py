"""How a crowd on PostgreSQL gets the places of one slot: 200 clients ask at once over HTTP, round by round.

In each round five of a slot's six places are left, and most ask for those; the others ask for sessions of other lengths that
overlap it. Exactly five win, everybody else is told that it is taken, and the database has seen no deadlock. How fast is told as
a share of what a plain Flask does that has one conditional UPDATE for it and writes two rows for a winner.
"""

import argparse
import contextlib
import http.client
import json
import logging
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from app import create_app
from app.extensions import db
from bench.crowd import web
from sandbox import server as sandbox_server
from script.support import processes
from script.support.postgres import PostgresCluster
from tests.support.world import World

CLIENTS = 200
LEFT = 5  # places of each slot that are still free
LIMIT = 0.25  # of the rival's rate
_RIVAL = """
import os, threading
import psycopg
from flask import Flask, request

app, local = Flask(__name__), threading.local()

@app.get("/readyz")
def ready():
    return "ok"

@app.post("/api/v1/bookings")
def book():
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["RIVAL_URL"])
    asked, token = request.get_json(), request.headers["Authorization"].removeprefix("Bearer ")
    with local.connection.transaction():
        run = local.connection.execute
        [person] = run("SELECT id FROM people WHERE token = %s", (token,)).fetchone()
        found = run("UPDATE slots SET taken = taken + 1 WHERE start = %s AND service = %s AND taken < 5 RETURNING id",
                    (asked["start"], asked["service_id"])).fetchone()
        if found is None:
            return {"error": "slot_taken"}, 409
        run("INSERT INTO bookings (person, slot) VALUES (%s, %s)", (person, found[0]))
        run("INSERT INTO notices (person, slot) VALUES (%s, %s)", (person, found[0]))
    return {"status": "ok"}, 201
"""
_RIVALS_TABLES = """
CREATE TABLE people (id serial PRIMARY KEY, token text UNIQUE);
CREATE TABLE slots (id serial PRIMARY KEY, start text, service int, taken int DEFAULT 0, UNIQUE (start, service));
CREATE TABLE bookings (id serial PRIMARY KEY, person int REFERENCES people, slot int REFERENCES slots);
CREATE TABLE notices (id serial PRIMARY KEY, person int REFERENCES people, slot int REFERENCES slots);
"""


@dataclass(frozen=True)
class Asked:
    """Who asks for what: the header that says who, and in each round the body."""

    token: str
    bodies: list[bytes]


@dataclass(frozen=True)
class Rush:
    """What became of a round."""

    answers: Counter[int]
    seconds: float


def main() -> int:
    """The exit code: 0 when exactly as many won as there was room for, in every round, and fast enough."""
    parser = argparse.ArgumentParser(prog="script/bench places", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="default 20")
    rounds = parser.parse_args().rounds
    logging.disable(logging.INFO)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-places-")))
        sandbox = sandbox_server.start(port=0, smtp_port=0, data=directory / "sandbox")
        stack.callback(sandbox.stop)
        cluster = stack.enter_context(PostgresCluster())
        url, rivals = (_database(cluster.url, name) for name in ("ours", "rival"))
        crowd = _prepare(url, sandbox, rounds)
        _prepare_rival(rivals, crowd)
        port = stack.enter_context(web(directory, url, sandbox.env))
        ours = [_rush(port, crowd, nth) for nth in range(rounds)]
        rival_port = stack.enter_context(_rival(directory, rivals))
        rival = [_rush(rival_port, crowd, nth) for nth in range(rounds)]
        return _report(ours, rival, _deadlocks(url))


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    return str(make_url(server).set(database=name).render_as_string(hide_password=False))


def _prepare(url: str, sandbox: sandbox_server.Running, rounds: int) -> list[Asked]:
    """A slot for each round has one place taken, and everybody has something to ask for."""
    environ = {"DATABASE_URL": url, "SECRET_KEY": "a key for measuring with forty characters", "GATEWAYS": "stripe"}
    app = create_app(sandbox.env | environ | {"PUBLIC_URL": "http://127.0.0.1:1", "KIKAO_RATE_LIMITS": "off"})
    with app.app_context():
        from flask_migrate import upgrade  # noqa: PLC0415  (Alembic, for this alone)

        upgrade()
    world = World(app, sandbox)
    owner, first = world.practitioner(), world.person()
    group = world.service(owner, places=LEFT + 1)
    rivals = [world.service(owner, title=f"{minutes} minutes", minutes=minutes) for minutes in (30, 90)]
    starts = [slot["start"] for slot in world.slots(group, days=-(-rounds // 8))][::3][:rounds]
    assert len(starts) == rounds, "too few free times"
    for start in starts:
        world.book(first, group, start)
    services = islice(cycle((group, group, group, group, *rivals)), CLIENTS)
    asked = [Asked(world.person().token, [_body(service, start) for start in starts]) for service in services]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return asked


def _body(service: int, start: str) -> bytes:
    return json.dumps({"service_id": service, "start": start}).encode()


def _prepare_rival(url: str, crowd: list[Asked]) -> None:
    first = json.loads(crowd[0].bodies[0])["service_id"]
    starts = [json.loads(body)["start"] for body in crowd[0].bodies]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(_RIVALS_TABLES)
        cursor.executemany("INSERT INTO people (token) VALUES (%s)", [(each.token,) for each in crowd])
        cursor.executemany("INSERT INTO slots (start, service) VALUES (%s, %s)", [(start, first) for start in starts])


@contextlib.contextmanager
def _rival(directory: Path, url: str) -> Iterator[int]:
    """The port of the rival, with as many processes and threads as Kikao has."""
    (directory / "rival.py").write_text(_RIVAL)
    port = processes.next_free("127.0.0.1", 8340)
    size = ("--workers", "2", "--blocking-threads", "8", "--backlog", "1024", "--log-level", "error")
    command = [sys.executable, "-m", "granian", "rival:app", "--interface", "wsgi", "--host", "127.0.0.1"]
    environ = os.environ | {"PYTHONPATH": str(directory), "RIVAL_URL": url}
    server = processes.start([*command, "--port", str(port), *size], env=environ, cwd=directory)
    try:
        while processes.is_free("127.0.0.1", port):
            time.sleep(0.1)
        time.sleep(2)  # both processes are there
        yield port
    finally:
        processes.stop(server)


def _rush(port: int, crowd: list[Asked], nth: int) -> Rush:
    """Everybody asks in the same moment, each over a connection that is there already."""
    gate = threading.Barrier(len(crowd) + 1)
    answers: list[int] = []

    def ask(each: Asked) -> None:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.connect()
            gate.wait()
            headers = {"Authorization": f"Bearer {each.token}", "Content-Type": "application/json"}
            connection.request("POST", "/api/v1/bookings", each.bodies[nth], headers)
            answer = connection.getresponse()
            answer.read()
            answers.append(answer.status)

    threads = [threading.Thread(target=ask, args=(each,)) for each in crowd]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return Rush(Counter(answers), time.perf_counter() - began)


def _deadlocks(url: str) -> int:
    with psycopg.connect(url) as connection:
        row: Any = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(row.fetchone()[0])


def _report(ours: list[Rush], rival: list[Rush], deadlocks: int) -> int:
    right = {201: LEFT, 409: CLIENTS - LEFT}
    wrong = [each.answers for each in ours if each.answers != right]
    rates = [CLIENTS / statistics.median(each.seconds for each in side) for side in (ours, rival)]
    share = rates[0] / rates[1]
    print(
        f"{len(ours)} rounds, {len(ours) - len(wrong)} with exactly {LEFT} winners of {CLIENTS}; deadlocks: {deadlocks}"
    )
    for answers in wrong:
        print(f"  WRONG: {dict(answers)}")
    print(f"{rates[0]:.0f} answers a second, the rival {rates[1]:.0f}: a share of {share:.2f} (at least {LIMIT})")
    return int(bool(wrong) or deadlocks > 0 or share < LIMIT)


if __name__ == "__main__":
    sys.exit(main())
