"""A ledger that cannot be rewritten, credit and its payouts, proofs, disputes, audits; refunds by several means."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_APPEND_ONLY = ("ledger_transactions", "ledger_entries", "changes")

_POSTGRES_UP = (
    """
    CREATE FUNCTION append_only() RETURNS trigger AS $$
    BEGIN
        RAISE EXCEPTION 'append_only: %', TG_TABLE_NAME USING ERRCODE = 'check_violation';
    END $$ LANGUAGE plpgsql
    """,
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
        for table in _APPEND_ONLY
    ),
    """
    CREATE FUNCTION wallet_not_below_zero() RETURNS trigger AS $$
    BEGIN
        IF (SELECT coalesce(sum(amount), 0) FROM ledger_entries
             WHERE account = 'wallet' AND owner = NEW.owner AND currency = NEW.currency) < 0 THEN
            RAISE EXCEPTION 'wallet_not_below_zero' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER wallet_not_below_zero AFTER INSERT ON ledger_entries
    FOR EACH ROW WHEN (NEW.account = 'wallet' AND NEW.amount < 0) EXECUTE FUNCTION wallet_not_below_zero()
    """,
)
_POSTGRES_DOWN = (
    "DROP TRIGGER wallet_not_below_zero ON ledger_entries",
    "DROP FUNCTION wallet_not_below_zero()",
    *(f"DROP TRIGGER {table}_append_only ON {table}" for table in _APPEND_ONLY),
    "DROP FUNCTION append_only()",
)
_SQLITE_UP = (
    *(
        f"CREATE TRIGGER {table}_append_only_{event.lower()} BEFORE {event} ON {table} FOR EACH ROW"
        f" BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
        for table in _APPEND_ONLY
        for event in ("UPDATE", "DELETE")
    ),
    """
    CREATE TRIGGER wallet_not_below_zero AFTER INSERT ON ledger_entries FOR EACH ROW
    WHEN NEW.account = 'wallet' AND NEW.amount < 0
    BEGIN
        SELECT RAISE(ABORT, 'wallet_not_below_zero') WHERE (
            SELECT coalesce(sum(amount), 0) FROM ledger_entries
             WHERE account = 'wallet' AND owner = NEW.owner AND currency = NEW.currency) < 0;
    END
    """,
)
_SQLITE_DOWN = (
    "DROP TRIGGER wallet_not_below_zero",
    *(f"DROP TRIGGER {table}_append_only_{event}" for table in _APPEND_ONLY for event in ("update", "delete")),
)


def upgrade() -> None:
    """The books exist, hold what was taken and given back so far, and refuse to be rewritten."""
    _create_tables()
    _add_columns()
    _open_books()
    for statement in _POSTGRES_UP if _is_postgres() else _SQLITE_UP:
        op.execute(statement)


def downgrade() -> None:
    """The books are gone; bookings, payments and refunds are as they were."""
    for statement in _POSTGRES_DOWN if _is_postgres() else _SQLITE_DOWN:
        op.execute(statement)
    _drop_columns()
    op.drop_table('ledger_entries')
    op.drop_table('proofs')
    op.drop_table('ledger_transactions')
    op.drop_table('disputes')
    op.drop_table('payouts')
    op.drop_table('audits')


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _create_tables() -> None:
    op.create_table('audits',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checks', sa.Integer(), nullable=False),
    sa.Column('breaches', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audits'))
    )
    op.create_table('payouts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('destination', sa.String(length=200), nullable=False),
    sa.Column('status', sa.Enum('asked', 'done', 'refused', name='payoutstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('evidence', sa.String(length=500), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payouts_amount')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_payouts_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payouts'))
    )
    with op.batch_alter_table('payouts', schema=None) as batch_op:
        batch_op.create_index('ix_payouts_status_asked_at', ['status', 'asked_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_payouts_user_id'), ['user_id'], unique=False)

    op.create_table('disputes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('charge_ref', sa.String(length=120), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum('open', 'won', 'lost', name='disputestatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('stage', sa.String(length=40), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_disputes_attempt_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disputes')),
    sa.UniqueConstraint('attempt_id', 'charge_ref', name=op.f('uq_disputes_attempt_id_charge_ref'))
    )
    op.create_table('ledger_transactions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('booking_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_ledger_transactions_attempt_id')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_ledger_transactions_booking_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_transactions')),
    sa.UniqueConstraint('key', name=op.f('uq_ledger_transactions_key'))
    )
    with op.batch_alter_table('ledger_transactions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ledger_transactions_attempt_id'), ['attempt_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_transactions_booking_id'), ['booking_id'], unique=False)

    op.create_table('proofs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('status', sa.Enum('waiting', 'accepted', 'rejected', name='proofstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.CheckConstraint('size > 0', name=op.f('ck_proofs_size')),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_proofs_attempt_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['users.id'], name=op.f('fk_proofs_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proofs'))
    )
    with op.batch_alter_table('proofs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proofs_attempt_id'), ['attempt_id'], unique=False)
        batch_op.create_index('uq_proofs_waiting', ['attempt_id'], unique=True, sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))

    op.create_table('ledger_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('transaction_id', sa.Integer(), nullable=False),
    sa.Column('account', sa.String(length=20), nullable=False),
    sa.Column('owner', sa.String(length=40), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.CheckConstraint("account IN ('by_hand', 'gateway', 'payouts', 'platform', 'practitioner', 'received', 'refunds', 'wallet', 'write_off')", name=op.f('ck_ledger_entries_account')),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_ledger_entries_amount')),
    sa.ForeignKeyConstraint(['transaction_id'], ['ledger_transactions.id'], name=op.f('fk_ledger_entries_transaction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entries'))
    )
    with op.batch_alter_table('ledger_entries', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_entries_account_owner', ['account', 'owner'], unique=False)
        batch_op.create_index(batch_op.f('ix_ledger_entries_transaction_id'), ['transaction_id'], unique=False)


# Added and dropped one by one, never by copying a table: others refer to these, and SQLite would delete their rows first.
_COLUMNS = (
    ("attempts", "ending", "VARCHAR(10) NOT NULL DEFAULT ''"),
    ("bookings", "fee_amount", "BIGINT NOT NULL DEFAULT 0"),
    ("checkouts", "manual_capture", "BOOLEAN NOT NULL DEFAULT FALSE"),
    (
        "refunds",
        "means",
        "VARCHAR(24) NOT NULL DEFAULT 'gateway'"
        " CONSTRAINT ck_refunds_refundmeans CHECK (means IN ('gateway', 'wallet', 'by_hand'))",
    ),
    ("refunds", "renewed", "INTEGER NOT NULL DEFAULT 0"),
    ("refunds", "version", "INTEGER NOT NULL DEFAULT 1"),
    ("refunds", "offer_until", "{instant}"),
    ("reviews", "resolution", "VARCHAR(20) NOT NULL DEFAULT ''"),
    ("reviews", "evidence", "VARCHAR(500) NOT NULL DEFAULT ''"),
)


def _add_columns() -> None:
    instant = "TIMESTAMP WITH TIME ZONE" if _is_postgres() else "DATETIME"
    for table, column, kind in _COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind.format(instant=instant)}")


def _drop_columns() -> None:
    for table, column, _ in reversed(_COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


# ------------------------------------------------------------------------------------------------ what happened before

_PAID = """
    SELECT a.id, a.gateway, a.amount, a.currency, a.settled_at, a.created_at, c.status AS bill, c.booking_id, c.client_id,
           b.practitioner_id,
           EXISTS (SELECT 1 FROM reviews r WHERE r.attempt_id = a.id AND r.reason = 'amount' AND r.resolved_at IS NULL) AS doubt
      FROM attempts a JOIN checkouts c ON c.id = a.checkout_id LEFT JOIN bookings b ON b.id = c.booking_id
     WHERE a.status = 'paid' ORDER BY a.created_at, a.id
