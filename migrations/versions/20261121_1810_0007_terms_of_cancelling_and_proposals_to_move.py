"""Terms of cancelling in steps, proposals to move a session, who comes to it, and who waits for a place."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

# Added and dropped one by one, never by copying a table: others refer to it, and SQLite would delete their rows first.
_COLUMNS = (
    ("services", "later_tiers", "JSON NOT NULL DEFAULT '[]'"),
    (
        "services",
        "no_show_percent",
        "INTEGER NOT NULL DEFAULT 0"
        " CONSTRAINT ck_services_no_show_percent CHECK (no_show_percent BETWEEN 0 AND 100)",
    ),
    (
        "services",
        "free_moves",
        "INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_services_free_moves CHECK (free_moves BETWEEN 0 AND 10)",
    ),
    ("services", "free_move_hours", "INTEGER NOT NULL DEFAULT 24"),
    ("bookings", "late", "BOOLEAN NOT NULL DEFAULT FALSE"),
    ("bookings", "moves", "INTEGER NOT NULL DEFAULT 0"),
)


def upgrade() -> None:
    """What comes back may shrink in steps; either side may propose another time."""
    for table, column, kind in _COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    actors = ('client', 'practitioner', 'staff', 'gateway', 'clock')
    statuses = ('open', 'accepted', 'rejected', 'withdrawn', 'expired')
    op.create_table('reschedules',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('proposed_by', sa.Enum(*actors, name='actor', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('was_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('price_amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('status', sa.Enum(*statuses, name='reschedulestatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('answer', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_reschedules_order')),
    sa.CheckConstraint('price_amount > 0', name=op.f('ck_reschedules_price')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_reschedules_booking_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reschedules'))
    )
    open_ones = sa.text("status = 'open'")
    op.create_index('ix_reschedules_booking_id', 'reschedules', ['booking_id'])
    op.create_index('ix_reschedules_status_expires_at', 'reschedules', ['status', 'expires_at'])
    op.create_index(
        'uq_reschedules_open', 'reschedules', ['booking_id'], unique=True, sqlite_where=open_ones, postgresql_where=open_ones
    )
    _people()


def _people() -> None:
    op.create_table('attendees',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('away_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_attendees_booking_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendees'))
    )
    op.create_index('ix_attendees_booking_id', 'attendees', ['booking_id'])
    statuses = ('waiting', 'offered', 'taken', 'lapsed', 'left')
    op.create_table('waits',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum(*statuses, name='waitstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('places >= 1', name=op.f('ck_waits_places')),
    sa.CheckConstraint("(status IN ('waiting', 'left')) = (booking_id IS NULL) OR status = 'lapsed'", name=op.f('ck_waits_offer')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_waits_booking_id')),
    sa.ForeignKeyConstraint(['client_id'], ['users.id'], name=op.f('fk_waits_client_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_waits_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waits'))
    )
    op.create_index('ix_waits_status_starts_at', 'waits', ['status', 'starts_at'])
    still_open = sa.text("status IN ('offered', 'waiting')")
    op.create_index(
        'uq_waits_open', 'waits', ['client_id', 'service_id', 'starts_at'],
        unique=True, sqlite_where=still_open, postgresql_where=still_open,
    )


def downgrade() -> None:
    """Cancelling is free or costs everything again; sessions stay where they were moved to."""
    for table in ('waits', 'attendees', 'reschedules'):
        op.drop_table(table)
    for table, column, _ in reversed(_COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
