"""What a planner is told where it would guess.

Without statistics SQLite takes every `=` for rare, and an index that spares it sorting for the better one.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal


def one_by_one(rows: Select[Any]) -> ColumnElement[bool]:
    """SQL: there is one of `rows`, of which each row asked about has one at the most; asked of it alone.

    Of an EXISTS beside an OR PostgreSQL reads all rows first that it could be true for.
    """
    return rows.with_only_columns(literal(1)).scalar_subquery().is_not(None)


def beside(column: Any) -> ColumnElement[Any]:
    """SQL: the column as it is, by which no rows are found or sorted: others lead to fewer."""
    return func.coalesce(column, column)
