"""News that waits says how far it shows itself to be ours, staff may dismiss it, and what is others' is only counted."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0033"
branch_labels = None
depends_on = None

# What was unmatched until now was kept whole. What came to an address that we signed is ours; of the rest nothing may stay but
# what it would be recognised by.
_STRANGERS = "state = 'unmatched' AND attempt_id IS NULL AND gateway <> 'mpesa'"


def upgrade() -> None:
    """What waits says by its reference whether it may be ours; bodies of what may be strangers' are emptied."""
    # In SQL, because SQLite takes a constraint with the column it comes with, and not afterwards.
    op.execute(
        "ALTER TABLE inbox ADD COLUMN owner VARCHAR(24) DEFAULT 'ours' NOT NULL "
        "CONSTRAINT ck_inbox_newsowner CHECK (owner IN ('ours', 'likely', 'unknown'))"
    )
    op.add_column("inbox", sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(f"UPDATE inbox SET body = '', owner = 'likely' WHERE {_STRANGERS}")
    op.execute(
        f"UPDATE inbox SET reference = NULL, owner = 'unknown' WHERE {_STRANGERS} AND coalesce(length(reference), 0) <> 12"
    )
    op.create_index("ix_refunds_charge_ref", "refunds", ["charge_ref"])
    op.create_table(
        "foreign_callbacks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_callbacks")),
        sa.UniqueConstraint("gateway", "day", name=op.f("uq_foreign_callbacks_gateway_day")),
    )


def downgrade() -> None:
    """What was dismissed waits again; how many of others' events came is forgotten."""
    op.drop_table("foreign_callbacks")
    op.drop_index("ix_refunds_charge_ref", table_name="refunds")
    op.drop_column("inbox", "dismissed_at")
    op.drop_column("inbox", "owner")
