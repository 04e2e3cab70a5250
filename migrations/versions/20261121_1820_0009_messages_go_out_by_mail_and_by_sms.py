"""Messages go out by mail and by SMS, each copy by itself, and people choose which they want."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_MAIL = ("due_at", "claimed_at", "mailed_at", "outcome", "tries")


def upgrade() -> None:
    """What became of each mail moves from its message to a row of its own; nobody has chosen anything yet."""
    op.create_table('deliveries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('notification_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'sms', name='channel', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['notification_id'], ['notifications.id'], name=op.f('fk_deliveries_notification_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('notification_id', 'channel', name=op.f('uq_deliveries_notification_id_channel'))
    )
    op.execute(
        "INSERT INTO deliveries (notification_id, channel, due_at, claimed_at, done_at, outcome, tries)"
        " SELECT id, 'mail', due_at, claimed_at, mailed_at, outcome, tries FROM notifications ORDER BY id"
    )
    op.create_index('ix_deliveries_done_at_due_at', 'deliveries', ['done_at', 'due_at'])
    op.drop_index('ix_notifications_mailed_at_due_at', table_name='notifications')
    for column in _MAIL:
        op.drop_column('notifications', column)
    op.add_column('users', sa.Column('switches', sa.JSON(), server_default='{}', nullable=False))


def downgrade() -> None:
    """Messages carry their mail themselves again; that an SMS went out is forgotten.

    The table is made anew, with its columns in their old order, and filled: nothing refers to it any more by then.
    """
    op.drop_column('users', 'switches')
    op.execute(
        "CREATE TABLE kept_notifications AS SELECT n.id, n.user_id, n.kind, n.booking_id, n.data, n.dedupe_key,"
        " n.created_at, coalesce(d.due_at, n.created_at) AS due_at, d.claimed_at, d.done_at AS mailed_at,"
        " coalesce(d.outcome, '') AS outcome, coalesce(d.tries, 0) AS tries, n.read_at"
        " FROM notifications n LEFT JOIN deliveries d ON d.notification_id = n.id AND d.channel = 'mail'"
    )
    op.drop_index('ix_deliveries_done_at_due_at', table_name='deliveries')
    op.drop_table('deliveries')
    op.drop_index('ix_notifications_user_id_created_at', table_name='notifications')
    op.drop_table('notifications')
    op.create_table('notifications',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('dedupe_key', sa.String(length=160), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_notifications_booking_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notifications_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_notifications_dedupe_key'))
    )
    columns = "id, user_id, kind, booking_id, data, dedupe_key, created_at, due_at, claimed_at, mailed_at, outcome, tries, read_at"
    op.execute(f"INSERT INTO notifications ({columns}) SELECT {columns} FROM kept_notifications ORDER BY id")
    op.execute("DROP TABLE kept_notifications")
    if op.get_bind().dialect.name == "postgresql":  # the next message gets the next number
        op.execute(
            "SELECT setval(pg_get_serial_sequence('notifications', 'id'), coalesce(max(id), 0) + 1, false) FROM notifications"
        )
    op.create_index('ix_notifications_mailed_at_due_at', 'notifications', ['mailed_at', 'due_at'])
    op.create_index('ix_notifications_user_id_created_at', 'notifications', ['user_id', 'created_at'])
