"""Practitioners' other calendars."""

from app.jobs.context import job
from app.services import busy


@job
def read(feed_id: int) -> None:
    """What the calendar says is taken is known, if it was due."""
    busy.read(feed_id)
