"""Practitioners say what they are trained and registered as, and which service is a first consultation."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said it yet."""
    op.add_column("practitioners", sa.Column("credentials", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("services", sa.Column("introductory", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """It is forgotten."""
    op.drop_column("services", "introductory")
    op.drop_column("practitioners", "credentials")
