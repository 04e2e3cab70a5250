"""What the planner of a query is told, where it would guess: SQLite takes any `=` for rare, and an index that spares sorting for good."""

from typing import Any

from sqlalchemy import ColumnElement, func


def beside(column: Any) -> ColumnElement[Any]:
    """SQL: the column as it is, by which no rows are found or sorted: others lead to fewer."""
    return func.coalesce(column, column)
