"""Forms that clients fill in and sign, for each service, in versions that cannot be rewritten."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_SQLITE = tuple(
    f"CREATE TRIGGER paper_versions_append_only_{event.lower()} BEFORE {event} ON paper_versions FOR EACH ROW"
    " BEGIN SELECT RAISE(ABORT, 'append_only: paper_versions'); END"
    for event in ("UPDATE", "DELETE")
)
_POSTGRES = (
    "CREATE TRIGGER paper_versions_append_only BEFORE UPDATE OR DELETE ON paper_versions"
    " FOR EACH ROW EXECUTE FUNCTION append_only()",
)


def upgrade() -> None:
    """Practitioners may ask for forms. Notes on sessions stay as they are until `flask seal rotate` seals them."""
    op.create_table('papers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('intake', 'agreement', name='paperkind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('due', sa.Enum('approval', 'session', 'optional', name='paperdue', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('once', sa.Boolean(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_papers_practitioner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_papers'))
    )
    op.create_index(op.f('ix_papers_practitioner_id'), 'papers', ['practitioner_id'], unique=False)
    op.create_table('paper_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('number >= 1', name=op.f('ck_paper_versions_number')),
    sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_paper_versions_paper_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_versions')),
    sa.UniqueConstraint('paper_id', 'number', name=op.f('uq_paper_versions_paper_id_number'))
    )
    op.create_table('service_papers',
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_service_papers_paper_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_papers_service_id')),
    sa.PrimaryKeyConstraint('service_id', 'paper_id', name=op.f('pk_service_papers'))
    )
    op.create_index(op.f('ix_service_papers_paper_id'), 'service_papers', ['paper_id'], unique=False)
    op.create_table('signed_papers',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('booking_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['booking_id'], ['bookings.id'], name=op.f('fk_signed_papers_booking_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_signed_papers_user_id')),
    sa.ForeignKeyConstraint(['version_id'], ['paper_versions.id'], name=op.f('fk_signed_papers_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signed_papers')),
    sa.UniqueConstraint('booking_id', 'version_id', name=op.f('uq_signed_papers_booking_id_version_id'))
    )
    op.create_index(op.f('ix_signed_papers_user_id'), 'signed_papers', ['user_id'], unique=False)
    op.create_index(op.f('ix_signed_papers_version_id'), 'signed_papers', ['version_id'], unique=False)
    for statement in _POSTGRES if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Nobody is asked for forms, and what was signed is gone; sealed notes on sessions stay sealed."""
    op.drop_table('signed_papers')
    op.drop_table('service_papers')
    op.drop_table('paper_versions')
    op.drop_table('papers')
