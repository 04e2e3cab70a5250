"""A database that fails: cut in mid-transaction, restarted, locked by a migration."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError

from app.extensions import db
from tests.support.at_once import Meanwhile
from tests.support.world import World

T = TypeVar("T")


@contextmanager
def cut_at(world: World, start: str) -> Iterator[list[str]]:
    """The first statement that begins like `start` loses its database in mid-transaction; afterwards it is back.

    Gives the list in which that statement then stands. On PostgreSQL the backend is terminated, as by a restart or a
    failover; SQLite itself aborts the statement.
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


# ---------------------------------------------------------------------------------------------------- locks


class Lock:
    """What keeps everybody else from writing, while it is held."""

    def __init__(self, world: World, table: str, *, readable: bool) -> None:
        self._engine, self._waiting = _engine(world), list[str]()
        self._on_sqlite = self._engine.dialect.name == "sqlite"
        if self._on_sqlite:
            self._holder: Any = sqlite3.connect(_address(world), isolation_level=None, check_same_thread=False)
            self._holder.execute("BEGIN IMMEDIATE")
            event.listen(self._engine, "before_cursor_execute", self._notice)
        else:
            self._holder = psycopg.connect(_address(world))
            mode = "SHARE ROW EXCLUSIVE" if readable else "ACCESS EXCLUSIVE"
            self._holder.execute(f"LOCK TABLE {table} IN {mode} MODE")

    def is_waited_for(self, *, elsewhere: bool = False) -> bool:
        """Whether somebody waits for it; of another process (`elsewhere`) SQLite cannot say so: it is taken for granted."""
        if self._on_sqlite:
            return elsewhere or bool(self._waiting)
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        self._holder.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it would show the same for ever
        return bool(self._holder.execute(waiting).fetchone()[0])

    def release(self) -> None:
        """Others go on."""
        if self._on_sqlite:
            event.remove(self._engine, "before_cursor_execute", self._notice)
        self._holder.close()  # rolls back

    def _notice(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "BEGIN IMMEDIATE" in statement:
            self._waiting.append(statement)


@contextmanager
def locked(world: World, table: str, *, readable: bool = False) -> Iterator[Lock]:
    """Somebody else (a migration) keeps others from `table`, from writing only if it is `readable`.

    SQLite has one lock: there it is everything that cannot be written, and can be read.
    """
    lock = Lock(world, table, readable=readable)
    try:
        yield lock
    finally:
        lock.release()


def after_the_migration(world: World, table: str, call: Callable[[], T]) -> T:
    """What the call came to that began while a migration held `table`, as for a new index, and ended after it."""
    with locked(world, table, readable=True) as lock:
        under_way = Meanwhile(call)
        world.until(lock.is_waited_for)
    return under_way.result()


def try_to_sweep(world: World) -> None:
    """A sweep has ended, as far as the database let it."""
    with suppress(OperationalError):
        world.sweep()


@contextmanager
def quick_locks(world: World) -> Iterator[None]:
    """Writers give up on a lock after 0.3 instead of 5 seconds, so that a test need not wait that long."""
    engine = _engine(world)
    if not event.contains(engine, "checkout", _set_patience):
        event.listen(engine, "checkout", _set_patience)
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


def _engine(world: World) -> Engine:
    with world.app.app_context():
        return db.engine


def _address(world: World) -> str:
    url = make_url(world.app.config["ENVIRON"]["DATABASE_URL"])
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=False)
