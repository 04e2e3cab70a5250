"""Money back: the row with its key is committed first, the gateway is called after, silence stays open.

What a gateway cannot send back becomes credit in the same commit. A failed refund waits for staff (services/repair).
"""

from app.services.refunds.asking import ask, left_of, of_attempts
from app.services.refunds.moving import credit, retry, send_now, settle_by_hand
from app.services.refunds.news import apply
from app.services.refunds.sending import due, send

__all__ = [
    "apply",
    "ask",
    "credit",
    "due",
    "left_of",
    "of_attempts",
    "retry",
    "send",
    "send_now",
    "settle_by_hand",
]
