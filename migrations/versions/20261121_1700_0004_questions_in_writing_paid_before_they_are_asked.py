"""Questions in writing, paid before they are asked."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

# Added and dropped one by one, never by copying a table: others refer to it, and SQLite would delete their rows first.
_COLUMNS = (
    ("question_amount", "BIGINT CONSTRAINT ck_practitioners_question_amount CHECK (question_amount > 0)"),
    (
        "question_currency",
        "VARCHAR(3) CONSTRAINT ck_practitioners_question_price"
        " CHECK ((question_amount IS NULL) = (question_currency IS NULL))",
    ),
)


def upgrade() -> None:
    """Practitioners may name a price for an answer in writing, and what was asked has its place; nobody offers it yet."""
    for column, kind in _COLUMNS:
        op.execute(f"ALTER TABLE practitioners ADD COLUMN {column} {kind}")
    op.create_table('consultations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('fee_amount', sa.BigInteger(), nullable=False),
    sa.Column('price_amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum('open', 'answered', name='consultationstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('price_amount > 0', name=op.f('ck_consultations_price')),
    sa.CheckConstraint('fee_amount >= 0 AND fee_amount <= price_amount', name=op.f('ck_consultations_fee')),
    sa.CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name=op.f('ck_consultations_answered')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_consultations_checkout_id')),
    sa.ForeignKeyConstraint(['client_id'], ['users.id'], name=op.f('fk_consultations_client_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_consultations_practitioner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultations')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_consultations_checkout_id'))
    )
    with op.batch_alter_table('consultations', schema=None) as batch_op:
        batch_op.create_index('ix_consultations_client_id_asked_at', ['client_id', 'asked_at'], unique=False)
        batch_op.create_index('ix_consultations_practitioner_id_asked_at', ['practitioner_id', 'asked_at'], unique=False)


def downgrade() -> None:
    """Nothing is asked in writing any more; the money that was paid for it stays in the books."""
    op.drop_table('consultations')
    for column, _ in reversed(_COLUMNS):
        op.execute(f"ALTER TABLE practitioners DROP COLUMN {column}")
