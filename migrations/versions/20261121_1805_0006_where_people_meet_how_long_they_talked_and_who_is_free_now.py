"""Where people meet, how long they talked, and who is free now."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_KINDS = "'generated', 'fixed', 'typed', 'in_person'"


def _columns() -> tuple[tuple[str, str, str], ...]:
    # Added and dropped one by one, never by copying a table: others refer to it, and SQLite would delete their rows first.
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    # What is there already promised no link, so its practitioner gives one.
    kind = "VARCHAR(24) DEFAULT 'typed' NOT NULL CONSTRAINT ck_{}_meetingkind CHECK (meeting_kind IN (" + _KINDS + "))"
    where = "VARCHAR(500) DEFAULT '' NOT NULL"
    call = (
        "CONSTRAINT ck_bookings_call CHECK (call_ended_at IS NULL"
        " OR (call_started_at IS NOT NULL AND call_ended_at >= call_started_at))"
    )
    return (
        ("practitioners", "available_until", moment),
        ("services", "meeting_kind", kind.format("services")),
        ("services", "meeting_where", where),
        ("bookings", "meeting_kind", kind.format("bookings")),
        ("bookings", "meeting_where", where),
        ("bookings", "call_started_at", moment),
        ("bookings", "call_ended_at", f"{moment} {call}"),
    )


def upgrade() -> None:
    """Services and bookings say where people meet, calls and proofs of sessions have their place; nobody is free now."""
    for table, column, kind in _columns():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    op.create_table('session_proofs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('sent_by', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size > 0', name=op.f('ck_session_proofs_size')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_session_proofs_booking_id')),
    sa.ForeignKeyConstraint(['sent_by'], ['users.id'], name=op.f('fk_session_proofs_sent_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_proofs')),
    sa.UniqueConstraint('booking_id', name=op.f('uq_session_proofs_booking_id'))
    )


def downgrade() -> None:
    """Nobody is told where to meet any more; what was agreed stays."""
    op.drop_table('session_proofs')
    for table, column, _ in reversed(_columns()):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
