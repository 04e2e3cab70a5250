"""Gifts and packages: credit given away as a code, sessions paid for at once; their money waits in the books."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = "0012"
branch_labels = None
depends_on = None

# table, constraint, column, words before, words after
_WORDS = (
    (
        "ledger_entries",
        "ck_ledger_entries_account",
        "account",
        ('by_hand', 'gateway', 'payouts', 'platform', 'practitioner', 'received', 'refunds', 'wallet', 'write_off'),
        (
            'by_hand',
            'gateway',
            'gift',
            'package',
            'payouts',
            'platform',
            'practitioner',
            'received',
            'refunds',
            'wallet',
            'write_off',
        ),
    ),
    (
        "refunds",
        "ck_refunds_refundmeans",
        "means",
        ('gateway', 'wallet', 'by_hand'),
        ('gateway', 'wallet', 'by_hand', 'package'),
    ),
)


def upgrade() -> None:
    """Nobody has bought anything yet; the books know two more places, and refunds one more way."""
    for table, name, column, before, after in _WORDS:
        _reword(table, name, column, before, after)
    _create_gifts()
    _create_packages()


def downgrade() -> None:
    """Gifts and packages are gone; refuses while the books hold money of them, which nothing may take out."""
    op.drop_index('uq_package_uses_nth', table_name='package_uses')
    op.drop_table('package_uses')
    for index in ('ix_packages_status_expires_at', 'ix_packages_practitioner_id', 'ix_packages_client_id_bought_at'):
        op.drop_index(index, table_name='packages')
    op.drop_table('packages')
    op.drop_index('ix_package_offers_service_id', table_name='package_offers')
    op.drop_table('package_offers')
    for index in ('ix_gifts_redeemed_by', 'ix_gifts_buyer_id_bought_at'):
        op.drop_index(index, table_name='gifts')
    op.drop_table('gifts')
    for table, name, column, before, after in _WORDS:
        _refuse(table, column, set(after) - set(before))
        _reword(table, name, column, after, before)


def _refuse(table: str, column: str, gone: set[str]) -> None:
    words = _listed(tuple(sorted(gone)))
    if op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {table} WHERE {column} IN ({words})")):
        raise RuntimeError(f"{table}.{column} holds {words}: the books cannot be rewritten")


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _reword(table: str, name: str, column: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """The column takes these words from now on.

    SQLite cannot change a constraint, and a table that refuses to be emptied cannot be made anew; as its documentation says
    ("Making Other Kinds Of Table Schema Changes"), a check that touches no row may be rewritten where it is kept.
    """
    old, new = (f"CHECK ({column} IN ({_listed(words)}))" for words in (before, after))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {new}")
        return
    op.execute("PRAGMA writable_schema = ON")
    done = op.get_bind().execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = :t"
                " AND instr(sql, :old) > 0"),
        {"old": f"CONSTRAINT {name} {old}", "new": f"CONSTRAINT {name} {new}", "t": table},
    )
    op.execute("PRAGMA writable_schema = RESET")
    if done.rowcount != 1:
        raise RuntimeError(f"{name} is not what it was made as")


def _create_gifts() -> None:
    op.create_table('gifts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('buyer_id', sa.Integer(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('status', sa.Enum('open', 'redeemed', 'cancelled', name='giftstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('redeemed_by', sa.Integer(), nullable=True),
    sa.Column('bought_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_gifts_amount')),
    sa.CheckConstraint("(status = 'redeemed') = (redeemed_by IS NOT NULL)", name=op.f('ck_gifts_redeemed')),
    sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name=op.f('ck_gifts_ended')),
    sa.ForeignKeyConstraint(['buyer_id'], ['users.id'], name=op.f('fk_gifts_buyer_id')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_gifts_checkout_id')),
    sa.ForeignKeyConstraint(['redeemed_by'], ['users.id'], name=op.f('fk_gifts_redeemed_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gifts')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_gifts_checkout_id')),
    sa.UniqueConstraint('digest', name=op.f('uq_gifts_digest'))
    )
    op.create_index('ix_gifts_buyer_id_bought_at', 'gifts', ['buyer_id', 'bought_at'])
    op.create_index('ix_gifts_redeemed_by', 'gifts', ['redeemed_by'])


def _create_packages() -> None:
    op.create_table('package_offers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('sessions', sa.Integer(), nullable=False),
    sa.Column('price_amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('valid_days', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('sessions BETWEEN 2 AND 100', name=op.f('ck_package_offers_sessions')),
    sa.CheckConstraint('price_amount >= sessions', name=op.f('ck_package_offers_price')),
    sa.CheckConstraint('valid_days BETWEEN 1 AND 1095', name=op.f('ck_package_offers_valid_days')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_package_offers_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_package_offers'))
    )
    op.create_index('ix_package_offers_service_id', 'package_offers', ['service_id'])
    op.create_table('packages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('sessions', sa.Integer(), nullable=False),
    sa.Column('price_amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum('active', 'expired', 'ended', name='packagestatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('bought_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('sessions BETWEEN 2 AND 100', name=op.f('ck_packages_sessions')),
    sa.CheckConstraint('price_amount >= sessions', name=op.f('ck_packages_price')),
    sa.CheckConstraint("(status = 'active') = (ended_at IS NULL)", name=op.f('ck_packages_ended')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_packages_checkout_id')),
    sa.ForeignKeyConstraint(['client_id'], ['users.id'], name=op.f('fk_packages_client_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_packages_practitioner_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_packages_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_packages')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_packages_checkout_id'))
    )
    op.create_index('ix_packages_client_id_bought_at', 'packages', ['client_id', 'bought_at'])
    op.create_index('ix_packages_practitioner_id', 'packages', ['practitioner_id'])
    op.create_index('ix_packages_status_expires_at', 'packages', ['status', 'expires_at'])
    op.create_table('package_uses',
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('package_id', sa.Uuid(), nullable=False),
    sa.Column('nth', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('returned_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('nth BETWEEN 1 AND 100', name=op.f('ck_package_uses_nth')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_package_uses_amount')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_package_uses_attempt_id')),
    sa.ForeignKeyConstraint(['package_id'], ['packages.id'], name=op.f('fk_package_uses_package_id')),
    sa.PrimaryKeyConstraint('attempt_id', name=op.f('pk_package_uses'))
    )
    op.create_index(
        'uq_package_uses_nth',
        'package_uses',
        ['package_id', 'nth'],
        unique=True,
        sqlite_where=sa.text('returned_at IS NULL'),
        postgresql_where=sa.text('returned_at IS NULL'),
    )
