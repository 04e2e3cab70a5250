"""What may be done only so often is counted, for all processes together."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was done yet."""
    op.create_table(
        "quota_counts",
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rule", "digest", name=op.f("pk_quota_counts")),
    )
    op.create_index(op.f("ix_quota_counts_ends_at"), "quota_counts", ["ends_at"], unique=False)


def downgrade() -> None:
    """What was done lately is forgotten."""
    op.drop_index(op.f("ix_quota_counts_ends_at"), table_name="quota_counts")
    op.drop_table("quota_counts")
