"""Refunds: create, list, retrieve; and what a bank may do to one later."""

from typing import Any

from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.errors import Refused, Unknown
from sandbox.core.money_log import Movement
from sandbox.core.refunds import not_over
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.stripe import disputes, objects
from sandbox.stripe.events import tell
from sandbox.stripe.payments import put
from sandbox.stripe.wire import StripeError, endpoint, found, integer, known, listing, metadata

_PARAMS = words(
    """amount charge currency customer instructions_email metadata origin payment_intent reason
    refund_application_fee reverse_transfer"""
)
_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


@endpoint("/refunds", "POST", "refund")
def create(params: Params) -> Doc:
    """Money back, all that is left unless `amount` says less."""
    known(params, _PARAMS)
    charge = _charge(params)
    disputes.refuse_if_challenged(box(), charge)
    amount = _amount(params, charge)
    if params.get("reason") not in (None, *_REASONS):
        raise StripeError(400, f"Invalid reason: must be one of {', '.join(_REASONS)}", param="reason")
    refund = objects.refund(charge, amount, params.get("reason"), metadata(params))
    fault = box().faults.take("stripe", "refund", ("refund_pending", "refund_failed"))
    refund["status"] = {"refund_pending": "pending", "refund_failed": "pending"}.get(
        fault.fault if fault else "", "succeeded"
    )
    _begin(box(), refund, charge)
    if fault and fault.fault == "refund_failed":
        finish(box(), refund["id"], success=False)
    return refund


def by_hand(sandbox: Sandbox, charge_id: str, amount: int | None = None) -> Doc:
    """A colleague sends money back at Stripe's dashboard: no metadata of the merchant's system is on it."""
    with sandbox.store.change():
        charge = sandbox.store.get("charge", charge_id)
        if charge is None or not charge["captured"]:
            raise Unknown(f"No captured charge {charge_id}.")
        try:
            disputes.refuse_if_challenged(sandbox, charge)
            amount = _amount({"amount": amount} if amount else {}, charge)
        except StripeError as error:
            raise Refused(str(error)) from None
        refund = objects.refund(charge, amount, "requested_by_customer", {}) | {"status": "succeeded"}
        _begin(sandbox, refund, charge)
        return refund


@endpoint("/refunds/<refund_id>", "GET", "refund")
def retrieve(_: Params, refund_id: str) -> Doc:
    """The refund as it is now."""
    return found("refund", refund_id, "refund")


@endpoint("/refunds/<refund_id>", "POST", "refund")
def update(params: Params, refund_id: str) -> Doc:
    """Only what is noted on it can be changed."""
    known(params, words("metadata"))
    refund = found("refund", refund_id, "refund")
    refund["metadata"] |= metadata(params)
    box().store.put("refund", refund_id, refund)
    return refund


@endpoint("/refunds", "GET", "refund")
def list_refunds(params: Params) -> Doc:
    """Newest first; `payment_intent` or `charge` filters, and `created`."""
    known(params, words("charge created ending_before limit payment_intent starting_after"))
    rows = box().store.all("refund")
    for name in ("payment_intent", "charge"):
        rows = [row for row in rows if params.get(name) in (None, row[name])]
    return listing("/v1/refunds", rows, params)


def finish(sandbox: Sandbox, refund_id: str, success: bool) -> Doc:
    """A refund goes through, or fails (even after it had succeeded) and the money is the merchant's again."""
    with sandbox.store.change():
        refund = not_over(sandbox, "refund", refund_id, ("failed", "succeeded") if success else ("failed",))
        charge = sandbox.store.get("charge", refund["charge"]) or {}
        if success:
            _log(sandbox, refund, charge, "refund")
        else:
            _undo(sandbox, refund, charge)
        before = refund["status"]
        refund["status"] = "succeeded" if success else "failed"
        put(sandbox, "refund", refund)
        tell(sandbox, "refund.updated", refund, {"status": before})
        if not success:
            tell(sandbox, "refund.failed", refund)
        return refund


def _begin(sandbox: Sandbox, refund: Doc, charge: Doc) -> None:
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    put(sandbox, "charge", charge)
    put(sandbox, "refund", refund)
    if refund["status"] == "succeeded":
        _log(sandbox, refund, charge, "refund")
    tell(sandbox, "refund.created", refund)
    tell(sandbox, "charge.refunded", charge)
    tell(sandbox, "refund.updated", refund)


def _undo(sandbox: Sandbox, refund: Doc, charge: Doc) -> None:
    if refund["status"] == "succeeded":
        _log(sandbox, refund, charge, "refund_failed")
    refund["failure_reason"] = "lost_or_stolen_card"
    charge |= {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
    put(sandbox, "charge", charge)


def _log(sandbox: Sandbox, refund: Doc, charge: Doc, kind: str) -> None:
    intent = refund["payment_intent"]
    ours = charge["_reference"]
    sandbox.moved(Movement("stripe", kind, intent, ours, refund["amount"], refund["currency"], refund["id"]))


def _charge(params: Params) -> Doc:
    """The charge to refund, from `charge` or from `payment_intent`."""
    charge_id: Any = params.get("charge")
    if "payment_intent" in params:
        charge_id = found("intent", params["payment_intent"], "payment_intent", "intent")["latest_charge"]
    if not charge_id:
        raise StripeError(
            400, "One of the following params should be provided for this request: payment_intent or charge."
        )
    charge = found("charge", charge_id, "charge")
    if not charge["captured"]:
        raise StripeError(
            400, "This PaymentIntent does not have a successful charge to refund.", param="payment_intent"
        )
    return charge


def _amount(params: Params, charge: Doc) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = integer(params.get("amount", left), "amount")
    if not 0 < amount <= left:
        text = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise StripeError(400, text, param="amount")
    return amount
