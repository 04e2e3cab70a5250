"""Which ways to pay a Checkout Session offers: what the dashboard has switched on, as far as the request lets it."""

from typing import Any

from sandbox.core.endpoints import Params
from sandbox.core.text import words
from sandbox.stripe.wire import StripeError, integer, known

# What the sandbox's dashboard has switched on, and the one currency a way to pay is for (None: any). All but the card tell
# days later whether they paid: https://docs.stripe.com/payments/payment-methods#payment-notification.
ENABLED: dict[str, str | None] = {
    "card": None,
    "sepa_debit": "eur",
    "us_bank_account": "usd",
    "boleto": "brl",
    "oxxo": "mxn",
    "konbini": "jpy",
    "multibanco": "eur",
}
# Paid at a counter: until then the intent waits for an act of the payer's.
VOUCHERS = frozenset({"boleto", "oxxo", "konbini", "multibanco"})
# The words that allowed_payment_method_types and excluded_payment_method_types take.
_KNOWN = words(
    """acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik
    boleto card cashapp crypto customer_balance eps fpx giropay grabpay ideal kakao_pay klarna konbini kr_card link mb_way
    mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal paypay payto pix promptpay
    revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi us_bank_account wechat_pay
    zip"""
)
# The largest amount in Stripe's units (https://docs.stripe.com/currencies#maximum-charge-amounts): twelve digits by card,
# by anything else as many as its currency says, most often eight.
CARD_MAXIMUM = 999_999_999_999
_MAXIMUM = {"idr": 999_999_999_999, "cop": 9_999_999_999, "inr": 999_999_999}
_OTHER_MAXIMUM = 99_999_999
# How many days a voucher may be good for.
_DAYS = {"boleto": (0, 60), "oxxo": (1, 7), "konbini": (1, 60)}


def offered(params: Params, currency: str, total: int) -> list[str]:
    """The ways to pay of a session for `total`; refused when there is none, or a parameter is not one of Stripe's."""
    allowed = _words(params, "allowed_payment_method_types")
    excluded = _words(params, "excluded_payment_method_types") or []
    _check_options(params.get("payment_method_options") or {})
    manual = params.get("payment_intent_data", {}).get("capture_method") == "manual"
    found = [
        each
        for each, its in ENABLED.items()
        if its in (None, currency) and _may_be(each, allowed, excluded) and not (manual and each != "card")
    ]
    fitting = [each for each in found if each == "card" or total <= _MAXIMUM.get(currency, _OTHER_MAXIMUM)]
    if not fitting:
        raise StripeError(400, "No valid payment method types for this Checkout Session.")
    return fitting


def slow_one(session: Params) -> str | None:
    """The first way to pay of the session that settles later, if it offers one."""
    return next((each for each in session["payment_method_types"] if each != "card"), None)


def _may_be(word: str, allowed: list[str] | None, excluded: list[str]) -> bool:
    return (allowed is None or word in allowed) and word not in excluded


def _words(params: Params, name: str) -> list[str] | None:
    given: Any = params.get(name)
    if given is None:
        return None
    if not isinstance(given, list):
        raise StripeError(400, "Invalid array", param=name)
    for n, word in enumerate(given):
        if word not in _KNOWN:
            raise StripeError(
                400, f"Invalid {name}[{n}]: must be one of {', '.join(sorted(_KNOWN))}", param=f"{name}[{n}]"
            )
    return given


def _check_options(options: Params) -> None:
    known(options, _KNOWN, "payment_method_options")
    for method, (least, most) in _DAYS.items():
        where = f"payment_method_options[{method}][expires_after_days]"
        days = options.get(method, {}).get("expires_after_days")
        if days is not None and not least <= integer(days, where) <= most:
            raise StripeError(400, f"expires_after_days must be between {least} and {most}.", param=where)
