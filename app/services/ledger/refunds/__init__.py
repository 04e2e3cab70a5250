"""Money back: the row with its key is committed first, the gateway is called after, silence stays open.

What a gateway cannot send back becomes credit in the same commit. A failed refund waits for staff (services/backoffice/repair).
"""

from app.services.ledger.refunds.refund_calls import due, is_silent, send, silent
from app.services.ledger.refunds.refund_news import apply
from app.services.ledger.refunds.refund_requests import (
    ask,
    can_go_back,
    credit_part,
    left_of,
    of_attempts,
    of_booking,
    word_of,
)
from app.services.ledger.refunds.refund_statuses import credit, hasten, retry, send_now, settle_by_hand

__all__ = [
    "apply",
    "ask",
    "can_go_back",
    "credit",
    "credit_part",
    "due",
    "hasten",
    "is_silent",
    "left_of",
    "of_attempts",
    "of_booking",
    "retry",
    "send",
    "send_now",
    "settle_by_hand",
    "silent",
    "word_of",
]
