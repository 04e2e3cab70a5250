"""Staff invite people, who then have an account with a role."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_BEFORE = ("sign_up", "log_in", "new_password", "new_address", "confirm")
_NOW = (*_BEFORE, "invitation")


def upgrade() -> None:
    """Nobody is invited yet. Codes on their way are asked for again."""
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", _words("role", "client", "practitioner", "staff"), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name="fk_invitations_invited_by"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("email", name="uq_invitations_email"),
        sa.UniqueConstraint("code_id", name="uq_invitations_code_id"),
    )
    op.create_index("ix_invitations_invited_by", "invitations", ["invited_by"])
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])
    _codes_for(*_NOW)


def downgrade() -> None:
    """Whoever was invited and has not answered is not any more."""
    _codes_for(*_BEFORE)
    op.drop_table("invitations")


def _codes_for(*purposes: str) -> None:
    """The table anew: its rows live for minutes, and SQLite changes no constraint of a table that is there."""
    op.drop_table("mailed_codes")
    op.create_table(
        "mailed_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", _words("codepurpose", *purposes), nullable=False),
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


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)
