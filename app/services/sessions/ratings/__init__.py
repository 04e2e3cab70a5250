"""Ratings: given once after a session, answered by the practitioner, hidden by staff with a reason.

Only public ones that are not hidden count in what everybody sees: a private one is for the practitioner, who sees both.
"""

from app.services.sessions.ratings.moderation import answer, hide, may, show
from app.services.sessions.ratings.new_ratings import TAGS, TEXT_LIMIT, Opinion, actions, rate
from app.services.sessions.ratings.rating_queries import (
    PAGE,
    Attendance,
    Page,
    Received,
    Summary,
    attendance,
    find,
    get,
    of_booking,
    public,
    received,
    summaries,
    summary,
)

__all__ = [
    "PAGE",
    "TAGS",
    "TEXT_LIMIT",
    "Attendance",
    "Opinion",
    "Page",
    "Received",
    "Summary",
    "actions",
    "answer",
    "attendance",
    "find",
    "get",
    "hide",
    "may",
    "of_booking",
    "public",
    "rate",
    "received",
    "show",
    "summaries",
    "summary",
]
