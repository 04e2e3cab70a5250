"""Gateways' receipts that somebody shows for a payment, and how many payments were nobody's here."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0041"
branch_labels = None
depends_on = None

_LANDED = sa.text("status = 'landed'")


def upgrade() -> None:
    """Nothing was shown before."""
    op.create_table(
        "receipt_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                *("open", "landed", "refused", "review"),
                name="receiptcheckstatus",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("conversations", sa.JSON(), nullable=False),
        sa.Column("early", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_receipt_checks_attempt_id"),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"], name="fk_receipt_checks_checkout_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receipt_checks"),
        sa.UniqueConstraint("checkout_id", "receipt", name="uq_receipt_checks_checkout_id_receipt"),
    )
    op.create_index("ix_receipt_checks_attempt_id", "receipt_checks", ["attempt_id"])
    op.create_index("ix_receipt_checks_gateway_receipt", "receipt_checks", ["gateway", "receipt"])
    op.create_index("ix_receipt_checks_next_try_at", "receipt_checks", ["next_try_at"])
    op.create_index(
        "uq_receipt_checks_landed",
        "receipt_checks",
        ["gateway", "receipt"],
        unique=True,
        sqlite_where=_LANDED,
        postgresql_where=_LANDED,
    )
    op.create_table(
        "foreign_payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_payments"),
        sa.UniqueConstraint("gateway", "day", name="uq_foreign_payments_gateway_day"),
    )


def downgrade() -> None:
    """What was landed stays in the books; only who showed which receipt is gone."""
    op.drop_table("foreign_payments")
    op.drop_table("receipt_checks")
