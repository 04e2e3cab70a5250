"""Questions in writing become conversations, with files, a deadline to answer and an end."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = "0010"
branch_labels = None
depends_on = None

# Added and dropped one by one, never by copying a table: others refer to it, and SQLite would delete their rows first.
_COLUMNS = (
    (
        "question_hours",
        "INTEGER CONSTRAINT ck_practitioners_question_hours CHECK (question_hours BETWEEN 1 AND 720)",
    ),
    (
        "question_days",
        "INTEGER NOT NULL DEFAULT 7 CONSTRAINT ck_practitioners_question_days CHECK (question_days BETWEEN 0 AND 90)",
    ),
)
_CHECKOUTS = sa.table(
    'checkouts', sa.column('id', sa.Uuid()), sa.column('kind', sa.String()), sa.column('client_id', sa.Integer()),
    sa.column('draft', sa.JSON()), sa.column('created_at', sa.DateTime(timezone=True)),
)
_MESSAGES = sa.table(
    'consultation_messages', sa.column('id', sa.Uuid()), sa.column('checkout_id', sa.Uuid()),
    sa.column('number', sa.Integer()), sa.column('author_id', sa.Integer()), sa.column('text', sa.Text()),
    sa.column('request_key', sa.String()), sa.column('written_at', sa.DateTime(timezone=True)),
)
_BEFORE = sa.table(
    'kept_consultations', sa.column('checkout_id', sa.Uuid()), sa.column('practitioner_id', sa.Integer()),
    sa.column('answer', sa.Text()), sa.column('answered_at', sa.DateTime(timezone=True)),
)
_PRACTITIONERS = sa.table('practitioners', sa.column('id', sa.Integer()), sa.column('user_id', sa.Integer()))
_SAME = "id, client_id, practitioner_id, checkout_id, fee_amount, price_amount, currency, asked_at, answered_at"


def upgrade() -> None:
    """What was asked and answered are the first two messages, as they were until `flask seal rotate` seals them.

    What was answered is closed by the next sweep; what was asked and not answered yet has no deadline. The table is made
    anew because its status may be more; nothing refers to it yet.
    """
    for column, kind in _COLUMNS:
        op.execute(f"ALTER TABLE practitioners ADD COLUMN {column} {kind}")
    _make_messages()
    _set_aside()
    _make_consultations()
    op.execute(
        f"INSERT INTO consultations ({_SAME}, status, open_days, closes_at, client_read, practitioner_read)"
        f" SELECT {_SAME}, status, 0, answered_at, CASE WHEN answered_at IS NULL THEN 1 ELSE 2 END, 1 FROM kept_consultations"
    )
    _questions_become_messages()
    op.execute("DROP TABLE kept_consultations")


def _set_aside() -> None:
    op.execute("CREATE TABLE kept_consultations AS SELECT * FROM consultations")
    op.drop_index('ix_consultations_client_id_asked_at', table_name='consultations')
    op.drop_index('ix_consultations_practitioner_id_asked_at', table_name='consultations')
    op.drop_table('consultations')


def _make_messages() -> None:
    op.create_table('consultation_messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('request_key', sa.String(length=80), nullable=True),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('number >= 1', name=op.f('ck_consultation_messages_number')),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('fk_consultation_messages_author_id')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_consultation_messages_checkout_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultation_messages')),
    sa.UniqueConstraint('checkout_id', 'author_id', 'request_key', name=op.f('uq_consultation_messages_checkout_id_author_id_request_key')),
    sa.UniqueConstraint('checkout_id', 'number', name=op.f('uq_consultation_messages_checkout_id_number'))
    )
    op.create_index(op.f('ix_consultation_messages_author_id'), 'consultation_messages', ['author_id'], unique=False)
    op.create_table('consultation_files',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.CheckConstraint('size > 0', name=op.f('ck_consultation_files_size')),
    sa.ForeignKeyConstraint(['message_id'], ['consultation_messages.id'], name=op.f('fk_consultation_files_message_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultation_files')),
    sa.UniqueConstraint('message_id', 'place', name=op.f('uq_consultation_files_message_id_place'))
    )


def _make_consultations() -> None:
    statuses = ('open', 'answered', 'closed', 'declined', 'expired')
    op.create_table('consultations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('fee_amount', sa.BigInteger(), nullable=False),
    sa.Column('price_amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum(*statuses, name='consultationstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('open_days', sa.Integer(), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('client_read', sa.Integer(), nullable=False),
    sa.Column('practitioner_read', sa.Integer(), nullable=False),
    sa.CheckConstraint('price_amount > 0', name=op.f('ck_consultations_price')),
    sa.CheckConstraint('fee_amount >= 0 AND fee_amount <= price_amount', name=op.f('ck_consultations_fee')),
    sa.CheckConstraint("(status IN ('answered', 'closed')) = (answered_at IS NOT NULL)", name=op.f('ck_consultations_answered')),
    sa.CheckConstraint('(answered_at IS NULL) = (closes_at IS NULL)', name=op.f('ck_consultations_closes')),
    sa.CheckConstraint("(status IN ('closed', 'declined', 'expired')) = (ended_at IS NOT NULL)", name=op.f('ck_consultations_ended')),
    sa.CheckConstraint('open_days >= 0', name=op.f('ck_consultations_open_days')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_consultations_checkout_id')),
    sa.ForeignKeyConstraint(['client_id'], ['users.id'], name=op.f('fk_consultations_client_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_consultations_practitioner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultations')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_consultations_checkout_id'))
    )
    op.create_index('ix_consultations_client_id_asked_at', 'consultations', ['client_id', 'asked_at'])
    op.create_index('ix_consultations_practitioner_id_asked_at', 'consultations', ['practitioner_id', 'asked_at'])
    op.create_index('ix_consultations_status_answer_by', 'consultations', ['status', 'answer_by'])


def _questions_become_messages() -> None:
    database, made = op.get_bind(), []
    for row in database.execute(sa.select(_CHECKOUTS).where(_CHECKOUTS.c.kind == 'consultation')).all():
        draft = dict(row.draft or {})
        made.append(_message(row.id, 1, row.client_id, draft.pop('question', ''), row.created_at))
        database.execute(sa.update(_CHECKOUTS).where(_CHECKOUTS.c.id == row.id).values(draft=draft))
    answers = sa.select(_BEFORE, _PRACTITIONERS.c.user_id).join(
        _PRACTITIONERS, _PRACTITIONERS.c.id == _BEFORE.c.practitioner_id
    )
    for row in database.execute(answers.where(_BEFORE.c.answered_at.is_not(None))).all():
        made.append(_message(row.checkout_id, 2, row.user_id, row.answer, row.answered_at))
    if made:
        database.execute(sa.insert(_MESSAGES), made)


def _message(checkout_id: object, number: int, author_id: int, text: str, at: object) -> dict[str, object]:
    return {
        'id': uuid.uuid4(), 'checkout_id': checkout_id, 'number': number, 'author_id': author_id, 'text': text,
        'request_key': None, 'written_at': at,
    }


def downgrade() -> None:
    """The question and the first answer stay, sealed ones sealed; later messages and all files are gone.

    What ended without an answer stands open again: its money has gone back and stays there.
    """
    database = op.get_bind()
    question = "(SELECT m.text FROM consultation_messages m WHERE m.checkout_id = c.checkout_id AND m.number = 1)"
    answer = (
        "(SELECT m.text FROM consultation_messages m WHERE m.checkout_id = c.checkout_id AND c.answered_at IS NOT NULL"
        " AND m.author_id <> c.client_id ORDER BY m.number LIMIT 1)"
    )
    op.execute(
        f"CREATE TABLE kept_consultations AS SELECT c.*, {question} AS question, coalesce({answer}, '') AS answer"
        " FROM consultations c"
    )
    for row in database.execute(sa.select(_MESSAGES).where(_MESSAGES.c.number == 1)).all():
        draft = database.execute(sa.select(_CHECKOUTS.c.draft).where(_CHECKOUTS.c.id == row.checkout_id)).scalar_one()
        kept = {'practitioner_id': draft['practitioner_id'], 'question': row.text}
        database.execute(sa.update(_CHECKOUTS).where(_CHECKOUTS.c.id == row.checkout_id).values(draft=kept))
    _drop()
    _make_consultations_as_before()
    op.execute(
        f"INSERT INTO consultations ({_SAME}, question, answer, status) SELECT {_SAME}, question, answer,"
        " CASE WHEN answered_at IS NULL THEN 'open' ELSE 'answered' END FROM kept_consultations"
    )
    op.execute("DROP TABLE kept_consultations")
    for column, _ in reversed(_COLUMNS):
        op.execute(f"ALTER TABLE practitioners DROP COLUMN {column}")


def _drop() -> None:
    for index in ('client_id_asked_at', 'practitioner_id_asked_at', 'status_answer_by'):
        op.drop_index(f'ix_consultations_{index}', table_name='consultations')
    op.drop_table('consultations')
    op.drop_table('consultation_files')
    op.drop_index('ix_consultation_messages_author_id', table_name='consultation_messages')
    op.drop_table('consultation_messages')


def _make_consultations_as_before() -> None:
    op.create_table('consultations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('practitioner_id', sa.Integer(), nullable=False),
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('fee_amount', sa.BigInteger(), nullable=False),
    sa.Column('price_amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.Enum('open', 'answered', name='consultationstatus', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('price_amount > 0', name=op.f('ck_consultations_price')),
    sa.CheckConstraint('fee_amount >= 0 AND fee_amount <= price_amount', name=op.f('ck_consultations_fee')),
    sa.CheckConstraint("(status = 'answered') = (answered_at IS NOT NULL)", name=op.f('ck_consultations_answered')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_consultations_checkout_id')),
    sa.ForeignKeyConstraint(['client_id'], ['users.id'], name=op.f('fk_consultations_client_id')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioners.id'], name=op.f('fk_consultations_practitioner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consultations')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_consultations_checkout_id'))
    )
    op.create_index('ix_consultations_client_id_asked_at', 'consultations', ['client_id', 'asked_at'])
    op.create_index('ix_consultations_practitioner_id_asked_at', 'consultations', ['practitioner_id', 'asked_at'])
