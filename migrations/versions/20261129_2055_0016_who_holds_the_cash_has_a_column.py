"""Who holds the cash of a payment has a column of its own, and no longer stands among what a vendor's news must repeat."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_attempts = sa.table(
    "attempts", sa.column("id", sa.Uuid()), sa.column("details", sa.JSON()), sa.column("held_by", sa.Integer())
)
_NAME = "held_by"


def upgrade() -> None:
    """What stood in the details is in the column."""
    op.add_column("attempts", sa.Column(_NAME, sa.Integer(), nullable=True))
    says_so = sa.cast(_attempts.c.details, sa.Text()).like(f'%"{_NAME}"%')
    for attempt_id, details in _rows(says_so):
        rest = {name: value for name, value in details.items() if name != _NAME}
        _set(attempt_id, details=rest, held_by=details.get(_NAME))


def downgrade() -> None:
    """What stands in the column is in the details."""
    for attempt_id, details, holder in _rows(_attempts.c.held_by.is_not(None), _attempts.c.held_by):
        _set(attempt_id, details=details | {_NAME: holder})
    op.drop_column("attempts", _NAME)


def _rows(which: sa.ColumnElement[bool], *more: sa.ColumnClause[int]) -> list[sa.Row[tuple[object, ...]]]:
    statement = sa.select(_attempts.c.id, _attempts.c.details, *more).where(which)
    return list(op.get_bind().execute(statement))


def _set(attempt_id: object, **values: object) -> None:
    op.get_bind().execute(_attempts.update().where(_attempts.c.id == attempt_id).values(**values))
