"""What a planner is told where it would guess.

Without statistics SQLite takes every `=` for rare, and an index that spares it sorting for the better one.
"""

from typing import Any

from sqlalchemy import ColumnElement, func


def beside(column: Any) -> ColumnElement[Any]:
    """SQL: the column as it is, by which no rows are found or sorted: others lead to fewer."""
    return func.coalesce(column, column)
