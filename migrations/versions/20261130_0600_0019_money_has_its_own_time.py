"""When a vendor took the money, and until when a payer's bank may take to settle, stand with the attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what there is neither was told."""
    op.add_column("attempts", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempts", sa.Column("settles_by", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Money counts from when it was heard of, and nothing is waited for longer than three days."""
    op.drop_column("attempts", "settles_by")
    op.drop_column("attempts", "taken_at")
