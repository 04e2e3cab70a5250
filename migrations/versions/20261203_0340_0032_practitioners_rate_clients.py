"""A practitioner may rate the client of a session too; what they say is never public."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every rating that is there was given by a client."""
    with op.batch_alter_table("ratings") as ratings:
        ratings.add_column(sa.Column("of_client", sa.Boolean(), server_default=sa.false(), nullable=False))
        ratings.create_check_constraint(op.f("ck_ratings_private"), "NOT (of_client AND public)")


def downgrade() -> None:
    """What practitioners said about clients is gone: no earlier version knows whom it is about."""
    op.execute("DELETE FROM ratings WHERE of_client")
    with op.batch_alter_table("ratings") as ratings:
        ratings.drop_constraint(op.f("ck_ratings_private"), type_="check")
        ratings.drop_column("of_client")
