"""Time off comes in ranges, holidays by country, absences with a notice, and groups may have fixed times."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
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
    closed = sa.select(_DAYS).where(_DAYS.c.starts.is_(None))
    rows = op.get_bind().execute(closed.order_by(_DAYS.c.practitioner_id, _DAYS.c.day)).mappings().all()
    if ranges := list(_ranges(rows)):
        op.bulk_insert(_OFF, ranges)
    op.execute(sa.delete(_DAYS).where(_DAYS.c.starts.is_(None)))
    with op.batch_alter_table("day_exceptions") as table:
        table.drop_constraint("both_or_neither", type_="check")
        table.alter_column("starts", existing_type=sa.Time(), nullable=False)
        table.alter_column("ends", existing_type=sa.Time(), nullable=False)
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
    with op.batch_alter_table("day_exceptions") as table:
        table.alter_column("starts", existing_type=sa.Time(), nullable=True)
        table.alter_column("ends", existing_type=sa.Time(), nullable=True)
        table.create_check_constraint("both_or_neither", "(starts IS NULL) = (ends IS NULL)")
    found = op.get_bind().execute(sa.select(_OFF).order_by(_OFF.c.first)).mappings().all()
    closed = {(row["practitioner_id"], day): row["name"] for row in found for day in _days(row["first"], row["last"])}
    for who, day in closed:
        op.execute(sa.delete(_DAYS).where(_DAYS.c.practitioner_id == who, _DAYS.c.day == day))
    if closed:
        op.bulk_insert(
            _DAYS,
            [
                {"practitioner_id": who, "day": day, "starts": None, "ends": None, "note": note}
                for (who, day), note in closed.items()
            ],
        )
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


def _ranges(rows: Any) -> Iterator[dict[str, Any]]:
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
