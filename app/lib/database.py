"""How each engine is opened: SQLite durable, strict and with write transactions that take the lock first."""

import sqlite3
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from app.lib.tables.turns import Line, Turns

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

_WRITING = "BEGIN IMMEDIATE"
BEGIN = "sqlite_begin"  # the execution option that makes a transaction a writing one, or none of a single statement that reads
_PATIENCE = 5.0  # seconds to wait for a turn, or for who takes none
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-512")
# Each connection keeps its own, some 60 KiB each and one connection for every thread: as many as a callback and a page take.
_STATEMENTS = 48


class TakingTurns(sqlite3.Connection):
    """A connection that has its turn from before it begins to write until it is done, however it is done."""

    _turns: Turns | None = None
    _taken: Line | None = None

    def wait_for_turn(self, turns: Turns) -> bool:
        """Whether it is this connection's turn to write, after some patience."""
        self._turns = turns
        self._taken = turns.take(_PATIENCE)
        return self._taken is not None

    def commit(self) -> None:
        """What was written stays, and others may write."""
        super().commit()
        self._end_turn()

    def rollback(self) -> None:
        """Nothing stays of what was written, and others may write."""
        try:
            super().rollback()
        finally:
            self._end_turn()

    def close(self) -> None:
        """As after a rollback."""
        try:
            super().close()
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._turns is not None and self._taken is not None:
            self._turns.end(self._taken)
            self._taken = None


def prepare(app: Flask) -> None:
    """The engine's options are in the configuration, and SQLite's file has a directory to live in."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        arguments = {"factory": TakingTurns, "cached_statements": _STATEMENTS}
        options = {"connect_args": arguments, "pool_size": 12, "max_overflow": 20}
    else:
        # Compiled to machine code (jit), a statement of many parts such as the audit's takes half a minute instead of milliseconds.
        options = {
            "pool_size": 10,
            "max_overflow": 20,
            "pool_timeout": 5,
            "pool_pre_ping": True,
            "connect_args": {"connect_timeout": 5, "options": "-c timezone=utc -c lock_timeout=5000 -c jit=off"},
        }
    # An error that names a statement must not name what people wrote into it: it goes to the log.
    options["hide_parameters"] = True
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options | app.config["SQLALCHEMY_ENGINE_OPTIONS"]


def tune(engine: Engine) -> None:
    """Every connection of `engine` behaves as Kikao expects."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    file = engine.url.database
    turns = Turns(Path(file)) if file and file != ":memory:" else None
    event.listen(engine, "begin", partial(_on_begin, turns))


def insert(engine: Engine, model: type[Any] | Table) -> "Insert":
    """SQL: an INSERT into the model's table, or a table, as `engine` speaks it, so that it can say what happens on a conflict."""
    # Both dialects have the same two methods; the other one, and its types, need not be loaded.
    made: Insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert(model)
    return made


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would take no write lock; ours below does
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(turns: Turns | None, connection: Connection) -> None:
    kind = connection.get_execution_options().get(BEGIN, "DEFERRED")
    if not kind:
        return
    begin = f"BEGIN {kind}"
    dbapi: Any = connection.connection.dbapi_connection
    if turns and begin == _WRITING and isinstance(dbapi, TakingTurns) and not dbapi.wait_for_turn(turns):
        raise OperationalError(begin, None, sqlite3.OperationalError("database is locked"))
    connection.exec_driver_sql(begin)
