"""Disputes are known by the vendor's id, with phase, deadline and what was taken; refunds end in three more ways."""

import json

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = "0017"
branch_labels = None
depends_on = None

_BEFORE = ('gateway', 'wallet', 'by_hand', 'package')
_AFTER = (*_BEFORE, 'bank', 'before', 'not_owed')
_OLD = ("id", "attempt_id", "charge_ref", "amount", "currency", "status", "stage", "opened_at", "closed_at")
# Where each vendor's news has the dispute.
_DISPUTE_AT = {"stripe": ("data", "object"), "razorpay": ("payload", "dispute", "entity")}


def upgrade() -> None:
    """Each dispute has the id and phase that its news told, where that is still kept; a lost one took what was challenged."""
    rows = _taken_out(_OLD)
    op.create_table("disputes", *_columns(), *_new_columns(), *_keys("vendor_ref"))
    _put_back([row | _more(row) for row in rows])
    _reword(_BEFORE, _AFTER)
    op.add_column("refunds", sa.Column("failure_code", sa.String(length=24), server_default="", nullable=False))
    op.add_column("refunds", sa.Column("lost_before", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table('refund_waivers',
    sa.Column('refund_id', sa.Uuid(), nullable=False),
    sa.Column('means', sa.String(length=24), nullable=False),
    sa.Column('evidence', sa.String(length=500), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['refund_id'], ['refunds.id'], name=op.f('fk_refund_waivers_refund_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['users.id'], name=op.f('fk_refund_waivers_staff_id')),
    sa.PrimaryKeyConstraint('refund_id', name=op.f('pk_refund_waivers'))
    )
    op.create_index(op.f('ix_refund_waivers_staff_id'), 'refund_waivers', ['staff_id'], unique=False)


def downgrade() -> None:
    """A charge has one dispute again; refuses while there are several of one, or refunds that ended in the new ways."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM refunds WHERE means IN ('bank', 'before', 'not_owed')")):
        raise RuntimeError("refunds.means holds bank, before or not_owed: the books cannot be rewritten")
    op.drop_index(op.f('ix_refund_waivers_staff_id'), table_name='refund_waivers')
    op.drop_table('refund_waivers')
    op.drop_column("refunds", "failure_code")
    op.drop_column("refunds", "lost_before")
    _reword(_AFTER, _BEFORE)
    rows = _taken_out(_OLD)
    op.create_table("disputes", *_columns(), *_keys())
    _put_back(rows)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('attempt_id', sa.Uuid(), nullable=False),
        sa.Column('charge_ref', sa.String(length=120), nullable=False),
        sa.Column('amount', sa.BigInteger(), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('status', _word('disputestatus', 'open', 'won', 'lost'), nullable=False),
        sa.Column('stage', sa.String(length=40), nullable=False),
        sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    ]


def _new_columns() -> list[sa.Column[object]]:
    return [
        sa.Column('vendor_ref', sa.String(length=120), nullable=False),
        sa.Column('phase', _word('disputephase', 'enquiry', 'chargeback', 'pre_arbitration', 'arbitration'), nullable=False),
        sa.Column('respond_by', sa.DateTime(timezone=True), nullable=True),
        sa.Column('deducted', sa.BigInteger(), nullable=True),
        sa.Column('fee', sa.BigInteger(), nullable=True),
    ]


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def _keys(*more: str) -> list[sa.Constraint]:
    unique = ('attempt_id', 'charge_ref', *more)
    return [
        sa.ForeignKeyConstraint(['attempt_id'], ['attempts.id'], name=op.f('fk_disputes_attempt_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_disputes')),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_disputes_{'_'.join(unique)}")),
    ]


def _taken_out(names: tuple[str, ...]) -> list[dict[str, object]]:
    # SQLite cannot change a unique constraint; the table is made anew, on both engines alike.
    table = sa.table("disputes", *(column for column in _columns() if column.name in names))
    rows = [dict(row._mapping) for row in op.get_bind().execute(sa.select(table).order_by(table.c.id))]
    op.drop_table("disputes")
    return rows


def _put_back(rows: list[dict[str, object]]) -> None:
    if not rows:
        return
    names = [column for column in (*_columns(), *_new_columns()) if column.name in rows[0]]
    op.bulk_insert(sa.table("disputes", *names), rows)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval('disputes_id_seq', (SELECT max(id) FROM disputes))")


def _more(dispute: dict[str, object]) -> dict[str, object]:
    news = _told(dispute)
    is_enquiry = str(dispute["stage"]).startswith("warning_") or news.get("phase") in ("fraud", "retrieval")
    is_enquiry = is_enquiry or str(news.get("status")).startswith("warning_")
    return {
        "vendor_ref": news.get("id", ""),
        "phase": "enquiry" if is_enquiry else "chargeback",
        "deducted": dispute["amount"] if dispute["status"] == "lost" else None,
    }


def _told(dispute: dict[str, object]) -> dict[str, object]:
    """The vendor's dispute, in the last news of it that is still kept."""
    inbox = sa.table("inbox", sa.column("id", sa.Integer), sa.column("gateway", sa.String), sa.column("body", sa.Text),
                     sa.column("fact", sa.JSON), sa.column("attempt_id", sa.Uuid))
    of_it = sa.select(inbox).where(inbox.c.attempt_id == dispute["attempt_id"]).order_by(inbox.c.id.desc())
    for row in op.get_bind().execute(of_it):
        if row.fact["type"] == "disputed" and row.fact["charge_ref"] == dispute["charge_ref"]:
            return _dispute_in(row.gateway, row.body)
    return {}


def _dispute_in(gateway: str, body: str) -> dict[str, object]:
    try:
        found = json.loads(body)
        for key in _DISPUTE_AT[gateway]:
            found = found[key]
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("id"), str) else {}


def _reword(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    old, new = (f"CHECK (means IN ({', '.join(map(repr, words))}))" for words in (before, after))
    name = "ck_refunds_refundmeans"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE refunds DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE refunds ADD CONSTRAINT {name} {new}")
        return
    # As 0013 says: a check that touches no row may be rewritten where it is kept.
    op.execute("PRAGMA writable_schema = ON")
    done = op.get_bind().execute(
        sa.text("UPDATE sqlite_master SET sql = replace(sql, :old, :new) WHERE type = 'table' AND name = 'refunds'"
                " AND instr(sql, :old) > 0"),
        {"old": f"CONSTRAINT {name} {old}", "new": f"CONSTRAINT {name} {new}"},
    )
    op.execute("PRAGMA writable_schema = RESET")
    if done.rowcount != 1:
        raise RuntimeError(f"{name} is not what it was made as")
