"""What staff can do about money without a programmer. Every act is a Change row with who, why and when.

Everything here raises NotFound, Invalid (evidence_missing, too_long) and Conflict (not_allowed) and changes nothing then.
"""

from app.services.backoffice.repair.dispute_acts import end_dispute
from app.services.backoffice.repair.message_acts import try_send_again
from app.services.backoffice.repair.payment_acts import ask_gateway, can_be_asked, dismiss, refund, replay, way_back
from app.services.backoffice.repair.payout_acts import refuse_payout, settle_payout
from app.services.backoffice.repair.receipt_acts import enter_receipt, takes_receipt
from app.services.backoffice.repair.refund_acts import (
    chase_refund,
    credit_refund,
    remedies_for,
    retry_refund,
    settle_refund,
)
from app.services.backoffice.repair.review_acts import decisions_for, effect_of, outcome, resolve
from app.services.backoffice.repair.staff_acts import EVIDENCE_LIMIT, checked_evidence
from app.services.backoffice.repair.waiver_acts import (
    agree_waiver,
    propose_waiver,
    withdraw_waiver,
)

__all__ = [
    "EVIDENCE_LIMIT",
    "agree_waiver",
    "ask_gateway",
    "can_be_asked",
    "chase_refund",
    "checked_evidence",
    "credit_refund",
    "decisions_for",
    "dismiss",
    "effect_of",
    "end_dispute",
    "enter_receipt",
    "outcome",
    "propose_waiver",
    "refund",
    "refuse_payout",
    "remedies_for",
    "replay",
    "resolve",
    "retry_refund",
    "settle_payout",
    "settle_refund",
    "takes_receipt",
    "try_send_again",
    "way_back",
    "withdraw_waiver",
]
