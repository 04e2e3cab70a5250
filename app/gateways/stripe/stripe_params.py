"""What we send to Stripe, and how much it takes: everything is made from the frozen request alone.

Never from the clock or the settings: Stripe refuses the same idempotency key with other parameters.
https://docs.stripe.com/api/checkout/sessions/create, https://docs.stripe.com/api/refunds/create
"""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from app.gateways.base import CheckoutRequest, RefundRequest
from app.gateways.http import named
from app.gateways.stripe.stripe_facts import to_money, to_units

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

# The currencies we offer, each with about half a US dollar in our minor units; Stripe compares at the day's rate and
# refuses by itself what is still too small. UGX and ISK are left out on purpose: sources disagree whether Stripe counts
# them in whole units, and a guess is wrong by a hundred.
# fmt: off
MINIMUM: dict[str, int] = {
    "USD": 50, "EUR": 50, "GBP": 30, "CHF": 50, "CAD": 50, "AUD": 50, "NZD": 50, "SGD": 50, "HKD": 400, "BRL": 50,
    "AED": 200, "SAR": 200, "QAR": 200, "ILS": 200, "EGP": 2600, "MAD": 500, "TRY": 2000, "GEL": 150,
    "KES": 7500, "TZS": 150_000, "RWF": 800, "NGN": 85_000, "ZAR": 1000, "ETB": 8000, "ZMW": 1500,
    "BWP": 800, "NAD": 1000, "MUR": 2500, "MZN": 3500, "MWK": 90_000, "XOF": 350, "XAF": 350, "BIF": 1600,
    "INR": 5000, "PKR": 15_000, "BDT": 6500, "LKR": 16_000, "NPR": 7500, "IDR": 900_000, "MYR": 200, "PHP": 3000,
    "THB": 2000, "VND": 14_000, "JPY": 80, "KRW": 800, "TWD": 1700, "CNY": 400, "KZT": 28_000,
    "DKK": 350, "NOK": 600, "SEK": 550, "PLN": 200, "CZK": 1500, "HUF": 20_000, "RON": 250, "UAH": 2200,
    "MXN": 1000, "COP": 220_000, "CLP": 500, "PEN": 200, "ARS": 75_000, "UYU": 2200, "DOP": 3200,
}
# fmt: on
# How many digits an amount may have in Stripe's units: nine, which every card takes, and more where the currency says so for
# every way to pay. What takes fewer is left off the page by Stripe. https://docs.stripe.com/currencies#maximum-charge-amounts
_DIGITS = {"IDR": 12, "COP": 10}
MAXIMUM: dict[str, int] = {each: to_money(10 ** _DIGITS.get(each, 9) - 1, each).amount for each in MINIMUM}


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
