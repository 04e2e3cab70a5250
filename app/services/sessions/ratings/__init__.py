"""Ratings: given once by each side after a session, answered by the practitioner, hidden by staff with a reason.

Only clients' public ones that are not hidden count in what everybody sees: a private one is for the practitioner, who sees both.
What a practitioner says about a client those two read, and staff; whom that client asks next sees what all of them come to.
"""

from app.services.sessions.ratings.moderation import answer, hide, may, show
from app.services.sessions.ratings.new_ratings import TAGS, TEXT_LIMIT, Opinion, actions, rate, rate_client
from app.services.sessions.ratings.rating_queries import (
    PAGE,
    Attendance,
    Page,
    Received,
    Summary,
    attendance,
    find,
    get,
    given_by,
    public,
    received,
    received_as_client,
    received_page,
    summaries,
    summary,
    summary_of_client,
    summary_of_person,
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
    "given_by",
    "hide",
    "may",
    "public",
    "rate",
    "rate_client",
    "received",
    "received_as_client",
    "received_page",
    "show",
    "summaries",
    "summary",
    "summary_of_client",
    "summary_of_person",
]
