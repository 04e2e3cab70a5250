"""What Stripe's words for failures, ends and ways to pay mean, as tables, and what its SDK's errors do."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import stripe

from app.gateways import http
from app.gateways.base import (
    FailureCode,
    GatewayUnavailable,
    KeysRefused,
    NothingSent,
    RefundFailureCode,
    SettingsMissing,
)

# https://docs.stripe.com/declines/codes; whatever is not here is a plain "declined".
DECLINES: dict[str, FailureCode] = {
    "insufficient_funds": FailureCode.INSUFFICIENT_FUNDS,
    "withdrawal_count_limit_exceeded": FailureCode.INSUFFICIENT_FUNDS,
    "card_velocity_exceeded": FailureCode.INSUFFICIENT_FUNDS,
    "authentication_required": FailureCode.AUTHENTICATION_FAILED,
    "authentication_failure": FailureCode.AUTHENTICATION_FAILED,
    "payment_intent_authentication_failure": FailureCode.AUTHENTICATION_FAILED,
    "incorrect_cvc": FailureCode.AUTHENTICATION_FAILED,
    "invalid_cvc": FailureCode.AUTHENTICATION_FAILED,
    "incorrect_pin": FailureCode.AUTHENTICATION_FAILED,
    "pin_try_exceeded": FailureCode.AUTHENTICATION_FAILED,
    "expired_card": FailureCode.INVALID_ACCOUNT,
    "incorrect_number": FailureCode.INVALID_ACCOUNT,
    "invalid_number": FailureCode.INVALID_ACCOUNT,
    "invalid_account": FailureCode.INVALID_ACCOUNT,
    "invalid_expiry_month": FailureCode.INVALID_ACCOUNT,
    "invalid_expiry_year": FailureCode.INVALID_ACCOUNT,
    "new_account_information_available": FailureCode.INVALID_ACCOUNT,
    "processing_error": FailureCode.PROCESSING_ERROR,
    "reenter_transaction": FailureCode.PROCESSING_ERROR,
    "try_again_later": FailureCode.PROCESSING_ERROR,
    "issuer_not_available": FailureCode.PROCESSING_ERROR,
    "payment_intent_payment_attempt_expired": FailureCode.NO_ANSWER,
    "payment_method_customer_decline": FailureCode.CANCELLED_BY_PAYER,
}

# Why an intent was cancelled; anything else (our own void, an expired session) is the end of its time.
CANCELLATIONS: dict[str, FailureCode] = {
    "requested_by_customer": FailureCode.CANCELLED_BY_PAYER,
    "abandoned": FailureCode.CANCELLED_BY_PAYER,
    "fraudulent": FailureCode.DECLINED,
}

# Why a refund failed or was refused, where that decides what happens next.
# https://docs.stripe.com/refunds#failed-refunds, https://docs.stripe.com/error-codes
REFUND_FAILURES: dict[str, RefundFailureCode] = {
    "charge_already_refunded": RefundFailureCode.WENT_BACK_BEFORE,
    "charge_disputed": RefundFailureCode.DISPUTED,
    "charge_for_pending_refund_disputed": RefundFailureCode.DISPUTED,
    "balance_insufficient": RefundFailureCode.NO_BALANCE,
    "insufficient_funds": RefundFailureCode.NO_BALANCE,
}


def refund_failure(reason: str) -> RefundFailureCode:
    """Our word for the reason that Stripe gives."""
    return REFUND_FAILURES.get(reason, RefundFailureCode.OTHER)


# ---------------------------------------------------------------------------------------------------- ways to pay
# Those that tell days later whether they paid: https://docs.stripe.com/payments/payment-methods#payment-notification (PAY-6).

# From when the payer has said yes on Stripe's page. A voucher is good for three days (stripe_params.VOUCHERS), a Multibanco
# reference for a week; what is paid at a counter is told of some bank days later.
SLOW: dict[str, timedelta] = {
    "sepa_debit": timedelta(days=14),
    "us_bank_account": timedelta(days=14),
    "multibanco": timedelta(days=14),
    "boleto": timedelta(days=8),
    "oxxo": timedelta(days=8),
    "konbini": timedelta(days=8),
}
_LONGEST = max(SLOW.values())


def slow_methods(setting: str) -> dict[str, timedelta]:
    """The slow ways to pay that a comma list names. Raises SettingsMissing for a word that is none of them."""
    asked = [word.strip() for word in setting.split(",") if word.strip()]
    if unknown := [word for word in asked if word not in SLOW]:
        raise SettingsMissing(f"STRIPE_SLOW_METHODS names {', '.join(unknown)}; known are {', '.join(SLOW)}")
    return {word: SLOW[word] for word in asked}


def longest_of(offered: Iterable[str]) -> timedelta | None:
    """How long a payment may take that was not made at once on a page with these ways to pay; None: by card alone."""
    # A way that is in no table was switched on before we asked for a list: as slow as any.
    return max((SLOW.get(each, _LONGEST) for each in offered if each != "card"), default=None)


# ---------------------------------------------------------------------------------------------------- errors

# What Stripe raises for a call it understood and did not do. Everything else it raises leaves the outcome unknown, also
# IdempotencyError: the key was used before, so something was started.
KEYS = (stripe.AuthenticationError, stripe.PermissionError)
REFUSALS = (stripe.InvalidRequestError, *KEYS, stripe.CardError)


@contextmanager
def clear_answer() -> Iterator[None]:
    """Inside, Stripe answers clearly, or GatewayUnavailable leaves; NothingSent where it heard nothing, or took no key."""
    with http.expecting(GatewayUnavailable, "Stripe answered something else than was asked for"):
        try:
            yield
        except KEYS as error:
            raise KeysRefused(words_of(error)) from None
        except stripe.StripeError as error:
            kind = NothingSent if _was_not_heard(error) else GatewayUnavailable
            raise kind(words_of(error)) from None


def _was_not_heard(error: stripe.StripeError) -> bool:
    # The SDK's own retry may come after a try that was heard: that one's key makes it harmless, and nobody has its page.
    return error.http_status == http.TOO_MANY or http.never_connected(error.__cause__)


def words_of(error: stripe.StripeError) -> str:
    """What may be logged of an error: codes only, for Stripe's sentences quote what was sent."""
    words = (error.http_status, error.code, getattr(error, "param", None))
    return " ".join(["Stripe:", type(error).__name__, *(str(word) for word in words if word)])


def is_replayed(error: stripe.StripeError) -> bool:
    """Whether it is a failure that Stripe has kept with its key. https://docs.stripe.com/api/idempotent_requests"""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return (error.http_status or 0) >= 500 and headers.get("idempotent-replayed") == "true"
