"""Whether it is certain that a gateway heard nothing of a payment or a refund, so that it may be asked for the first time again."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what there is nothing is certain."""
    for table in ("attempts", "refunds"):
        op.add_column(table, sa.Column("unsent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("attempts", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """What was certain is unknown again, which is waited out."""
    op.drop_column("attempts", "sent_at")
    for table in ("refunds", "attempts"):
        op.drop_column(table, "unsent")
