"""People may be erased: when, and a trail whose words may give way but not its facts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMNS = ("id", "subject", "subject_id", "booking_id", "from_status", "to_status", "actor", "actor_id", "at")
_ALL_THE_SAME = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _COLUMNS)
_POSTGRES_UP = (
    "DROP TRIGGER changes_append_only ON changes",
    """
    CREATE FUNCTION changes_append_only() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.why = 'erased' AND to_jsonb(NEW) - 'why' = to_jsonb(OLD) - 'why' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'append_only: changes' USING ERRCODE = 'check_violation';
    END $$ LANGUAGE plpgsql
    """,
    "CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE ON changes"
    " FOR EACH ROW EXECUTE FUNCTION changes_append_only()",
)
_POSTGRES_DOWN = (
    "DROP TRIGGER changes_append_only ON changes",
    "DROP FUNCTION changes_append_only()",
    "CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE ON changes FOR EACH ROW EXECUTE FUNCTION append_only()",
)
_SQLITE_UP = (
    "DROP TRIGGER changes_append_only_update",
    "CREATE TRIGGER changes_append_only_update BEFORE UPDATE ON changes FOR EACH ROW"
    f" WHEN NOT (NEW.why = 'erased' AND {_ALL_THE_SAME})"
    " BEGIN SELECT RAISE(ABORT, 'append_only: changes'); END",
)
_SQLITE_DOWN = (
    "DROP TRIGGER changes_append_only_update",
    "CREATE TRIGGER changes_append_only_update BEFORE UPDATE ON changes FOR EACH ROW"
    " BEGIN SELECT RAISE(ABORT, 'append_only: changes'); END",
)


def upgrade() -> None:
    """Of a change nothing may be changed but what people wrote into it, and that only into the word "erased"."""
    op.add_column("users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    for statement in _POSTGRES_UP if _is_postgres() else _SQLITE_UP:
        op.execute(statement)
    # There is no message of this kind any more: the one that a session is completed asks for the rating.
    op.execute(
        "UPDATE deliveries SET done_at = due_at, outcome = 'stale' WHERE done_at IS NULL"
        " AND notification_id IN (SELECT id FROM notifications WHERE kind = 'please_rate')"
    )


def downgrade() -> None:
    """Who was erased stays so; the trail refuses everything again."""
    for statement in _POSTGRES_DOWN if _is_postgres() else _SQLITE_DOWN:
        op.execute(statement)
    op.drop_column("users", "erased_at")


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
