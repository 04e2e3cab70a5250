"""What is asked of the past is found by an index, a slot lasts a day at most, and a new one looks at one other instead of all."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0051"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_attempts_status_gateway_settled_at": ("attempts", ["status", "gateway", "settled_at"]),
    "ix_bookings_client_id_status_starts_at": ("bookings", ["client_id", "status", "starts_at"]),
    "ix_bookings_practitioner_id_status_starts_at": ("bookings", ["practitioner_id", "status", "starts_at"]),
    "ix_bookings_status_starts_at": ("bookings", ["status", "starts_at"]),
    "ix_checkouts_client_id_status": ("checkouts", ["client_id", "status"]),
    "ix_disputes_status_respond_by": ("disputes", ["status", "respond_by"]),
    "ix_ledger_transactions_kind_at": ("ledger_transactions", ["kind", "at"]),
    "ix_notifications_booking_id_kind": ("notifications", ["booking_id", "kind"]),
    "ix_refunds_asked_at": ("refunds", ["asked_at"]),
    "ix_slots_service_id_starts_at": ("slots", ["service_id", "starts_at"]),
}
_PARTIAL = {
    "ix_notifications_unread": ("notifications", ["user_id"], "read_at IS NULL"),
    "ix_slots_open": ("slots", ["practitioner_id", "busy_from"], "closed_at IS NULL"),
    "ix_users_erased": ("users", ["id"], "erased_at IS NOT NULL"),
}
# Open slots do not overlap, so the one that begins last before the new one ends also ends last: no other can be in the way.
_NEAREST = """
    CREATE TRIGGER slots_no_overlap_{when} BEFORE {event} ON slots FOR EACH ROW WHEN NEW.closed_at IS NULL
    BEGIN
        SELECT RAISE(ABORT, 'slots_within_a_day')
            WHERE julianday(NEW.busy_until) > julianday(NEW.busy_from) + 1.000001;  -- a tenth of a second for rounding
        SELECT RAISE(ABORT, 'ex_slots_no_overlap') WHERE NEW.busy_from < (
            SELECT busy_until FROM slots WHERE practitioner_id = NEW.practitioner_id AND closed_at IS NULL
               AND busy_from < NEW.busy_until AND id IS NOT NEW.id ORDER BY busy_from DESC LIMIT 1);
    END
"""
_ALL = """
    CREATE TRIGGER slots_no_overlap_{when} BEFORE {event} ON slots FOR EACH ROW WHEN NEW.closed_at IS NULL
    BEGIN
        SELECT RAISE(ABORT, 'ex_slots_no_overlap') WHERE EXISTS (
            SELECT 1 FROM slots WHERE practitioner_id = NEW.practitioner_id AND closed_at IS NULL
               AND busy_from < NEW.busy_until AND NEW.busy_from < busy_until AND id IS NOT NEW.id);
    END
"""
# So what is taken at a time began at most a day before it: reading back any further is for nothing.
_WITHIN_A_DAY = "ALTER TABLE slots ADD CONSTRAINT ck_slots_within_a_day CHECK (busy_until <= busy_from + interval '1 day')"
_EVENTS = {"insert": "INSERT", "update": "UPDATE"}


def upgrade() -> None:
    """Every list finds what it shows, and every sweep what it does, without reading what is over."""
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns)
    for name, (table, columns, where) in _PARTIAL.items():
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.drop_index("ix_checkouts_client_id", "checkouts")
    _guard(_NEAREST)
    if op.get_bind().dialect.name == "postgresql":  # whose constraint against overlaps has an index of its own
        op.execute(_WITHIN_A_DAY)


def downgrade() -> None:
    """The same is found by reading more."""
    _guard(_ALL)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE slots DROP CONSTRAINT ck_slots_within_a_day")
    op.create_index("ix_checkouts_client_id", "checkouts", ["client_id"])
    for name, (table, *_) in (_INDEXES | _PARTIAL).items():
        op.drop_index(name, table)


def _guard(trigger: str) -> None:
    for when, event in _EVENTS.items() if op.get_bind().dialect.name == "sqlite" else ():
        op.execute(f"DROP TRIGGER slots_no_overlap_{when}")
        op.execute(trigger.format(when=when, event=event))
