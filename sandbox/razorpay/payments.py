"""What a payer or a bank does to a Razorpay order, and what the merchant does to a payment."""

from typing import Any

from sandbox.core import accounts
from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.errors import Refused, Unknown
from sandbox.core.money_log import Movement
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.razorpay import orders
from sandbox.razorpay.events import tell
from sandbox.razorpay.wire import RazorpayError, collection, endpoint, found, known

FAILURE = {
    "error_code": "BAD_REQUEST_ERROR",
    "error_description": "Your payment was declined by your bank. Try another way to pay.",
    "error_source": "customer",
    "error_step": "payment_authorization",
    "error_reason": "payment_failed",
}


def pay(sandbox: Sandbox, order_id: str, vpa: str = "", contact: str = "", amount: int | None = None) -> Doc:
    """The payer approves: authorised, and captured at once unless the order asks for manual capture."""
    with sandbox.store.change():
        order = _payable(sandbox, order_id)
        payment = new(order, vpa, contact)
        payment |= {"status": "authorized", "amount": amount or payment["amount"]}
        order |= {"attempts": order["attempts"] + 1, "status": "attempted"}
        orders.save(sandbox, order)
        save(sandbox, payment)
        tell(sandbox, "payment.authorized", payment=payment)
        stays = order["_manual"] or not accounts.of(sandbox, "razorpay")["captures"]
        return payment if stays else take(sandbox, payment)


def fail(sandbox: Sandbox, order_id: str, vpa: str = "", contact: str = "") -> Doc:
    """The bank refuses; the order may be paid again."""
    with sandbox.store.change():
        order = _payable(sandbox, order_id)
        payment = new(order, vpa, contact) | {"status": "failed"} | FAILURE
        order |= {"attempts": order["attempts"] + 1, "status": "attempted"}
        orders.save(sandbox, order)
        save(sandbox, payment)
        tell(sandbox, "payment.failed", payment=payment)
        return payment


def take(sandbox: Sandbox, payment: Doc) -> Doc:
    """The money is the merchant's; two events say so."""
    order = sandbox.store.get("order", payment["order_id"]) or {}
    payment |= {"status": "captured", "captured": True, "fee": payment["amount"] // 50}
    order |= {"status": "paid", "amount_paid": payment["amount"], "amount_due": 0}
    orders.save(sandbox, order)
    save(sandbox, payment)
    sandbox.moved(
        Movement("razorpay", "capture", payment["id"], reference(order), payment["amount"], payment["currency"])
    )
    tell(sandbox, "payment.captured", payment=payment)
    tell(sandbox, "order.paid", payment=payment, order=order)
    return payment


@endpoint("/payments/<payment_id>", "GET", "retrieve")
def retrieve(_: Params, payment_id: str) -> Doc:
    """The payment as it is now."""
    return found("payment", payment_id)


@endpoint("/payments", "GET", "lists")
def list_payments(params: Params) -> Doc:
    """Newest first; `from` and `to` filter."""
    return collection(box().store.all("payment"), params)


@endpoint("/payments/<payment_id>/capture", "POST", "capture")
def capture(params: Params, payment_id: str) -> Doc:
    """Take an authorised payment; the amount must be all of it."""
    known(params, words("amount currency"))
    payment = found("payment", payment_id)
    if payment["captured"]:
        raise RazorpayError("This payment has already been captured")
    if payment["status"] != "authorized":
        raise RazorpayError("Only payments which have been authorized and not yet captured can be captured")
    if params.get("amount") != payment["amount"]:
        raise RazorpayError("Capture amount must be equal to the amount authorized", "amount")
    if params.get("currency", "INR") != payment["currency"]:
        raise RazorpayError("Payment currency does not match", "currency")
    return take(box(), payment)


def save(sandbox: Sandbox, payment: Doc) -> None:
    """Remember a payment; findable by its order."""
    sandbox.store.put("payment", payment["id"], payment, ref=payment["order_id"])


def reference(order: Doc) -> str:
    """The merchant's own reference of an order, for the money log."""
    notes: Any = order["notes"]
    return order["receipt"] or (str(next(iter(notes.values()))) if notes else "")


def _payable(sandbox: Sandbox, order_id: str) -> Doc:
    order = sandbox.store.get("order", order_id)
    if order is None:
        raise Unknown(f"No order {order_id}.")
    if order["status"] == "paid":
        raise Refused("This order has already been paid.")
    return order


def payment_of(sandbox: Sandbox, payment_id: str) -> Doc:
    """The payment. Raises Unknown."""
    payment = sandbox.store.get("payment", payment_id)
    if payment is None:
        raise Unknown(f"No payment {payment_id}.")
    return payment


def new(order: Doc, vpa: str, contact: str) -> Doc:
    """A payment as it begins: one more try at its order."""
    vpa = vpa or "success@razorpay"
    return {
        "id": new_id("pay_"),
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "status": "created",
        "order_id": order["id"],
        "method": "upi",
        "vpa": vpa,
        "captured": False,
        "amount_refunded": 0,
        "refund_status": None,
        "email": "payer@example.test",
        "contact": contact or "+919876543210",
        "notes": [],  # those of the order do not reach the payment
        "fee": None,
        "tax": None,
        **dict.fromkeys(FAILURE),
        "acquirer_data": {"rrn": new_id("", 12, "0123456789")},
        "upi": {"vpa": vpa},
        "created_at": int(now()),
    }
