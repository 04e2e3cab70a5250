"""Checkout Sessions: create, retrieve, list, expire."""

from typing import Any

from flask import request

from sandbox.core.clock import now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.stripe import account, methods, objects
from sandbox.stripe.events import tell
from sandbox.stripe.wire import (
    StripeError,
    endpoint,
    found,
    integer,
    known,
    listing,
    metadata,
    required,
)

# What 2026-10-28.endive accepts; payment_method_types left in 2026-09-30.endive.
_PARAMS = words(
    """adaptive_pricing after_expiration allow_promotion_codes allowed_payment_method_types automatic_tax
    billing_address_collection branding_settings cancel_url client_reference_id consent_collection currency
    custom_fields custom_text customer customer_account customer_creation customer_email customer_update discounts
    excluded_payment_method_types expires_at integration_identifier invoice_creation line_items locale
    managed_payments metadata mode name_collection optional_items origin_context payment_intent_data
    payment_method_collection payment_method_configuration payment_method_data payment_method_options permissions
    phone_number_collection redirect_on_completion return_url saved_payment_method_options setup_intent_data
    shipping_address_collection shipping_options submit_type subscription_data success_url tax_id_collection
    ui_mode wallet_options"""
)
_INTENT_DATA = words(
    """application_fee_amount capture_method description metadata on_behalf_of receipt_email setup_future_usage
    shipping statement_descriptor statement_descriptor_suffix transfer_data transfer_group"""
)
_LINE_ITEM = words("adjustable_quantity metadata price price_data quantity tax_rates")
_PRICE = words("currency product product_data recurring tax_behavior unit_amount unit_amount_decimal")
_PRODUCT = words("description images metadata name tax_code tax_details unit_label")
_MINIMUM = {"usd": 50, "eur": 50, "gbp": 30, "kes": 6500, "inr": 4500, "jpy": 50}  # about 0.50 USD
_SHORTEST = 30 * 60
_LONGEST = 24 * 3600


@endpoint("/checkout/sessions", "POST", "create")
def create(params: Params) -> Doc:
    """An open session and the address of its page."""
    _check(params)
    items = [_line_item(item, f"line_items[{n}]") for n, item in enumerate(_items(params))]
    if len({item["currency"] for item in items}) > 1:
        raise StripeError(400, "All line items must have the same currency.", param="line_items")
    total = sum(item["amount_total"] for item in items)
    _check_total(total, items[0]["currency"])
    session = objects.session(params, items, account.page_base(request.host_url.rstrip("/")))
    session["payment_method_types"] = methods.offered(params, items[0]["currency"], total)
    save(box(), session)
    return session


@endpoint("/checkout/sessions/<session_id>", "GET", "retrieve")
def retrieve(_: Params, session_id: str) -> Doc:
    """The session as it is now."""
    return get(session_id)


@endpoint("/checkout/sessions", "GET", "list")
def list_sessions(params: Params) -> Doc:
    """Newest first; `payment_intent` finds the one session of an intent, `status` those that are still open."""
    intent = params.get("payment_intent")
    rows = box().store.by_ref("session", intent) if intent else box().store.all("session")
    if status := params.get("status"):
        rows = [row for row in rows if row["status"] == status]
    return listing("/v1/checkout/sessions", rows, params)


@endpoint("/checkout/sessions/<session_id>/expire", "POST", "expire")
def expire(_: Params, session_id: str) -> Doc:
    """The session can no longer be paid; refused unless it is open, which usually means that it was just paid."""
    session = get(session_id)
    if session["status"] != "open":
        text = 'Only Checkout Sessions with a status in ["open"] can be expired. '
        raise StripeError(400, f"{text}This Checkout Session has a status of {session['status']}.")
    return end(box(), session)


def get(session_id: str) -> Doc:
    """The session, or Stripe's 404; one that is past its time counts as expired although no sweep came by yet."""
    session = found("session", session_id, "checkout.session", "session")
    if session["status"] == "open" and session["expires_at"] <= now():
        return end(box(), session)
    return session


