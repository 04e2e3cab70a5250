"""What banks are answered, what practitioners add to it, and where each copy of a message went."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_PHASES = ("enquiry", "chargeback", "pre_arbitration", "arbitration")


def upgrade() -> None:
    """Nothing is known of answers from before, nor where earlier copies went."""
    phases = sa.Enum(*_PHASES, native_enum=False, create_constraint=True, length=24, name="disputephase")
    op.create_table(
        "dispute_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("phase", phases, nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_answers_dispute_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["users.id"], name=op.f("fk_dispute_answers_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_answers")),
    )
    op.create_index("ix_dispute_answers_dispute_id", "dispute_answers", ["dispute_id"])
    op.create_table(
        "dispute_additions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(message_id IS NULL) = (text <> '')", name=op.f("ck_dispute_additions_one")),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_additions_dispute_id")),
        sa.ForeignKeyConstraint(["message_id"], ["consultation_messages.id"], name=op.f("fk_dispute_additions_message_id")),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_dispute_additions_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_additions")),
        sa.UniqueConstraint("dispute_id", "message_id", name=op.f("uq_dispute_additions_dispute_id_message_id")),
    )
    op.create_index("ix_dispute_additions_dispute_id", "dispute_additions", ["dispute_id"])
    op.add_column("deliveries", sa.Column("sent_to", sa.String(80), server_default="", nullable=False))


def downgrade() -> None:
    """What was answered and added, and where messages went, is not known any more; the trail keeps when."""
    op.drop_column("deliveries", "sent_to")
    op.drop_table("dispute_additions")
    op.drop_table("dispute_answers")
