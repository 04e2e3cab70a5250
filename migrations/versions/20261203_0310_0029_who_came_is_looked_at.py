"""Who came to a session may be contested, and is kept: who started it, who was in its call, when it was noted as missed."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_CLAIMS = ("nobody_came", "had_started", "was_there")
_STATUSES = ("open", "give-back", "took-place", "absent")
_TIMES = ("client_joined_at", "practitioner_joined_at", "missed_at")


def upgrade() -> None:
    """Who started what is under way, and when it was noted as missed, stands in the trail."""
    op.add_column("bookings", sa.Column("started_by", sa.String(length=20), nullable=False, server_default=""))
    for name in _TIMES:
        op.add_column("bookings", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    _from_trail("started_by", "actor", "in_progress")
    _from_trail("missed_at", "at", "no_show")
    op.create_table(
        "attendance_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("claim", _words("attendanceclaim", _CLAIMS), nullable=False),
        sa.Column("status", _words("attendancestatus", _STATUSES), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_attendance_reviews_booking_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attendance_reviews"),
    )
    op.create_index("ix_attendance_reviews_booking_id", "attendance_reviews", ["booking_id"])
    op.create_index("ix_attendance_reviews_status_opened_at", "attendance_reviews", ["status", "opened_at"])
    is_open = sa.text("status = 'open'")
    op.create_index(
        "uq_attendance_reviews_open",
        "attendance_reviews",
        ["booking_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    """Nobody contests who came; sessions of which it was open stand as they were."""
    op.drop_table("attendance_reviews")
    for name in ("started_by", *_TIMES):
        op.drop_column("bookings", name)


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=24)


def _from_trail(column: str, of: str, status: str) -> None:
    """Each booking's `column` is what its last change to this status says."""
    last = "SELECT max(id) FROM changes WHERE subject = 'booking' AND to_status = :status GROUP BY booking_id"
    op.execute(
        sa.text(
            f"""UPDATE bookings SET {column} = (SELECT c.{of} FROM changes c WHERE c.booking_id = bookings.id AND c.id IN ({last}))
                WHERE id IN (SELECT booking_id FROM changes WHERE subject = 'booking' AND to_status = :status)"""
        ).bindparams(status=status)
    )
