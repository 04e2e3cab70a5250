"""The house: its name, look and contact, its own texts, and the link by which the first of its staff comes in."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is said of the house yet."""
    op.create_table(
        "houses",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("tagline", sa.String(length=160), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("logo", sa.String(length=32), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column(
            "joining",
            sa.Enum("staff", "invitation", "open", name="joining", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_houses_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_houses")),
    )
    op.create_table(
        "house_logos",
        sa.Column("house_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column("printed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["house_id"], ["houses.id"], name=op.f("fk_house_logos_house_id")),
        sa.PrimaryKeyConstraint("house_id", name=op.f("pk_house_logos")),
    )
    op.create_table(
        "house_pages",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_house_pages")),
    )
    op.create_table(
        "setup_links",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_setup_links_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_links")),
    )


def downgrade() -> None:
    """The house is as Kikao comes, and what was said of it is gone."""
    for table in ("setup_links", "house_pages", "house_logos", "houses"):
        op.drop_table(table)
