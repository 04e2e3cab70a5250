"""What Stripe's words for failures and ends mean, as tables."""

from app.gateways.base import FailureCode

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

# Refunds that fail the same way however often they are asked for.
FINAL_REFUND_FAILURES = frozenset(
    {
        "lost_or_stolen_card",
        "expired_or_canceled_card",
        "charge_for_pending_refund_disputed",
        "merchant_request",
        "canceled",
        "charge_already_refunded",
        "charge_disputed",
        "amount_too_large",
    }
)
