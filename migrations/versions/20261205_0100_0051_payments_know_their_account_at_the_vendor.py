"""A payment knows under which of our accounts at its vendor it was asked for: an M-Pesa shortcode may change."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of those there are it is not known."""
    op.add_column("attempts", sa.Column("account", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Statements are compared with the payments of every account again."""
    op.drop_column("attempts", "account")
