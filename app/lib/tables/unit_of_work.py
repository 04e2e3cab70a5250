"""The database session: what is pending is written late and together, and never after a statement that could see it."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from flask_sqlalchemy.session import Session
from sqlalchemy import Column, Insert, Select, Table
from sqlalchemy.sql import visitors

Row = Mapping[str, Any]


def table_of(model: Any) -> Table:
    """The model's table, for statements about many rows that nobody needs as objects: they cost a fraction of the ORM's."""
    table: Table = model.__table__
    return table


class UnitOfWork(Session):
    """A session without SQLAlchemy's autoflush, which writes everything that is pending before each read.

    Before a statement it writes what is pending if the statement reads one of its tables, or refers to a row that is new;
    else it leaves it for later, when more can be written at once.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"autoflush": False})
        self._appended: dict[Table, list[Row]] = {}

    def append(self, model: Any, row: Row) -> None:
        """The row is stored with the next flush, in one statement with its like; nobody gets it, or its id, back."""
        self._appended.setdefault(table_of(model), []).append(row)

    def flush(self, objects: Any = None) -> None:
        """Everything that is pending is written."""
        super().flush(objects)
        appended = self._appended
        self._appended = {}
        for table, rows in appended.items():
            super().execute(table.insert(), rows)

    def refresh(self, instance: object, *args: Any, **options: Any) -> None:
        """The row is read anew, with what this session had changed of it."""
        self.flush()
        super().refresh(instance, *args, **options)

    def commit(self) -> None:
        """Everything is written and committed."""
        self.flush()
        super().commit()

    def rollback(self) -> None:
        """Nothing is pending, and nothing stays of what was written."""
        self._appended = {}
        super().rollback()

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As Session's, after what the statement could see is written."""
        self._write_for(statement)
        return super().execute(statement, *args, **options)

    def scalars(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As Session's, after what the statement could see is written."""
        self._write_for(statement)
        return super().scalars(statement, *args, **options)

    def scalar(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As Session's, after what the statement could see is written."""
        self._write_for(statement)
        return super().scalar(statement, *args, **options)

    def _write_for(self, statement: Any) -> None:
        if self._flushing:
            return  # it is part of the writing: a row that is written reads what it needs of itself
        match statement:
            case Select():
                pending = self._pending()
                is_seen = bool(pending) and not pending.isdisjoint(_read_by(statement))
            case Insert():
                is_seen = not _tables_of(self.new).isdisjoint(_needed_by(statement))
            case _:  # it may change anything
                is_seen = True
        if is_seen:
            self.flush()

    def _pending(self) -> set[str]:
        return _tables_of(chain(self.new, self.dirty, self.deleted)) | {table.name for table in self._appended}


def _tables_of(rows: Iterable[Any]) -> set[str]:
    return {table_of(type(row)).name for row in rows}


def _read_by(statement: Select[Any]) -> set[str]:
    # The other side of a join by a relationship is not there as a table yet, but as the columns it is joined by.
    parts = list(visitors.iterate(statement))
    tables = [*parts, *(part.table for part in parts if isinstance(part, Column))]
    return {table.name for table in tables if isinstance(table, Table)}


def _needed_by(statement: Insert) -> set[str]:
    table: Any = statement.table
    return {table.name, *(key.column.table.name for key in table.foreign_keys)}
