"""A database put back to an earlier moment, while the vendors go on: what an operator does after a loss."""

from typing import Any

from sqlalchemy import Integer, text

from app.extensions import db
from app.models import Base
from tests.conftest import _empty
from tests.support.world import World

Snapshot = dict[str, list[dict[str, Any]]]


def snapshot(world: World) -> Snapshot:
    """Every row of every table."""
    with world.rows() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: [dict(row) for row in session.execute(table.select()).mappings()] for table in tables}


def restore(world: World, kept: Snapshot) -> None:
    """The tables hold what they held then, and nothing since."""
    _empty(world.app)
    with world.rows() as session:
        for table in Base.metadata.sorted_tables:
            if kept[table.name]:
                session.execute(table.insert(), kept[table.name])
        if db.engine.dialect.name == "postgresql":
            _count_on()
        session.commit()


def _count_on() -> None:
    for table in Base.metadata.sorted_tables:
        key = table.primary_key.columns.get("id")
        if key is not None and isinstance(key.type, Integer) and key.autoincrement is not False:
            newest = f"(SELECT coalesce(max(id), 0) + 1 FROM {table.name})"
            db.session.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {newest}, false)"))
