"""Emptying the tables between two histories in a few milliseconds; the people and their services stay."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Row, select, text
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.models import Base, Service
from tests.conftest import _empty
from tests.histories.cast import engage

Emptier = Callable[[], None]

_KEPT = frozenset({"users", "logins", "practitioners", "weekly_hours", "services", "package_offers"})

_TABLE: Any = Service.__table__
_SERVICES = select(_TABLE).order_by(_TABLE.c.id)


def emptier(app: Flask) -> Emptier:
    """A function that brings the database back to what it is now. Call it inside the application's context."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        return _copier(str(db.engine.url.database))
    if _may_bypass_triggers():
        return _deleter(app)
    return lambda: _slowly(app)


def _copier(path: str) -> Emptier:
    """Page by page from a copy in memory: no trigger is asked, nothing has to be found and deleted."""
    original = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(path, isolation_level=None)) as live:
        live.backup(original)

    def restore() -> None:
        # Opened each time: a history that went back to a backup has put another file in the place of this one.
        with closing(sqlite3.connect(path, isolation_level=None)) as live:
            original.backup(live)

    return restore


def _may_bypass_triggers() -> bool:
    try:
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
    except DBAPIError:
        return False
    return True


def _deleter(app: Flask) -> Emptier:
    """Only tables with rows, in one transaction, with triggers and references asleep."""
    with app.app_context():
        engine = db.engine
    tables = [table.name for table in Base.metadata.sorted_tables if table.name not in _KEPT]
    has_rows = text("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in tables))
    with engine.begin() as connection:
        services = list(connection.execute(_SERVICES))

    def delete() -> None:
        with engine.begin() as connection:
            _put_back(connection, services)
            full = [name for name, rows in zip(tables, connection.execute(has_rows).one(), strict=True) if rows]
            _delete_all(connection, full)

    return delete


def _put_back(connection: Connection, services: list[Row[Any]]) -> None:
    """What a history's practitioners have edited is as it was."""
    now = list(connection.execute(_SERVICES))
    for row in (row for row, is_now in zip(services, now, strict=True) if row != is_now):
        connection.execute(_TABLE.update().where(_TABLE.c.id == row.id).values(row._asdict()))


def _delete_all(connection: Connection, names: list[str]) -> None:
    if names:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))


def _slowly(app: Flask) -> None:
    _empty(app)
    with app.app_context():
        engage(app)
