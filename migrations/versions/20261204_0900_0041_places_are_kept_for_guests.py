"""What somebody without an account asks for waits with their account to be, and its places are kept meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has asked for anything yet without an account."""
    op.add_column("sign_ups", sa.Column("wish", sa.JSON(), nullable=True))
    op.create_table(
        "guest_holds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("places >= 1", name="places"),
        sa.ForeignKeyConstraint(["slot_id"], ["slots.id"], name="fk_guest_holds_slot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_guest_holds"),
        sa.UniqueConstraint("key", name="uq_guest_holds_key"),
    )
    op.create_index("ix_guest_holds_slot_id", "guest_holds", ["slot_id"])
    op.create_index("ix_guest_holds_expires_at", "guest_holds", ["expires_at"])


def downgrade() -> None:
    """Who is proving an address at this moment signs up alone, and asks for the time again."""
    op.drop_table("guest_holds")
    op.drop_column("sign_ups", "wish")
