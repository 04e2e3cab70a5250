"""The agreement: asking for a session, answering, cancelling, holding it.

Money is next door, in payments.
"""

from app.services.bookings.approval import approve, tell_confirmed, try_confirm
from app.services.bookings.attendance import complete, no_show, start
from app.services.bookings.booking_actions import actions
from app.services.bookings.booking_queries import (
    PAGE,
    Happening,
    Page,
    attempts_of,
    counts,
    every,
    find,
    fresh,
    get,
    in_slot,
    money_of,
    paid_attempts,
    story,
    to_pay,
)
from app.services.bookings.booking_requests import (
    NOTES_LIMIT,
    Requested,
    Wish,
    new_booking,
    offer,
    open_request,
    request,
    standing,
)
from app.services.bookings.booking_words import is_over, is_owed, money_shown, situation
from app.services.bookings.calls import end_call, start_call
from app.services.bookings.cancellation import (
    REASON_LIMIT,
    cancel,
    clean_reason,
    decline,
    overdue,
    try_expire,
    waive,
    would_come_back,
    would_cost,
)
from app.services.bookings.meetings import Meeting, change_link, is_ready, meeting_of, settle_in, word
from app.services.bookings.status_changes import locked, role_in, status_now, transition
from app.services.bookings.time_windows import link_from, possible_from

__all__ = [
    "NOTES_LIMIT",
    "PAGE",
    "REASON_LIMIT",
    "Happening",
    "Meeting",
    "Page",
    "Requested",
    "Wish",
    "actions",
    "approve",
    "attempts_of",
    "cancel",
    "change_link",
    "clean_reason",
    "complete",
    "counts",
    "decline",
    "end_call",
    "every",
    "find",
    "fresh",
    "get",
    "in_slot",
    "is_over",
    "is_owed",
    "is_ready",
    "link_from",
    "locked",
    "meeting_of",
    "money_of",
    "money_shown",
    "new_booking",
    "no_show",
    "offer",
    "open_request",
    "overdue",
    "paid_attempts",
    "possible_from",
    "request",
    "role_in",
    "settle_in",
    "situation",
    "standing",
    "start",
    "start_call",
    "status_now",
    "story",
    "tell_confirmed",
    "to_pay",
    "transition",
    "try_confirm",
    "try_expire",
    "waive",
    "word",
    "would_come_back",
    "would_cost",
]
