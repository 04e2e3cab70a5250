"""More of everything that happened: every row but people and what they offer, so and so many times (on SQLite)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, select

from app.extensions import db
from app.models import Base
from app.services.core import encryption
from tests.support.world import World

# Who there is and what they offer and are asked stays; so does what there can be one of.
_STAYS = frozenset(
    {
        *(
            "users",
            "practitioners",
            "practitioner_photos",
            "services",
            "weekly_hours",
            "papers",
            "paper_versions",
            "service_papers",
            "blocks",
        ),
        *("practice_taxes", "receipt_series", "installations", "quota_counts", "quota_stops", "sign_ups"),
        *("audits", "checkups", "foreign_callbacks", "foreign_payments", "rejected_callbacks", "pulls", "busy_feeds"),
        *("houses", "house_logos", "house_pages", "setup_links", "practitioner_photos"),
        *("mailed_codes", "busy_times", "code_apps", "recovery_codes", "idempotent_requests"),
    }
)
_SEALED = frozenset((model.__tablename__, column) for model, column in encryption.SEALED)
_TIMES = {"slots": ("starts_at", "ends_at", "busy_from", "busy_until"), "bookings": ("starts_at", "ends_at")}
_DAYS = {"day_exceptions": ("day",), "time_off": ("first", "last"), "waits": ("starts_at",)}


@dataclass(frozen=True)
class _Step:
    """How far a like is from its original: on the same weekday, at the same time, where no other round put one."""

    nth: int
    round_: int

    @property
    def later(self) -> timedelta:
        """In time."""
        return timedelta(days=14) * self.nth * 2 ** (self.round_ - 1)

    @property
    def further(self) -> int:
        """In numbers."""
        return self.nth * 100_000 * 100 ** (self.round_ - 1)

    @property
    def name(self) -> str:
        """In names."""
        return f"{self.round_}{self.nth}"


def multiply(world: World, times: int, round_: int = 1) -> None:
    """Of everything that happened there is so many times as much, each like what it is of; the nth round of it."""
    with world.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # rows of one table refer to each other
        for table in Base.metadata.sorted_tables:
            if table.name not in _STAYS:
                rows = [dict(row) for row in connection.execute(select(table)).mappings()]
                for copy in (_like(table, row, _Step(nth, round_)) for nth in range(1, times) for row in rows):
                    connection.execute(table.insert(), copy)


def _like(table: Table, row: dict[str, Any], step: "_Step") -> dict[str, Any]:
    alone = _unique_alone(table)
    return {
        column.name: _value(table, column, row[column.name], step, is_alone=column in alone) for column in table.columns
    }


def _value(table: Table, column: Column[Any], value: Any, step: "_Step", *, is_alone: bool) -> Any:
    if value is None or any(key.column.table.name in _STAYS for key in column.foreign_keys):
        return value
    if (table.name, column.name) in _SEALED and value:
        return "1234"  # as from before there were seals: a seal is of one row
    if column.name in (*_TIMES.get(table.name, ()), *_DAYS.get(table.name, ())):
        return value + step.later
    if column.foreign_keys or column.primary_key:
        return _next_key(value, step)
    if is_alone and isinstance(value, str):
        return f"{step.name}~{value}"[: column.type.length or 80]  # type: ignore[attr-defined]
    return value + step.further if is_alone and isinstance(value, int) else value


def _next_key(value: Any, step: "_Step") -> Any:
    if isinstance(value, uuid.UUID):
        return uuid.uuid5(value, step.name)
    return value + step.further if isinstance(value, int) else value


def _unique_alone(table: Table) -> set[Column[Any]]:
    """The last column of each rule that no two rows are alike: what has to differ, unless a key in it does already."""
    rules = [list(rule.columns) for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    rules += [list(index.columns) for index in table.indexes if index.unique]
    return {
        columns[-1]
        for columns in rules
        if not any(key.column.table.name not in _STAYS for column in columns for key in column.foreign_keys)
        and not isinstance(columns[-1].type, datetime)
    }