def end(sandbox: Sandbox, session: Doc) -> Doc:
    """Expire an open session and say so."""
    session |= {"status": "expired", "url": None}
    save(sandbox, session)
    tell(sandbox, "checkout.session.expired", session)
    return session


def expire_overdue(sandbox: Sandbox) -> None:
    """End every open session whose time is over."""
    for overdue in sandbox.store.due("session", now()):
        with sandbox.store.change():
            session = sandbox.store.get("session", overdue["id"])
            if session and session["status"] == "open":
                end(sandbox, session)


def save(sandbox: Sandbox, session: Doc) -> None:
    """Remember a session; findable by its intent, due when it expires."""
    due = session["expires_at"] if session["status"] == "open" else None
    sandbox.store.put("session", session["id"], session, ref=session["payment_intent"], due=due)


# ------------------------------------------------------------------------------------------------ checks


def _check(params: Params) -> None:
    known(params, _PARAMS)
    if required(params, "mode") != "payment":
        raise StripeError(400, "The sandbox only knows mode `payment`.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise StripeError(400, "Invalid ui_mode: must be `hosted_page` (the sandbox knows no other).", param="ui_mode")
    for name in ("success_url", "cancel_url"):
        _check_url(params, name)
    if len(params.get("client_reference_id", "")) > 200:
        raise StripeError(400, "Invalid string: must be at most 200 characters", param="client_reference_id")
    if "expires_at" in params:
        params["expires_at"] = _expiry(params["expires_at"])
    params["metadata"] = metadata(params)
    _check_intent_data(params.setdefault("payment_intent_data", {}))


def _check_url(params: Params, name: str) -> None:
    url = required(params, name) if name == "success_url" else params.get(name)
    if url and not url.startswith(("http://", "https://")):
        raise StripeError(400, "Not a valid URL", code="url_invalid", param=name)


def _check_intent_data(data: Params) -> None:
    known(data, _INTENT_DATA, "payment_intent_data")
    data["metadata"] = metadata(data, "payment_intent_data[metadata]")
    if data.get("capture_method", "automatic") not in ("automatic", "automatic_async", "manual"):
        raise StripeError(400, "Invalid capture_method", param="payment_intent_data[capture_method]")


def _expiry(value: Any) -> int:
    moment = integer(value, "expires_at")
    created = int(now())
    if moment - created < _SHORTEST:
        text = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise StripeError(400, text, param="expires_at")
    if moment - created > _LONGEST:
        text = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise StripeError(400, text, param="expires_at")
    return moment


def _items(params: Params) -> list[Params]:
    items = required(params, "line_items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise StripeError(400, "Invalid array", param="line_items")
    return items


def _line_item(item: Params, where: str) -> Doc:
    known(item, _LINE_ITEM, where)
    if "price" in item:
        raise StripeError(400, f"No such price: '{item['price']}'", code="resource_missing", param=f"{where}[price]")
    price = required(item, "price_data", where)
    inside = f"{where}[price_data]"
    known(price, _PRICE, inside)
    product = required(price, "product_data", inside)
    known(product, _PRODUCT, f"{inside}[product_data]")
    name = required(product, "name", f"{inside}[product_data]")
    currency = required(price, "currency", inside).lower()
    amount = integer(required(price, "unit_amount", inside), f"{inside}[unit_amount]")
    quantity = integer(required(item, "quantity", where), f"{where}[quantity]")
    if amount < 0 or quantity < 1 or len(currency) != 3:
        raise StripeError(400, "Invalid line item: currency, unit_amount or quantity is out of range.", param=where)
    return objects.line_item(name, currency, amount, quantity)


def _check_total(total: int, currency: str) -> None:
    if total < _MINIMUM.get(currency, 1):
        text = "The Checkout Session's total amount due must add up to at least the equivalent of $0.50 usd"
        raise StripeError(400, text, code="amount_too_small", param="line_items")
    if total > methods.CARD_MAXIMUM:
        text = f"The total must be no more than {methods.CARD_MAXIMUM}."
        raise StripeError(400, text, code="amount_too_large", param="line_items")
