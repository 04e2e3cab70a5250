"""The agreement: asking for a session, answering, cancelling, holding it. Money is next door, in payments."""

from app.services.bookings.answering import (
    REASON_LIMIT,
    approve,
    cancel,
    confirm,
    decline,
    expire,
    overdue,
    tell_confirmed,
    would_come_back,
)
from app.services.bookings.asking import NOTES_LIMIT, Requested, new_booking, open_request, request, standing
from app.services.bookings.calling import end_call, start_call
from app.services.bookings.holding import complete, no_show, start
from app.services.bookings.meeting import Meeting, change_link, is_ready, meeting_of, word
from app.services.bookings.moves import actions, move, part_of, status_now
from app.services.bookings.reading import (
    PAGE,
    Page,
    attempts_of,
    counts,
    find,
    fresh,
    get,
    money_of,
    paid_attempts,
    story,
    to_pay,
)
from app.services.bookings.telling import is_over, money_shown, situation
from app.services.bookings.timing import link_from, possible_from

__all__ = [
    "NOTES_LIMIT",
    "PAGE",
    "REASON_LIMIT",
    "Meeting",
    "Page",
    "Requested",
    "actions",
    "approve",
    "attempts_of",
    "cancel",
    "change_link",
    "complete",
    "confirm",
    "counts",
    "decline",
    "end_call",
    "expire",
    "find",
    "fresh",
    "get",
    "is_over",
    "is_ready",
    "link_from",
    "meeting_of",
    "money_of",
    "money_shown",
    "move",
    "new_booking",
    "no_show",
    "open_request",
    "overdue",
    "paid_attempts",
    "part_of",
    "possible_from",
    "request",
    "situation",
    "standing",
    "start",
    "start_call",
    "status_now",
    "story",
    "tell_confirmed",
    "to_pay",
    "word",
    "would_come_back",
]
