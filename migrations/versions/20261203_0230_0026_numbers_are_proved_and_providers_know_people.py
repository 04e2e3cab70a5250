"""A number counts as somebody's once a code sent to it was typed, and people may log in by another provider."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_BEFORE = ("sign_up", "log_in", "new_password", "new_address", "confirm", "invitation")
_NOW = (*_BEFORE, "phone")


def upgrade() -> None:
    """No number is proved yet: whoever typed one may have typed a stranger's. Codes on their way are asked for again."""
    op.add_column("users", sa.Column("phone_proved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    _codes_for(*_NOW)


def downgrade() -> None:
    """Any number is good for SMS again, and who has no password logs in with a code by mail."""
    _codes_for(*_BEFORE)
    op.drop_table("identities")
    op.drop_column("users", "phone_proved_at")


def _codes_for(*purposes: str) -> None:
    """The table anew: its rows live a quarter of an hour, and SQLite changes no constraint of a table that is there."""
    op.drop_table("mailed_codes")
    words = sa.Enum(*purposes, name="codepurpose", native_enum=False, create_constraint=True, length=24)
    op.create_table(
        "mailed_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", words, nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("sign_up_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_mailed_codes_user_id"),
        sa.ForeignKeyConstraint(["sign_up_id"], ["sign_ups.id"], name="fk_mailed_codes_sign_up_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mailed_codes"),
    )
    op.create_index("ix_mailed_codes_user_id", "mailed_codes", ["user_id"])
    op.create_index("ix_mailed_codes_sign_up_id", "mailed_codes", ["sign_up_id"])
    op.create_index("ix_mailed_codes_mailed_at_expires_at", "mailed_codes", ["mailed_at", "expires_at"])
