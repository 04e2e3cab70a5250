"""Logins are rows that can be ended, an account to be has no rights until its address is proved, and codes go out by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tokens of programs go on living, under the account's version; browsers log in once more."""
    op.create_table(
        "logins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("loginkind", "browser", "program"), nullable=False),
        sa.Column("scope", _words("scope", "all", "read"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_logins_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_logins"),
        sa.UniqueConstraint("digest", name="uq_logins_digest"),
    )
    op.create_index("ix_logins_user_id", "logins", ["user_id"])
    op.create_index("ix_logins_expires_at", "logins", ["expires_at"])
    op.execute(
        "INSERT INTO logins (user_id, kind, scope, digest, version, name, created_at, used_at, proved_at, expires_at)"
        " SELECT t.user_id, 'program', 'all', t.digest, u.session_version, '', t.created_at, t.created_at, t.created_at,"
        " t.expires_at FROM access_tokens t JOIN users u ON u.id = t.user_id ORDER BY t.id"
    )
    op.add_column("users", sa.Column("seen_on", sa.Date(), nullable=True))
    seen = "SELECT DATE(MAX(l.created_at)) FROM logins l WHERE l.user_id = users.id"
    op.execute(f"UPDATE users SET seen_on = ({seen})")
    op.drop_index("ix_access_tokens_user_id", table_name="access_tokens")
    op.drop_table("access_tokens")
    _add_sign_ups()
    _forget_reset_links()


def _add_sign_ups() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ups"),
        sa.UniqueConstraint("digest", name="uq_sign_ups_digest"),
    )
    op.create_index("ix_sign_ups_email", "sign_ups", ["email"])
    op.create_index("ix_sign_ups_expires_at", "sign_ups", ["expires_at"])
    op.create_table(
        "mailed_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", _words("codepurpose", "sign_up", "log_in", "new_password", "new_address", "confirm"), nullable=False),
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


def _forget_reset_links() -> None:
    """The messages that carried live links to choose a new password: such links are not stored any more (SEC-14)."""
    old = "SELECT id FROM notifications WHERE kind = 'password_reset'"
    op.execute(f"DELETE FROM deliveries WHERE notification_id IN ({old})")
    op.execute("DELETE FROM notifications WHERE kind = 'password_reset'")


def downgrade() -> None:
    """Tokens are what they were, but for the ended ones; accounts to be are given up, and browsers log in once more."""
    op.drop_table("mailed_codes")
    op.drop_table("sign_ups")
    op.create_table(
        "access_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_access_tokens_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_tokens"),
        sa.UniqueConstraint("digest", name="uq_access_tokens_digest"),
    )
    op.create_index("ix_access_tokens_user_id", "access_tokens", ["user_id"])
    op.execute(
        "INSERT INTO access_tokens (user_id, digest, created_at, expires_at)"
        " SELECT l.user_id, l.digest, l.created_at, l.expires_at FROM logins l JOIN users u ON u.id = l.user_id"
        " WHERE l.kind = 'program' AND l.scope = 'all' AND l.version = u.session_version ORDER BY l.id"
    )
    op.drop_table("logins")
    op.drop_column("users", "seen_on")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)
