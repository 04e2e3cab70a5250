"""Receipts and credit notes in gapless series that cannot be rewritten, and the tax that prices include."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = "0011"
branch_labels = None
depends_on = None

_EVENTS = ("UPDATE", "DELETE")


def upgrade() -> None:
    """Receipts can be given and are never changed; those for payments of earlier days come with the next sweep."""
    op.create_table('receipt_series',
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_receipt_series'))
    )
    op.create_table('practice_taxes',
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('rate', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.CheckConstraint("rate = 0 OR name <> ''", name=op.f('ck_practice_taxes_name')),
    sa.CheckConstraint('rate BETWEEN 0 AND 5000', name=op.f('ck_practice_taxes_rate')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_practice_taxes_practitioner_id')),
    sa.PrimaryKeyConstraint('practitioner_id', name=op.f('pk_practice_taxes'))
    )
    op.create_table('receipts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('receipt', 'credit_note', name='receiptkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('series', sa.String(length=16), nullable=False),
    sa.Column('nth', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('refund_id', sa.Uuid(), nullable=True),
    sa.Column('corrects_id', sa.Uuid(), nullable=True),
    sa.Column('booking_id', sa.Uuid(), nullable=True),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=True),
    sa.Column('client_name', sa.String(length=120), nullable=False),
    sa.Column('issuer_name', sa.String(length=120), nullable=False),
    sa.Column('about', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=False),
    sa.Column('charge_ref', sa.String(length=120), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=30), nullable=False),
    sa.Column('tax_name', sa.String(length=40), nullable=False),
    sa.Column('tax_rate', sa.Integer(), nullable=False),
    sa.Column('tax_number', sa.String(length=40), nullable=False),
    sa.Column('tax_amount', sa.BigInteger(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'credit_note') = (refund_id IS NOT NULL) AND (kind = 'credit_note') = (corrects_id IS NOT NULL)", name=op.f('ck_receipts_corrects')),
    sa.CheckConstraint('amount > 0 AND nth > 0', name=op.f('ck_receipts_amount')),
    sa.CheckConstraint('tax_amount >= 0 AND tax_amount <= amount', name=op.f('ck_receipts_tax')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_receipts_attempt_id')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_receipts_booking_id')),
    sa.ForeignKeyConstraint(['client_id'], ['users.id'], name=op.f('fk_receipts_client_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['receipts.id'], name=op.f('fk_receipts_corrects_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_receipts_practitioner_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_receipts_refund_id')),
    sa.ForeignKeyConstraint(['series'], ['receipt_series.code'], name=op.f('fk_receipts_series')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipts')),
    sa.UniqueConstraint('number', name=op.f('uq_receipts_number')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_receipts_refund_id')),
    sa.UniqueConstraint('series', 'nth', name=op.f('uq_receipts_series_nth'))
    )
    op.create_index('ix_receipts_attempt_id', 'receipts', ['attempt_id'], unique=False)
    op.create_index(op.f('ix_receipts_booking_id'), 'receipts', ['booking_id'], unique=False)
    op.create_index('ix_receipts_client_id_issued_at', 'receipts', ['client_id', 'issued_at'], unique=False)
    op.create_index('ix_receipts_practitioner_id_issued_at', 'receipts', ['practitioner_id', 'issued_at'], unique=False)
    op.create_index('uq_receipts_attempt', 'receipts', ['attempt_id'], unique=True, sqlite_where=sa.text("kind = 'receipt'"), postgresql_where=sa.text("kind = 'receipt'"))
    for statement in _guards():
        op.execute(statement)


def downgrade() -> None:
    """The receipts are gone, and their numbers with them."""
    if _is_postgres():
        op.execute("DROP TRIGGER receipts_append_only ON receipts")
    op.drop_table('receipts')
    op.drop_table('practice_taxes')
    op.drop_table('receipt_series')


def _guards() -> list[str]:
    if _is_postgres():  # the function is the ledger's (0003)
        return [
            "CREATE TRIGGER receipts_append_only BEFORE UPDATE OR DELETE ON receipts"
            " FOR EACH ROW EXECUTE FUNCTION append_only()"
        ]
    return [
        f"CREATE TRIGGER receipts_append_only_{event.lower()} BEFORE {event} ON receipts FOR EACH ROW"
        " BEGIN SELECT RAISE(ABORT, 'append_only: receipts'); END"
        for event in _EVENTS
    ]


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
