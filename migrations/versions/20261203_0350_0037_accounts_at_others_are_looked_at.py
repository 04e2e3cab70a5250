"""Keys, webhooks and certificates are looked at each day, and it is known when a callback was last refused."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was looked at yet."""
    op.create_table(
        "checkups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("troubles", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkups")),
    )
    op.add_column("rejected_callbacks", sa.Column("last_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """What the looks found is gone; the next one after an upgrade finds it again."""
    op.drop_column("rejected_callbacks", "last_at")
    op.drop_table("checkups")
