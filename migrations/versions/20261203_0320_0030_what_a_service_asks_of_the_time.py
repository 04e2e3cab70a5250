"""A service says how long before and how far ahead it is booked, how many are given a day and a week, and at which hours."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Added and dropped one by one, never by copying a table: others refer to it, and SQLite would delete their rows first.
_COLUMNS = (
    ("lead_hours", "INTEGER NOT NULL DEFAULT 0", "BETWEEN 0 AND 2160"),
    ("days_ahead", "INTEGER", "BETWEEN 1 AND 730"),
    ("most_per_day", "INTEGER", "BETWEEN 1 AND 100"),
    ("most_per_week", "INTEGER", "BETWEEN 1 AND 500"),
)


def upgrade() -> None:
    """Nothing is asked of the time of any service yet."""
    for name, sort, limits in _COLUMNS:
        check = f"CONSTRAINT ck_services_{name} CHECK ({name} {limits})"
        op.execute(f"ALTER TABLE services ADD COLUMN {name} {sort} {check}")
    op.execute("ALTER TABLE services ADD COLUMN own_hours JSON NOT NULL DEFAULT '[]'")


def downgrade() -> None:
    """Every service can be booked whenever its practitioner is open."""
    for name in ("own_hours", *(name for name, _, _ in reversed(_COLUMNS))):
        op.execute(f"ALTER TABLE services DROP COLUMN {name}")
