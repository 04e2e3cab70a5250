"""A practitioner's photo, in two sizes, and its name where pages find it without reading it."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has a photo yet."""
    op.add_column("practitioners", sa.Column("photo", sa.String(length=32), nullable=True))
    op.create_index("uq_practitioners_photo", "practitioners", ["photo"], unique=True)
    op.create_table(
        "practitioner_photos",
        sa.Column("practitioner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("large", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name="fk_practitioner_photos_practitioner_id"),
        sa.PrimaryKeyConstraint("practitioner_id", name="pk_practitioner_photos"),
    )


def downgrade() -> None:
    """Photos are gone, and initials stand in their place."""
    op.drop_table("practitioner_photos")
    op.drop_index("uq_practitioners_photo", "practitioners")
    op.drop_column("practitioners", "photo")
