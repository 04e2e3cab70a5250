"""What we send to Stripe: everything is made from the frozen request alone.

Never from the clock or the settings: Stripe refuses the same idempotency key with other parameters.
https://docs.stripe.com/api/checkout/sessions/create, https://docs.stripe.com/api/refunds/create
"""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from app.gateways.base import CheckoutRequest, RefundRequest
from app.gateways.http import named
from app.gateways.stripe.stripe_facts import to_units

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsLineItemPriceData,
        SessionCreateParamsPaymentMethodOptions,
    )

# A session lives 30 minutes to 24 hours from when Stripe hears of it; well away from the edges, for clocks differ and a
# start that got no answer is sent again as it was, some minutes later.
SHORTEST = timedelta(minutes=45)
LONGEST = timedelta(hours=23, minutes=55)

# How many days a voucher is good for, whatever the dashboard says: stripe_codes.SLOW counts on it.
VOUCHERS = {"boleto": 3, "oxxo": 3, "konbini": 3}


def session_params(request: CheckoutRequest) -> "SessionCreateParams":
    """The Checkout Session for `request`; our reference stands on the session and on its intent.

    What the page offers is a list of what may be, never of what may not: a way to pay that Stripe adds tomorrow is not asked for.
    """
    # No payment_method_types and no ui_mode: this API version took the first away and renamed the second's values.
    ours = _ours(request)
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": request.reference,
        "allowed_payment_method_types": ["card", *request.slow_methods],
        "metadata": ours,
        "payment_intent_data": {"metadata": ours, "description": request.description},
        "line_items": [{"quantity": 1, "price_data": _price(request)}],
        "expires_at": _expires_at(request),
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
    }
    if request.email:
        params["customer_email"] = request.email
    if request.manual_capture:
        params["payment_intent_data"]["capture_method"] = "manual"
    if vouchers := {each: {"expires_after_days": VOUCHERS[each]} for each in request.slow_methods if each in VOUCHERS}:
        params["payment_method_options"] = cast("SessionCreateParamsPaymentMethodOptions", vouchers)
    return params


def refund_params(request: RefundRequest) -> "RefundCreateParams":
    """The refund for `request`, with our key where refund events and lists show it."""
    return {
        "payment_intent": request.charge_ref,
        "amount": to_units(request.money),
        "reason": "requested_by_customer",
        "metadata": named({"refund_key": request.refund_key}, installation=request.installation),
    }


def _ours(request: CheckoutRequest) -> dict[str, str]:
    return named({"reference": request.reference}, installation=request.installation, checkout=request.checkout)


def _price(request: CheckoutRequest) -> "SessionCreateParamsLineItemPriceData":
    return {
        "currency": request.money.currency.lower(),
        "unit_amount": to_units(request.money),
        "product_data": {"name": request.description[:250]},
    }


def _expires_at(request: CheckoutRequest) -> int:
    until = max(request.expires_at, request.created_at + SHORTEST)
    return int(min(until, request.created_at + LONGEST).timestamp())
