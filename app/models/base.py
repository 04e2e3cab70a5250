"""What all tables share: the declarative base, times in UTC, statuses with a check constraint."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, Enum, Index, MetaData, Uuid, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

_E = TypeVar("_E", bound=StrEnum)

_WHERE = "kikao_where"
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC on both engines; SQLite, which knows no zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a naive time: it would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcDateTime, uuid.UUID: Uuid, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


def status(kind: type[_E], **options: Any) -> Mapped[_E]:
    """A column that holds one of `kind`'s words: NOT NULL, with a check constraint on both engines."""
    column = Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=kind.__name__.lower(),
        values_callable=lambda words: [word.value for word in words],
    )
    return mapped_column(column, nullable=False, **options)


def word(kind: type[_E], length: int, name: str | None = None, **options: Any) -> Mapped[_E]:
    """A column that holds one of `kind`'s words: NOT NULL; which words there are is not checked by the database."""
    column = Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=length,
        values_callable=lambda words: [each.value for each in words],
    )
    return mapped_column(name, column, nullable=False, **options)


def unique_where(name: str, *columns: str, where: str) -> Index:
    """A partial index: of the rows for which `where` (SQL) holds, no two are alike in these columns."""
    return Index(name, *columns, unique=True, info={_WHERE: where})


def index_where(name: str, *columns: str, where: str) -> Index:
    """A partial index: it knows the rows for which `where` (SQL) holds, and no others."""
    return Index(name, *columns, info={_WHERE: where})


def know_dialects(metadata: MetaData) -> None:
    """Both dialects know of the partial indexes: for whoever makes a schema or compares one, as migrations do.

    Nobody else needs it, and telling a dialect loads it: PostgreSQL's takes longer than most of what a start does.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            if where := index.info.get(_WHERE):
                index.dialect_kwargs.update(sqlite_where=text(where), postgresql_where=text(where))


def one_of(column: str, words: Iterable[str]) -> str:
    """SQL that holds while `column` has one of `words`; for partial indexes."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in sorted(words))})"
