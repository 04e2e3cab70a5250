"""A failing database, and processes to kill, for the fault tests of S6 to S11."""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection

from app.extensions import db
from tests.faults.child_s6_s11 import sweep, web
from tests.faults.support_s6_s11 import Row, post
from tests.support.offspring import Offspring
from tests.support.world import World

T = TypeVar("T")


# ------------------------------------------------------------------------------------------------ the database


@contextmanager
def quick_locks(world: World) -> Iterator[None]:
    """Writers give up on a lock after 0.3 instead of 5 seconds, so that a test need not wait that long."""
    with world.app.app_context():
        if not event.contains(db.engine, "checkout", _set_patience):
            event.listen(db.engine, "checkout", _set_patience)
    _patience["ms"] = 300
    try:
        yield
    finally:
        _patience["ms"] = 5000


_patience = {"ms": 5000}  # as in app/lib/database.py


def _set_patience(connection: Any, _record: Any, _proxy: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {_patience['ms']}")
    else:
        connection.execute(f"SET lock_timeout = {_patience['ms']}")
        connection.commit()


@contextmanager
def locked(world: World, table: str) -> Iterator[Connection]:
    """Somebody else (a migration) keeps writers from `table`; on SQLite, which has one lock, from everything."""
    engine = create_engine(world.app.config["SQLALCHEMY_DATABASE_URI"], isolation_level="AUTOCOMMIT")
    postgresql = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        connection.execute(text("BEGIN" if postgresql else "BEGIN IMMEDIATE"))
        if postgresql:
            connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        try:
            yield connection
        finally:
            with suppress(Exception):
                connection.execute(text("ROLLBACK"))
    engine.dispose()


def waits(world: World, holder: Connection) -> bool:
    """Whether somebody waits for a lock; SQLite cannot say, so there it is taken for granted."""
    if holder.dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    holder.execute(text("SELECT pg_stat_clear_snapshot()"))  # within a transaction it would show the same for ever
    return bool(holder.scalar(text(waiting)))


def cut(holder: Connection) -> None:
    """PostgreSQL goes down under everybody else, as in a failover; SQLite has no server to go down."""
    if holder.dialect.name == "postgresql":
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        holder.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


def fail_over(world: World, table: str, work: Callable[[], T]) -> T:
    """What `work` gave although its connection was cut in the middle of writing (SQLite: it never got the lock)."""
    with quick_locks(world), locked(world, table) as holder:
        given: list[T] = []
        thread = threading.Thread(target=lambda: given.append(work()))
        thread.start()
        if holder.dialect.name == "postgresql":
            world.until(lambda: waits(world, holder) or bool(given))
            cut(holder)
        thread.join()
    return given[0]


# ------------------------------------------------------------------------------------------------ other processes


class Child:
    """Kikao in a process of its own, on the same database and gateways."""

    def __init__(self, world: World, part: str, **changes: str) -> None:
        environment, self._killed = os.environ | world.app.config["ENVIRON"] | changes, False
        self._process = Offspring(environment, {"web": web, "sweep": sweep}[part], world._offset)
        self.url = f"http://127.0.0.1:{self._process.hear()}"

    def taken(self) -> None:
        """It has begun to work."""
        assert self._process.hear() == "taken"

    def kill(self) -> None:
        """kill -9."""
        if not self._killed:
            self._process.send_signal(signal.SIGKILL)
            self._process.end()
        self._killed = True


@contextmanager
def child(world: World, part: str, **changes: str) -> Iterator[Child]:
    """A child that does not outlive its test."""
    made = Child(world, part, **changes)
    try:
        yield made
    finally:
        made.kill()


def killed_while_blocked(world: World, row: Row, table: str) -> None:
    """A web process has taken the callback and was killed -9 where it writes `table`; nobody got an answer."""
    with child(world, "web") as web, locked(world, table) as holder:
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(post(world, row, url=web.url)))
        thread.start()
        web.taken()
        world.until(lambda: waits(world, holder))
        web.kill()
        thread.join()
        assert answers == [0]
