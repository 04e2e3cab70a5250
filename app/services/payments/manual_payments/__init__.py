"""Money sent by other means: the payer shows a proof, the practitioner or staff say whether the money came."""

from app.services.core.uploads import LIMIT
from app.services.payments.manual_payments.proof_queries import (
    checker_of,
    get,
    get_to_decide,
    is_by_hand,
    is_in_hand,
    is_waiting,
    last_of,
    promised,
    remind,
    waiting_for,
    went_back,
)
from app.services.payments.manual_payments.proof_uploads import submit
from app.services.payments.manual_payments.proof_verdicts import decide, verify, verify_without_proof

__all__ = [
    "LIMIT",
    "checker_of",
    "decide",
    "get",
    "get_to_decide",
    "is_by_hand",
    "is_in_hand",
    "is_waiting",
    "last_of",
    "promised",
    "remind",
    "submit",
    "verify",
    "verify_without_proof",
    "waiting_for",
    "went_back",
]