"""


def _open_books() -> None:
    """Every payment taken so far stands in the ledger where it is now; the fee of those days was nothing."""
    landed: set[str] = set()
    for paid in op.get_bind().execute(sa.text(_PAID)).mappings().all():
        here = ("received", _plain(paid["id"]))
        _post(paid, "capture", f"capture:{_plain(paid['id'])}", ("gateway", paid["gateway"]), here, paid["amount"])
        if paid["bill"] == "paid" and paid["practitioner_id"] and not paid["doubt"] and str(paid["booking_id"]) not in landed:
            landed.add(str(paid["booking_id"]))
            there = ("practitioner", str(paid["practitioner_id"]))
            _post(paid, "land", f"land:{_plain(paid['id'])}", here, there, paid["amount"])
            here = there
        _post_refunds(paid, here)


def _post_refunds(paid: sa.RowMapping, source: tuple[str, str]) -> None:
    statement = sa.text("SELECT id, amount, status, charge_ref FROM refunds WHERE attempt_id = :id ORDER BY asked_at")
    for refund in op.get_bind().execute(statement, {"id": paid["id"]}).mappings().all():
        back = ("refunds", _plain(refund["id"]))
        _post(paid, "refund_asked", f"refund_asked:{back[1]}", source, back, refund["amount"])
        if refund["status"] == "done":
            _post(paid, "refund_done", f"refund_done:{back[1]}:1", back, ("gateway", paid["gateway"]), refund["amount"])


def _plain(key: object) -> str:
    # SQLite keeps an id without its dashes, and gives it to raw SQL that way.
    text = str(key)
    return text if "-" in text else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _post(paid: sa.RowMapping, kind: str, key: str, source: tuple[str, str], target: tuple[str, str], amount: int) -> None:
    bind = op.get_bind()
    made = bind.execute(
        sa.text(
            "INSERT INTO ledger_transactions (key, kind, attempt_id, booking_id, at)"
            " VALUES (:key, :kind, :attempt, :booking, :at) RETURNING id"
        ),
        {
            "key": key,
            "kind": kind,
            "attempt": paid["id"],
            "booking": paid["booking_id"],
            "at": paid["settled_at"] or paid["created_at"],
        },
    ).scalar_one()
    for (account, owner), sign in ((source, -1), (target, 1)):
        bind.execute(
            sa.text(
                "INSERT INTO ledger_entries (transaction_id, account, owner, amount, currency)"
                " VALUES (:made, :account, :owner, :amount, :currency)"
            ),
            {"made": made, "account": account, "owner": owner, "amount": sign * amount, "currency": paid["currency"]},
        )
