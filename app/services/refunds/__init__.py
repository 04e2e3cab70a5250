"""Money back: the row with its key is committed first, the gateway is called after, silence stays open.

What a gateway cannot send back becomes credit in the same commit. A failed refund waits for staff (services/repair).
"""

from app.services.refunds.asking import ask, can_go_back, credit_part, left_of, of_attempts, of_booking, word_of
from app.services.refunds.moving import credit, hasten, retry, send_now, settle_by_hand
from app.services.refunds.news import apply
from app.services.refunds.sending import due, is_silent, send, silent

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
