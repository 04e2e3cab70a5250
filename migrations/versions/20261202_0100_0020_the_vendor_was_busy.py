"""Whether a gateway was too busy to say what became of a payment, so that other ways are open at once."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what there is none is known to be."""
    op.add_column("attempts", sa.Column("busy", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """What was likely is unknown again, which is waited out."""
    op.drop_column("attempts", "busy")
