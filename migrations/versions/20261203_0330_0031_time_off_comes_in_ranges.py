"""Time off comes in ranges, holidays by country, absences with a notice, and groups may have fixed times."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_DAY = timedelta(days=1)
_DAYS = sa.table(
    "day_exceptions",
    sa.column("practitioner_id", sa.Integer),
    sa.column("day", sa.Date),
    sa.column("starts", sa.Time),
    sa.column("ends", sa.Time),
    sa.column("note", sa.String),
)
_OFF = sa.table(
    "time_off",
    sa.column("practitioner_id", sa.Integer),
    sa.column("first", sa.Date),
    sa.column("last", sa.Date),
    sa.column("starts", sa.Time),
    sa.column("ends", sa.Time),
    sa.column("name", sa.String),
)


def upgrade() -> None:
    """Days that were closed are time off, those beside each other with the same note in one range."""
    op.create_table(
        "time_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.CheckConstraint("first <= last", name="order"),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_time_off_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_time_off"),
    )
    op.create_index("ix_time_off_practitioner_id_last", "time_off", ["practitioner_id", "last"])
    rows = _taken_out()
    _make_days(nullable=False)
    _put(_OFF, _ranges(row for row in rows if row["starts"] is None))
    _put(_DAYS, (row for row in rows if row["starts"] is not None))
    for column in _absences():
        op.add_column("practitioners", column)
    op.add_column("services", sa.Column("class_times", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    """Every day that time off touches is closed, also where it was only a part of it: nobody is booked while away.

    Holidays, notices and fixed times are gone; a group can be booked whenever its practitioner is open.
    """
    op.drop_column("services", "class_times")
    for column in _absences():
        op.drop_column("practitioners", column.name)
    found = op.get_bind().execute(sa.select(_OFF).order_by(_OFF.c.first)).mappings().all()
    closed = {(row["practitioner_id"], day): row["name"] for row in found for day in _days(row["first"], row["last"])}
    rows = _taken_out()
    _make_days(nullable=True)
    _put(_DAYS, (row for row in rows if (row["practitioner_id"], row["day"]) not in closed))
    off = ((who, day, note) for (who, day), note in closed.items())
    _put(_DAYS, ({"practitioner_id": who, "day": day, "starts": None, "ends": None, "note": note} for who, day, note in off))
    op.drop_table("time_off")


def _absences() -> list[sa.Column[Any]]:
    return [
        sa.Column("holiday_country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("holiday_region", sa.String(length=10), server_default="", nullable=False),
        sa.Column("worked_holidays", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("absence_text", sa.String(length=300), server_default="", nullable=False),
        sa.Column("absence_from", sa.Date(), nullable=True),
        sa.Column("absence_until", sa.Date(), nullable=True),
    ]


def _taken_out() -> list[dict[str, Any]]:
    """Every day that differs, in order; the table is gone, because SQLite changes no column of one."""
    rows = op.get_bind().execute(sa.select(_DAYS).order_by(_DAYS.c.practitioner_id, _DAYS.c.day)).mappings().all()
    op.drop_table("day_exceptions")
    return [dict(row) for row in rows]


def _make_days(*, nullable: bool) -> None:
    both = [sa.CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="both_or_neither")] if nullable else []
    op.create_table(
        "day_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=nullable),
        sa.Column("ends", sa.Time(), nullable=nullable),
        sa.Column("note", sa.String(length=120), nullable=False),
        *both,
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_day_exceptions_practitioner_id"),
        sa.PrimaryKeyConstraint("id", name="pk_day_exceptions"),
    )
    op.create_index("ix_day_exceptions_practitioner_id_day", "day_exceptions", ["practitioner_id", "day"])


def _put(table: Any, rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        op.bulk_insert(table, found)


def _ranges(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows by practitioner and day, those that follow each other joined."""
    current: dict[str, Any] | None = None
    for row in rows:
        who, day, note = row["practitioner_id"], row["day"], row["note"]
        if current and (current["practitioner_id"], current["name"]) == (who, note) and day - current["last"] <= _DAY:
            current["last"] = day
            continue
        if current:
            yield current
        current = {"practitioner_id": who, "first": day, "last": day, "starts": None, "ends": None, "name": note}
    if current:
        yield current


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))
