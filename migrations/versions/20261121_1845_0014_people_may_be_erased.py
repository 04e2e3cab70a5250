"""People may be erased: when, and a trail whose words may give way but not its facts."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COLUMNS = ("id", "subject", "subject_id", "booking_id", "from_status", "to_status", "actor", "actor_id", "at")
_ALL_THE_SAME = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _COLUMNS)
_RECEIPT = (
    "id kind series nth number attempt_id refund_id corrects_id booking_id client_id practitioner_id issuer_name about"
    " starts_at zone amount currency method charge_ref reference reason tax_name tax_rate tax_number tax_amount issued_at"
).split()
_RECEIPT_THE_SAME = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in _RECEIPT)
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
    "DROP TRIGGER receipts_append_only ON receipts",
    """
    CREATE FUNCTION receipts_append_only() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.client_name LIKE 'Erased person %' AND NEW.title = ''
           AND to_jsonb(NEW) - 'client_name' - 'title' = to_jsonb(OLD) - 'client_name' - 'title' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'append_only: receipts' USING ERRCODE = 'check_violation';
    END $$ LANGUAGE plpgsql
    """,
    "CREATE TRIGGER receipts_append_only BEFORE UPDATE OR DELETE ON receipts"
    " FOR EACH ROW EXECUTE FUNCTION receipts_append_only()",
)
_POSTGRES_DOWN = (
    "DROP TRIGGER receipts_append_only ON receipts",
    "DROP FUNCTION receipts_append_only()",
    "CREATE TRIGGER receipts_append_only BEFORE UPDATE OR DELETE ON receipts FOR EACH ROW EXECUTE FUNCTION append_only()",
    "DROP TRIGGER changes_append_only ON changes",
    "DROP FUNCTION changes_append_only()",
    "CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE ON changes FOR EACH ROW EXECUTE FUNCTION append_only()",
)
_SQLITE_UP = (
    "DROP TRIGGER changes_append_only_update",
    "CREATE TRIGGER changes_append_only_update BEFORE UPDATE ON changes FOR EACH ROW"
    f" WHEN NOT (NEW.why = 'erased' AND {_ALL_THE_SAME})"
    " BEGIN SELECT RAISE(ABORT, 'append_only: changes'); END",
    "DROP TRIGGER receipts_append_only_update",
    "CREATE TRIGGER receipts_append_only_update BEFORE UPDATE ON receipts FOR EACH ROW"
    f" WHEN NOT (NEW.client_name LIKE 'Erased person %' AND NEW.title = '' AND {_RECEIPT_THE_SAME})"
    " BEGIN SELECT RAISE(ABORT, 'append_only: receipts'); END",
)
_SQLITE_DOWN = (
    "DROP TRIGGER receipts_append_only_update",
    "CREATE TRIGGER receipts_append_only_update BEFORE UPDATE ON receipts FOR EACH ROW"
    " BEGIN SELECT RAISE(ABORT, 'append_only: receipts'); END",
    "DROP TRIGGER changes_append_only_update",
    "CREATE TRIGGER changes_append_only_update BEFORE UPDATE ON changes FOR EACH ROW"
    " BEGIN SELECT RAISE(ABORT, 'append_only: changes'); END",
)


def upgrade() -> None:
    """Of a change only what people wrote may give way, to the word "erased"; of a receipt only the name, to a pseudonym."""
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
