"""Who was stopped by a quota is noted; practitioners block people, and may be stricter with who comes for the first time."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody was stopped yet, nobody is blocked, and who comes for the first time is like everybody."""
    _create_stops()
    _create_blocks()
    # Added by itself, never by copying the table: others refer to it, and SQLite would delete their rows first.
    op.execute(
        "ALTER TABLE services ADD COLUMN first_time VARCHAR(24) DEFAULT 'alike' NOT NULL"
        " CONSTRAINT ck_services_firsttime CHECK (first_time IN ('alike', 'approve', 'pay_first', 'one'))"
    )


def downgrade() -> None:
    """Who was stopped and who was blocked is forgotten."""
    op.drop_column("services", "first_time")
    for table in ("blocks", "quota_stops"):
        op.drop_table(table)


def _create_stops() -> None:
    op.create_table(
        "quota_stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_quota_stops_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_stops")),
        sa.UniqueConstraint("day", "rule", "who", name=op.f("uq_quota_stops_day_rule_who")),
    )
    op.create_index(op.f("ix_quota_stops_user_id"), "quota_stops", ["user_id"], unique=False)
    op.create_index(op.f("ix_quota_stops_last_at"), "quota_stops", ["last_at"], unique=False)


def _create_blocks() -> None:
    op.create_table(
        "blocks",
        sa.Column("practitioner_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_blocks_client_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name=op.f("fk_blocks_practitioner_id")),
        sa.PrimaryKeyConstraint("practitioner_id", "client_id", name=op.f("pk_blocks")),
    )
    op.create_index(op.f("ix_blocks_client_id"), "blocks", ["client_id"], unique=False)
