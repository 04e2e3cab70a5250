"""Calendars in and out: what other calendars say is taken, the secret address of one's own; the trail by its time."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Practitioners may give the addresses of other calendars; everybody may have an address for their own."""
    op.add_column('users', sa.Column('feed_key', sa.String(length=64), nullable=True))
    op.create_index('ix_changes_at', 'changes', ['at'])
    op.create_index('uq_users_feed_key', 'users', ['feed_key'], unique=True)
    op.create_table('busy_feeds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=False),
    sa.Column('problem', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_fetch_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_busy_feeds_practitioner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_busy_feeds'))
    )
    op.create_index('ix_busy_feeds_practitioner_id', 'busy_feeds', ['practitioner_id'])
    op.create_index('ix_busy_feeds_next_fetch_at', 'busy_feeds', ['next_fetch_at'])
    op.create_table('busy_times',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('feed_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_busy_times_order')),
    sa.ForeignKeyConstraint(['feed_id'], ['busy_feeds.id'], name=op.f('fk_busy_times_feed_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_busy_times_practitioner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_busy_times'))
    )
    op.create_index('ix_busy_times_feed_id', 'busy_times', ['feed_id'])
    op.create_index('ix_busy_times_practitioner_id_starts_at', 'busy_times', ['practitioner_id', 'starts_at'])


def downgrade() -> None:
    """No calendar is read, and the addresses lead nowhere any more."""
    op.drop_table('busy_times')
    op.drop_table('busy_feeds')
    op.drop_index('ix_changes_at', table_name='changes')
    op.drop_index('uq_users_feed_key', table_name='users')
    op.drop_column('users', 'feed_key')
