"""Every cell of the database, as text: to see whether something is really gone."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Enum, LargeBinary, String, Text, select
from sqlalchemy.types import JSON

from app.models import Base
from tests.support.world import World


def written(column: Any) -> bool:
    """Whether people's words or files could stand in the column: a text, JSON or a file, not a word of ours."""
    return isinstance(column.type, String | Text | JSON | LargeBinary) and not isinstance(column.type, Enum)


def holding(world: World, *words: str) -> list[str]:
    """Where any of the words stands now: "table.column: word"."""
    with world.rows() as session:
        return [
            f"{table.name}.{column.name}: {word}"
            for table in Base.metadata.sorted_tables
            for column in table.columns
            if written(column)
            for cell in _texts(session, column)
            for word in words
            if word.lower() in cell.lower()
        ]


def _texts(session: Any, column: Any) -> Iterator[str]:
    for value in session.scalars(select(column)):
        if isinstance(value, bytes):
            yield value.decode("latin-1")
        elif isinstance(value, dict | list):
            yield json.dumps(value, ensure_ascii=False)
        elif value is not None:
            yield str(value)
