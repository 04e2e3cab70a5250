"""The database itself refuses overlapping slots and more places than a slot has."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Half-open ranges: a session may begin when another ends. The trick with int4range needs no extension.
_POSTGRES_UP = (
    """
    ALTER TABLE slots ADD CONSTRAINT ex_slots_no_overlap EXCLUDE USING gist (
        int4range(practitioner_id, practitioner_id, '[]') WITH &&,
        tstzrange(busy_from, busy_until) WITH &&
    ) WHERE (closed_at IS NULL)
    """,
    """
    CREATE FUNCTION holds_within_capacity() RETURNS trigger AS $$
    DECLARE
        room integer;
        taken integer;
    BEGIN
        SELECT capacity INTO room FROM slots WHERE id = NEW.slot_id FOR NO KEY UPDATE;
        SELECT coalesce(sum(places), 0) INTO taken FROM holds
         WHERE slot_id = NEW.slot_id AND id <> NEW.id AND released_at IS NULL
           AND (expires_at IS NULL OR expires_at > NEW.taken_at);
        IF taken + NEW.places > room THEN
            RAISE EXCEPTION 'holds_within_capacity' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE TRIGGER holds_within_capacity BEFORE INSERT OR UPDATE OF slot_id, places, taken_at, expires_at, released_at
    ON holds FOR EACH ROW WHEN (NEW.released_at IS NULL) EXECUTE FUNCTION holds_within_capacity()
    """,
)
_POSTGRES_DOWN = (
    "DROP TRIGGER holds_within_capacity ON holds",
    "DROP FUNCTION holds_within_capacity()",
    "ALTER TABLE slots DROP CONSTRAINT ex_slots_no_overlap",
)

_SQLITE_OVERLAP = """
    CREATE TRIGGER slots_no_overlap_{when} BEFORE {event} ON slots FOR EACH ROW WHEN NEW.closed_at IS NULL
    BEGIN
        SELECT RAISE(ABORT, 'ex_slots_no_overlap') WHERE EXISTS (
            SELECT 1 FROM slots WHERE practitioner_id = NEW.practitioner_id AND closed_at IS NULL
               AND busy_from < NEW.busy_until AND NEW.busy_from < busy_until AND id IS NOT NEW.id);
    END
"""
_SQLITE_CAPACITY = """
    CREATE TRIGGER holds_within_capacity_{when} BEFORE {event} ON holds FOR EACH ROW WHEN NEW.released_at IS NULL
    BEGIN
        SELECT RAISE(ABORT, 'holds_within_capacity') WHERE NEW.places + (
            SELECT coalesce(sum(places), 0) FROM holds
             WHERE slot_id = NEW.slot_id AND id IS NOT NEW.id AND released_at IS NULL
               AND (expires_at IS NULL OR expires_at > NEW.taken_at)
        ) > (SELECT capacity FROM slots WHERE id = NEW.slot_id);
    END
"""
_EVENTS = {"insert": "INSERT", "update": "UPDATE"}


def upgrade() -> None:
    """Both guards are in place."""
    if op.get_bind().dialect.name == "postgresql":
        statements = list(_POSTGRES_UP)
    else:
        templates = (_SQLITE_OVERLAP, _SQLITE_CAPACITY)
        statements = [t.format(when=when, event=event) for t in templates for when, event in _EVENTS.items()]
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    """Both guards are gone."""
    if op.get_bind().dialect.name == "postgresql":
        statements = list(_POSTGRES_DOWN)
    else:
        statements = [f"DROP TRIGGER {name}_{when}" for name in ("slots_no_overlap", "holds_within_capacity") for when in _EVENTS]
    for statement in statements:
        op.execute(statement)
