"""A practitioner may rate the client of a session too; what they say is never public."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every rating that is there was given by a client."""
    # In SQL, because SQLite takes a constraint with the column it comes with, and not afterwards.
    op.execute(
        "ALTER TABLE ratings ADD COLUMN of_client BOOLEAN DEFAULT false NOT NULL "
        "CONSTRAINT ck_ratings_private CHECK (NOT (of_client AND public))"
    )


def downgrade() -> None:
    """What practitioners said about clients is gone: no earlier version knows whom it is about."""
    op.execute("DELETE FROM ratings WHERE of_client")
    op.drop_column("ratings", "of_client")
