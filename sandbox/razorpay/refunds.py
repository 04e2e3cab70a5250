"""Razorpay refunds: create, retrieve, list; and what a bank may do to one later."""

from typing import Any

from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.errors import Refused
from sandbox.core.money_log import Movement
from sandbox.core.refunds import not_over
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.razorpay import payments
from sandbox.razorpay.events import tell
from sandbox.razorpay.wire import RazorpayError, collection, endpoint, found, known, notes

_PARAMS = words("amount speed notes receipt")


@endpoint("/payments/<payment_id>/refund", "POST", "refund")
def create(params: Params, payment_id: str) -> Doc:
    """Money back, all that is left unless `amount` says less."""
    known(params, _PARAMS)
    payment = found("payment", payment_id)
    amount = _amount(params, payment)
    fault = box().faults.take("razorpay", "refund", ("refund_pending", "refund_failed", "no_balance"))
    if fault and fault.fault == "no_balance":  # what is captured settles only after two working days
        raise RazorpayError("Your account does not have enough balance to carry out the refund operation.")
    refund = _begin(box(), payment, amount, params)
    if fault is None:
        return finish(box(), refund["id"], success=True)
    return refund if fault.fault == "refund_pending" else finish(box(), refund["id"], success=False)


def by_hand(sandbox: Sandbox, payment_id: str, amount: int | None = None) -> Doc:
    """A colleague sends money back at Razorpay's dashboard: no key of the merchant's system is on it."""
    with sandbox.store.change():
        payment = payments.payment_of(sandbox, payment_id)
        try:
            amount = _amount({"amount": amount} if amount else {}, payment)
        except RazorpayError as error:
            raise Refused(str(error)) from None
        return finish(sandbox, _begin(sandbox, payment, amount, {})["id"], success=True)


def give_back(sandbox: Sandbox, payment: Doc) -> Doc:
    """The payment, which Razorpay itself has sent back: it was authorised only, and the merchant never had it."""
    refund = _begin(sandbox, payment, payment["amount"], {})
    refund["status"] = "processed"
    _save(sandbox, refund)
    tell(sandbox, "refund.processed", refund=refund, payment=payment)
    return payment


def _begin(sandbox: Sandbox, payment: Doc, amount: int, params: Params) -> Doc:
    refund = _new(payment, amount, params)
    payment["amount_refunded"] += amount
    _mark(payment)
    payments.save(sandbox, payment)
    _save(sandbox, refund)
    tell(sandbox, "refund.created", refund=refund, payment=payment)
    return refund


@endpoint("/refunds/<refund_id>", "GET", "refund")
def retrieve(_: Params, refund_id: str) -> Doc:
    """The refund as it is now."""
    return found("rzp_refund", refund_id)


@endpoint("/refunds", "GET", "refund")
def list_refunds(params: Params) -> Doc:
    """Newest first."""
    return collection(box().store.all("rzp_refund"), params)


@endpoint("/payments/<payment_id>/refunds", "GET", "refund")
def payment_refunds(params: Params, payment_id: str) -> Doc:
    """Every refund of a payment, newest first."""
    found("payment", payment_id)
    return collection(box().store.by_ref("rzp_refund", payment_id), params)


@endpoint("/payments/<payment_id>/refunds/<refund_id>", "GET", "refund")
def payment_refund(_: Params, payment_id: str, refund_id: str) -> Doc:
    """One refund of a payment."""
    found("payment", payment_id)
    return found("rzp_refund", refund_id)


def finish(sandbox: Sandbox, refund_id: str, success: bool) -> Doc:
    """A refund goes through, or fails (even after it was processed) and the money is the merchant's again."""
    with sandbox.store.change():
        refund = not_over(sandbox, "rzp_refund", refund_id, ("failed", "processed") if success else ("failed",))
        payment = payments.payment_of(sandbox, refund["payment_id"])
        if not payment["captured"]:
            raise Refused("This was never the merchant's: Razorpay sent it back by itself.")
        if success:
            _log(sandbox, "refund", refund, payment)
        else:
            _undo(sandbox, refund, payment)
        refund["status"] = "processed" if success else "failed"
        _save(sandbox, refund)
        tell(sandbox, f"refund.{refund['status']}", refund=refund, payment=payment)
        return refund


def _undo(sandbox: Sandbox, refund: Doc, payment: Doc) -> None:
    if refund["status"] == "processed":
        _log(sandbox, "refund_failed", refund, payment)
    payment["amount_refunded"] -= refund["amount"]
    _mark(payment)
    payments.save(sandbox, payment)


def _mark(payment: Doc) -> None:
    back = payment["amount_refunded"]
    whole = back >= payment["amount"]
    payment |= {"refund_status": "full" if whole else "partial" if back else None}
    payment["status"] = "refunded" if whole else "captured"


def _log(sandbox: Sandbox, kind: str, refund: Doc, payment: Doc) -> None:
    ours = payments.reference(sandbox.store.get("order", payment["order_id"]) or {})
    sandbox.moved(Movement("razorpay", kind, payment["id"], ours, refund["amount"], refund["currency"], refund["id"]))


def _save(sandbox: Sandbox, refund: Doc) -> None:
    sandbox.store.put("rzp_refund", refund["id"], refund, ref=refund["payment_id"])


def _amount(params: Params, payment: Doc) -> int:
    if payment["status"] == "refunded":
        raise RazorpayError("The payment has been fully refunded already")
    if payment["status"] != "captured":
        raise RazorpayError("The payment status should be captured for action to be taken")
    left = payment["amount"] - payment["amount_refunded"]
    amount: Any = params.get("amount", left)
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise RazorpayError("The amount must be an integer.", "amount")
    if amount < 100:
        raise RazorpayError("The amount must be atleast INR 1.00", "amount")
    if amount > left:
        raise RazorpayError("The total refund amount is greater than the refund payment amount", "amount")
    return amount


def _new(payment: Doc, amount: int, params: Params) -> Doc:
    speed = params.get("speed", "normal")
    return {
        "id": new_id("rfnd_"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": notes(params),
        "receipt": params.get("receipt"),
        "acquirer_data": {"arn": None},
        "batch_id": None,
        "created_at": int(now()),
        "status": "pending",
        "speed_processed": "normal",
        "speed_requested": speed,
    }
