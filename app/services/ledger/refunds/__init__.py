"""Money back: the row with its key is committed, the gateway is called after, silence stays open.

What a gateway cannot send back becomes credit in the same commit. A failed refund waits for staff (services/backoffice/repair).
"""

from app.services.ledger.paid_amounts import can_go_back
from app.services.ledger.refunds.refund_calls import due, in_doubt, is_in_doubt, send
from app.services.ledger.refunds.refund_news import add_elsewhere, cannot_place, is_known, try_apply
from app.services.ledger.refunds.refund_requests import (
    ask,
    credit_part,
    left_of,
    means_of,
    of_attempts,
    of_booking,
    way_word,
    word_of,
)
from app.services.ledger.refunds.refund_set_offs import heed_dispute, set_off
from app.services.ledger.refunds.refund_statuses import (
    send_now,
    try_credit,
    try_hasten,
    try_retry,
    try_settle_by_hand,
    try_waive,
)

__all__ = [
    "add_elsewhere",
    "ask",
    "can_go_back",
    "cannot_place",
    "credit_part",
    "due",
    "heed_dispute",
    "in_doubt",
    "is_in_doubt",
    "is_known",
    "left_of",
    "means_of",
    "of_attempts",
    "of_booking",
    "send",
    "send_now",
    "set_off",
    "try_apply",
    "try_credit",
    "try_hasten",
    "try_retry",
    "try_settle_by_hand",
    "try_waive",
    "way_word",
    "word_of",
]
