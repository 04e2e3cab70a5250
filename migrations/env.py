"""Runs the revisions over the application's own engine."""

from logging.config import fileConfig
from pathlib import Path

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from app.extensions import db
from app.models import Base
from app.models.base import UtcDateTime, know_dialects

if (ini := Path(context.config.config_file_name or "")).exists():
    fileConfig(ini, disable_existing_loggers=False)


def _include(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    # The exclusion constraint is written by hand and PostgreSQL shows the index behind it.
    return not (kind == "index" and name == "ex_slots_no_overlap")


def _plain(kind: str, thing: object, _context: object) -> str | bool:
    # A revision must not import the application: what the type is today is not what it was then.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UtcDateTime) else False


def _patient(connection: Connection) -> None:
    # A migration waits a little for locks and never holds up bookings for long: it fails and is run again.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '4s'"))
        connection.execute(text("SET statement_timeout = '60s'"))
        connection.commit()


know_dialects(Base.metadata)
with current_app.app_context(), db.engine.connect() as connection:
    _patient(connection)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=_include,
        compare_type=True,
        render_item=_plain,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
