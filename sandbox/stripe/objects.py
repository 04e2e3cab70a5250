"""The shapes of Stripe's objects when new. Keys that start with an underscore never leave the sandbox."""

from typing import Any

from sandbox.core.clock import new_id, now
from sandbox.core.store import Doc

AUTHORISATION_DAYS = 7


def session(params: Doc, items: list[Doc], base_url: str) -> Doc:
    """An open Checkout Session; it has no payment intent until somebody tries to pay."""
    id_ = new_id("cs_test_a1", 56)
    created = int(now())
    total = sum(item["amount_total"] for item in items)
    names = ("cancel_url", "client_reference_id", "customer_email", "locale", "success_url", "submit_type")
    return {
        "id": id_,
        "object": "checkout.session",
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "status": None},
        "created": created,
        "currency": items[0]["currency"],
        "customer": None,
        "customer_details": None,
        "expires_at": params.get("expires_at") or created + 86400,
        "livemode": False,
        "metadata": params["metadata"],
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": ["card"],  # and what else the request and the dashboard let it offer
        "payment_status": "unpaid",
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{base_url}/c/pay/{id_}",
        **{name: params.get(name) for name in names},
        "_line_items": items,
        "_intent_data": params.get("payment_intent_data", {}),
    }


def line_item(name: str, currency: str, unit_amount: int, quantity: int) -> Doc:
    """One line of a session."""
    return {
        "id": new_id("li_"),
        "object": "item",
        "amount_subtotal": unit_amount * quantity,
        "amount_total": unit_amount * quantity,
        "currency": currency,
        "description": name,
        "quantity": quantity,
        "price": {"id": new_id("price_"), "object": "price", "currency": currency, "unit_amount": unit_amount},
    }


def intent(of: Doc) -> Doc:
    """The payment intent of a session, made at the first try. Only payment_intent_data's metadata reaches it."""
    data = of["_intent_data"]
    id_ = new_id("pi_", 24)
    return {
        "id": id_,
        "object": "payment_intent",
        "amount": of["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": data.get("capture_method", "automatic_async"),
        "client_secret": f"{id_}_secret_sandbox",
        "created": int(now()),
        "currency": of["currency"],
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "payment_method": None,
        "payment_method_types": of["payment_method_types"],
        "receipt_email": data.get("receipt_email"),
        "status": "requires_payment_method",
        "_session": of["id"],
        "_reference": reference(of),
    }


def charge(of: Doc, card: str = "4242") -> Doc:
    """A charge of an intent, not captured yet."""
    manual = of["capture_method"] == "manual"
    details: dict[str, Any] = {"brand": "visa", "last4": card, "country": "FR"}
    if manual:
        details["capture_before"] = int(now()) + AUTHORISATION_DAYS * 86400
    return {
        "id": new_id("ch_", 24),
        "object": "charge",
        "amount": of["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "captured": False,
        "created": int(now()),
        "currency": of["currency"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": of["metadata"],
        "paid": True,
        "payment_intent": of["id"],
        "payment_method_details": {"type": "card", "card": details},
        "refunded": False,
        "status": "succeeded",
        "_reference": of["_reference"],
    }


def refund(of: Doc, amount: int, reason: str | None, meta: dict[str, str]) -> Doc:
    """A refund of a charge."""
    return {
        "id": new_id("re_", 24),
        "object": "refund",
        "amount": amount,
        "charge": of["id"],
        "created": int(now()),
        "currency": of["currency"],
        "metadata": meta,
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    }


def reference(of: Doc) -> str:
    """The merchant's own reference for a session, for the money log."""
    return of["client_reference_id"] or next(iter(of["metadata"].values()), "")
