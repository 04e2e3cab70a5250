"""What a payer's bank does to a payment: each challenge is a dispute of its own, and the next phase is another.

Razorpay takes the money when a dispute opens, and says so in `amount_deducted` only once it is lost.
https://razorpay.com/docs/api/disputes/entity, https://razorpay.com/docs/payments/disputes/chargeback-fees-and-penalties
"""

from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.errors import Refused, Unknown
from sandbox.core.store import Doc
from sandbox.razorpay import payments
from sandbox.razorpay.events import tell
from sandbox.razorpay.wire import collection, endpoint

# Business days to answer, by phase.
_DAYS_TO_ANSWER = {"fraud": 7, "retrieval": 7, "chargeback": 3, "pre_arbitration": 2, "arbitration": 1}


@endpoint("/disputes", "GET", "lists")
def list_disputes(params: Params) -> Doc:
    """Newest first; `from` and `to` filter."""
    return collection(box().store.all("rzp_dispute"), params)


def dispute(sandbox: Sandbox, payment_id: str, amount: int | None = None, phase: str = "chargeback") -> Doc:
    """The payer's bank challenges a payment or a part of it; after one that was won, in the next phase."""
    with sandbox.store.change():
        if phase not in _DAYS_TO_ANSWER:
            raise Refused(f"No phase {phase}.")
        payment = payments.payment_of(sandbox, payment_id)
        made = {
            "id": new_id("disp_"),
            "entity": "dispute",
            "payment_id": payment_id,
            "amount": amount or payment["amount"],
            "currency": payment["currency"],
            "amount_deducted": 0,
            "reason_code": "chargeback_authorization",
            "respond_by": int(now()) + _DAYS_TO_ANSWER[phase] * 86400,
            "status": "open",
            "phase": phase,
            "created_at": int(now()),
        }
        return _tell(sandbox, made, "created")


def review(sandbox: Sandbox, dispute_id: str) -> Doc:
    """The merchant has answered, and the bank looks at it."""
    return _move(sandbox, dispute_id, "under_review")


def win(sandbox: Sandbox, dispute_id: str) -> Doc:
    """The bank lets the merchant keep the money."""
    return _move(sandbox, dispute_id, "won")


def lose(sandbox: Sandbox, dispute_id: str) -> Doc:
    """The bank decides for the payer."""
    return _move(sandbox, dispute_id, "lost")


def _move(sandbox: Sandbox, dispute_id: str, status: str) -> Doc:
    with sandbox.store.change():
        made = sandbox.store.get("rzp_dispute", dispute_id)
        if made is None:
            raise Unknown(f"No dispute {dispute_id}.")
        if made["status"] in ("won", "lost"):
            raise Refused(f"This dispute is {made['status']}.")
        made["status"] = status
        made["amount_deducted"] = made["amount"] if status == "lost" else 0
        return _tell(sandbox, made, status)


def _tell(sandbox: Sandbox, made: Doc, event: str) -> Doc:
    sandbox.store.put("rzp_dispute", made["id"], made, ref=made["payment_id"])
    payment = payments.payment_of(sandbox, made["payment_id"])
    tell(sandbox, f"payment.dispute.{event}", payment=payment, dispute=made)
    return made
