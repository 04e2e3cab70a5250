"""Ratings of sessions, and private notes on those nobody came to."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A session that took place can be rated; nobody has done so yet."""
    op.create_table('ratings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('recommends', sa.Boolean(), nullable=True),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_reason', sa.String(length=500), nullable=False),
    sa.CheckConstraint('stars BETWEEN 1 AND 5', name=op.f('ck_ratings_stars')),
    sa.CheckConstraint('length(feedback) <= 2000', name=op.f('ck_ratings_feedback')),
    sa.CheckConstraint('length(answer) <= 2000', name=op.f('ck_ratings_answer')),
    sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f('ck_ratings_answered')),
    sa.CheckConstraint("(hidden_at IS NULL) = (hidden_reason = '')", name=op.f('ck_ratings_hidden')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_ratings_booking_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_ratings_practitioner_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_ratings_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ratings')),
    sa.UniqueConstraint('booking_id', 'user_id', name=op.f('uq_ratings_booking_id_user_id'))
    )
    op.create_index('ix_ratings_practitioner_id_created_at', 'ratings', ['practitioner_id', 'created_at'], unique=False)
    op.create_index('ix_ratings_user_id_created_at', 'ratings', ['user_id', 'created_at'], unique=False)
    op.create_table('booking_notes',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('length(text) BETWEEN 1 AND 2000', name=op.f('ck_booking_notes_text')),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_booking_notes_booking_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_booking_notes_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_booking_notes')),
    sa.UniqueConstraint('booking_id', 'user_id', name=op.f('uq_booking_notes_booking_id_user_id'))
    )


def downgrade() -> None:
    """What was rated and noted is forgotten."""
    op.drop_table('booking_notes')
    op.drop_table('ratings')
