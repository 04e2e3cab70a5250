"""A session's name in people's calendars stays what it is; a calendar that is read says which entries it could not count."""

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mails of the bookings that are there have said their number and the host of PUBLIC_URL, which stays their name."""
    op.add_column("bookings", sa.Column("uid_host", sa.String(length=255), server_default="", nullable=False))
    op.add_column("busy_feeds", sa.Column("left_out", sa.String(length=300), server_default="", nullable=False))
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "kikao"
    op.execute(sa.text("UPDATE bookings SET uid_host = :host").bindparams(host=host))


def downgrade() -> None:
    """Sessions are named by PUBLIC_URL again: calendars keep what was booked meanwhile under its other name."""
    op.drop_column("busy_feeds", "left_out")
    op.drop_column("bookings", "uid_host")
