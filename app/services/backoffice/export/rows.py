"""Rows as plain words: every column of a record but those that are named, so that a new column is never forgotten."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import LargeBinary, Select, inspect

from app.extensions import db
from app.lib.papers import csvs
from app.models import Base

_AT_ONCE = 100  # rows held at a time
More = Callable[[Any], dict[str, Any]]


def rows(
    statement: Select[Any], without: frozenset[str] = frozenset(), more: More | None = None
) -> Iterator[dict[str, Any]]:
    """Each record of the statement as plain values, without its files, a few at a time; `more` adds what is elsewhere."""
    for record in db.session.scalars(statement.execution_options(yield_per=_AT_ONCE)):
        yield plain(record, without) | (more(record) if more else {})


def plain(record: Base, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Every column of the record but these, and no file; by the name it has in the model."""
    kept = [a.key for a in inspect(type(record)).column_attrs if not isinstance(a.columns[0].type, LargeBinary)]
    return {key: _word(getattr(record, key)) for key in kept if key not in without}


def _word(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, tuple):  # of hours of a week
        return [{name: _word(part) for name, part in asdict(each).items()} for each in value]
    return str(value) if isinstance(value, uuid.UUID) else value


def cell(value: Any) -> str:
    """The value in a table: what is made of several as JSON, and nothing that a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)  # begins with a bracket
    return csvs.safe(value) if isinstance(value, str) else str(value)
