"""Orders: create, retrieve, list. They do not expire and cannot be cancelled."""

from typing import Any

from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.razorpay.wire import RazorpayError, collection, endpoint, found, known, notes

_PARAMS = words(
    """amount currency receipt notes partial_payment first_payment_min_amount payment payment_capture unique_receipt
    offer_id method customer_id customer_details"""
)


@endpoint("/orders", "POST", "order")
def create(params: Params) -> Doc:
    """An order; with `unique_receipt` a repeated receipt gives the same order."""
    known(params, _PARAMS)
    amount = _amount(params)
    currency = _currency(params)
    receipt = params.get("receipt")
    if receipt is not None and (not isinstance(receipt, str) or len(receipt) > 40):
        raise RazorpayError("The receipt may not be greater than 40 characters.", "receipt")
    given_notes = notes(params)
    if params.get("unique_receipt") and receipt and (same := box().store.by_ref("order", receipt)):
        return same[-1]
    return make(box(), amount, currency, receipt, given_notes, manual=_manual(params))


def make(
    sandbox: Sandbox, amount: int, currency: str, receipt: str | None, given_notes: Any, *, manual: bool = False
) -> Doc:
    """A new order, whoever of the account asked for it."""
    order = {
        "id": new_id("order_"),
        "entity": "order",
        "amount": amount,
        "amount_paid": 0,
        "amount_due": amount,
        "currency": currency,
        "receipt": receipt,
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": given_notes,
        "created_at": int(now()),
        "_manual": manual,
    }
    save(sandbox, order)
    return order


@endpoint("/orders/<order_id>", "GET", "retrieve")
def retrieve(_: Params, order_id: str) -> Doc:
    """The order as it is now."""
    return found("order", order_id)


@endpoint("/orders", "GET", "retrieve")
def list_orders(params: Params) -> Doc:
    """Newest first, of those made between `from` and `to`; `receipt` and `authorized` (whether money was) filter too."""
    receipt = params.get("receipt")
    rows = box().store.by_ref("order", receipt) if receipt else box().store.all("order")
    if wanted := params.get("authorized"):
        rows = [row for row in rows if _is_authorised(row) == (wanted == "1")]
    since, until = (int(params.get(name, usual)) for name, usual in (("from", 0), ("to", now() + 1)))
    return collection([row for row in rows if since <= row["created_at"] <= until], params)


@endpoint("/orders/<order_id>/payments", "GET", "payments")
def order_payments(params: Params, order_id: str) -> Doc:
    """Every try at this order, newest first."""
    found("order", order_id)
    return collection(box().store.by_ref("payment", order_id), params)


def save(sandbox: Sandbox, order: Doc) -> None:
    """Remember an order; findable by its receipt."""
    sandbox.store.put("order", order["id"], order, ref=order["receipt"])


def _is_authorised(order: Doc) -> bool:
    tries = box().store.by_ref("payment", order["id"])
    return any(each["status"] in ("authorized", "captured", "refunded") for each in tries)


def _amount(params: Params) -> int:
    amount: Any = params.get("amount")
    if amount is None:
        raise RazorpayError("The amount field is required.", "amount")
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise RazorpayError("The amount must be an integer.", "amount")
    if amount < 100:
        raise RazorpayError("Order amount less than minimum amount allowed", "amount")
    return amount


def _currency(params: Params) -> str:
    currency = params.get("currency")
    if not currency:
        raise RazorpayError("The currency field is required.", "currency")
    if currency != "INR":  # this account has no international payments
        raise RazorpayError("Currency is not supported", "currency")
    return str(currency)


def _manual(params: Params) -> bool:
    rules = params.get("payment") or {}
    automatic = str(params.get("payment_capture", 1)).lower() in ("1", "true")
    return rules.get("capture") == "manual" or ("capture" not in rules and not automatic)
