"""Which Kikao this is goes into every object at a vendor, and what their lists held is counted."""

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The installation has its name from now on, and every backup that is made has it too."""
    installations = op.create_table(
        "installations",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
        sa.CheckConstraint("id = 1", name=op.f("ck_installations_one")),
    )
    code = "".join(secrets.choice(_LETTERS) for _ in range(16))
    op.bulk_insert(installations, [{"id": 1, "code": code, "made_at": datetime.now(UTC)}])
    counts = [sa.Column(name, sa.Integer(), nullable=False) for name in ("seen", "ours", "others", "landed", "reviews")]
    op.create_table(
        "pulls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(20), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("error", sa.String(60), nullable=False),
        *counts,
        sa.Column("unheard", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulls")),
    )
    op.create_index("ix_pulls_gateway_begun_at", "pulls", ["gateway", "begun_at"])


def downgrade() -> None:
    """An earlier version knows no installations."""
    op.drop_index("ix_pulls_gateway_begun_at", "pulls")
    op.drop_table("pulls")
    op.drop_table("installations")
