"""What a booking was agreed at, its length and for whom stay with it, whatever it is moved to and its service becomes."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_KINDS = "'individual', 'couples', 'family', 'group'"
# Added and dropped one by one, never by copying the table: others refer to it, and SQLite would delete their rows first.
_COLUMNS = (
    ("agreed_amount", "BIGINT DEFAULT 0 NOT NULL"),
    ("agreed_minutes", "INTEGER DEFAULT 0 NOT NULL"),
    ("kind", f"VARCHAR(24) DEFAULT 'group' NOT NULL CONSTRAINT ck_bookings_servicekind CHECK (kind IN ({_KINDS}))"),
)
_MINUTES = {
    "sqlite": "CAST((strftime('%s', ends_at) - strftime('%s', starts_at)) / 60 AS INTEGER)",
    "postgresql": "CAST(EXTRACT(EPOCH FROM (ends_at - starts_at)) / 60 AS INTEGER)",
}


def upgrade() -> None:
    """What is there was agreed as it is now: what it was before it was moved stands nowhere."""
    for column, kind in _COLUMNS:
        op.execute(f"ALTER TABLE bookings ADD COLUMN {column} {kind}")
    minutes = _MINUTES[op.get_bind().dialect.name]
    op.execute(
        f"UPDATE bookings SET agreed_amount = price_amount, agreed_minutes = {minutes},"
        " kind = (SELECT services.kind FROM services WHERE services.id = bookings.service_id)"
    )


def downgrade() -> None:
    """Moves start from the present price again, and who may come from the service."""
    for column, _ in reversed(_COLUMNS):
        op.drop_column("bookings", column)
