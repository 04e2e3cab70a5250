"""What a payer's bank does to a charge: it asks, challenges it, takes the money at once, and decides.

Like the real one a dispute carries no metadata of the merchant's, and while its money is withdrawn nothing of the charge is
refunded. An enquiry (`warning_…`) withdraws nothing. https://docs.stripe.com/disputes/how-disputes-work
"""

from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.errors import Refused, Unknown
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.stripe.events import tell
from sandbox.stripe.payments import put
from sandbox.stripe.wire import StripeError, endpoint, known, listing

_FEE = 1500  # in the account's own currency, and not given back
_DAYS_TO_ANSWER = 9
_OVER = ("won", "lost", "warning_closed")


@endpoint("/disputes", "GET", "lists")
def list_disputes(params: Params) -> Doc:
    """Newest first; `payment_intent` or `charge` filters, and `created`."""
    known(params, words("charge created ending_before limit payment_intent starting_after"))
    rows = box().store.all("dispute")
    for name in ("payment_intent", "charge"):
        rows = [row for row in rows if params.get(name) in (None, row[name])]
    return listing("/v1/disputes", rows, params)


def dispute(sandbox: Sandbox, charge_id: str, amount: int | None = None, enquiry: bool = False) -> Doc:
    """The payer's bank challenges a charge or a part of it; with `enquiry` it only asks."""
    with sandbox.store.change():
        charge = sandbox.store.get("charge", charge_id)
        if charge is None:
            raise Unknown(f"No charge {charge_id}.")
        made = _new(charge, amount or charge["amount"], "warning_needs_response" if enquiry else "needs_response")
        charge["disputed"] = True
        put(sandbox, "charge", charge)
        _save(sandbox, made)
        tell(sandbox, "charge.dispute.created", made)
        return made if enquiry else _withdraw(sandbox, made)


def escalate(sandbox: Sandbox, dispute_id: str) -> Doc:
    """The bank is not content with the answer to its enquiry: the same dispute is a chargeback now."""
    with sandbox.store.change():
        made = _open(sandbox, dispute_id)
        if not made["status"].startswith("warning_"):
            raise Refused("This is no enquiry.")
        before = made["status"]
        made["status"] = "needs_response"
        _save(sandbox, made)
        tell(sandbox, "charge.dispute.updated", made, {"status": before})
        return _withdraw(sandbox, made)


def win(sandbox: Sandbox, dispute_id: str) -> Doc:
    """The bank lets the merchant keep the money, and what was withdrawn comes back."""
    with sandbox.store.change():
        made = _open(sandbox, dispute_id)
        asked = made["status"].startswith("warning_")
        made = _close(sandbox, made, "warning_closed" if asked else "won")
        if not asked:
            made["balance_transactions"].append(_moved(made, made["amount"], "dispute_reversal", 0))
            _save(sandbox, made)
            tell(sandbox, "charge.dispute.funds_reinstated", made)
        return made


def lose(sandbox: Sandbox, dispute_id: str) -> Doc:
    """The bank decides for the payer."""
    with sandbox.store.change():
        return _close(sandbox, _open(sandbox, dispute_id), "lost")


def refuse_if_challenged(sandbox: Sandbox, charge: Doc) -> None:
    """Nothing of a charge goes back while a dispute has its money, or after it was lost. Raises StripeError."""
    rows = (row for row in sandbox.store.all("dispute") if row["charge"] == charge["id"])
    if any(row["status"] != "won" and not row["status"].startswith("warning_") for row in rows):
        raise StripeError(
            400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )


def _open(sandbox: Sandbox, dispute_id: str) -> Doc:
    made = sandbox.store.get("dispute", dispute_id)
    if made is None:
        raise Unknown(f"No dispute {dispute_id}.")
    if made["status"] in _OVER:
        raise Refused(f"This dispute is {made['status']}.")
    return made


def _withdraw(sandbox: Sandbox, made: Doc) -> Doc:
    made["balance_transactions"].append(_moved(made, -made["amount"], "dispute", _FEE))
    made["is_charge_refundable"] = False
    _save(sandbox, made)
    tell(sandbox, "charge.dispute.funds_withdrawn", made)
    return made


def _close(sandbox: Sandbox, made: Doc, status: str) -> Doc:
    made["status"] = status
    _save(sandbox, made)
    tell(sandbox, "charge.dispute.closed", made)
    return made


def _moved(made: Doc, amount: int, kind: str, fee: int) -> Doc:
    return {
        "id": new_id("txn_", 24),
        "object": "balance_transaction",
        "amount": amount,
        "currency": made["currency"],
        "fee": fee,
        "net": amount - fee,
        "reporting_category": kind,
    }


def _save(sandbox: Sandbox, made: Doc) -> None:
    sandbox.store.put("dispute", made["id"], made, ref=made["payment_intent"])


def _new(of: Doc, amount: int, status: str) -> Doc:
    return {
        "id": new_id("du_", 24),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of["id"],
        "created": int(now()),
        "currency": of["currency"],
        "evidence_details": {
            "due_by": int(now()) + _DAYS_TO_ANSWER * 86400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": True,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "reason": "fraudulent",
        "status": status,
    }
