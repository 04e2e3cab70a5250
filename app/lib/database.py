"""How each engine is opened: SQLite durable, strict and with write transactions that take the lock first."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

BEGIN = "sqlite_begin"  # the execution option that makes a transaction a writing one
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


def prepare(app: Flask) -> None:
    """The engine's options are in the configuration, and SQLite's file has a directory to live in."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        # Threads of one process queue for SQLite's one writer; five seconds, then 503.
        options = {"connect_args": {"timeout": 5}, "pool_size": 12, "max_overflow": 20}
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
    event.listen(engine, "begin", _on_begin)


def insert(engine: Engine, model: type[Any] | Table) -> "Insert":
    """SQL: an INSERT into the model's table, or a table, as `engine` speaks it, so that it can say what happens on a conflict."""
    # Both dialects have the same two methods; the other one, and its types, need not be loaded.
    made: Insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert(model)
    return made


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would take no write lock; ours below does
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get(BEGIN, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
