"""Practitioners' other calendars."""

from app.jobs.context import job
from app.services.practice import external_calendars


@job
def read(feed_id: int) -> None:
    """What the calendar says is taken is known, if it was due."""
    external_calendars.read(feed_id)
