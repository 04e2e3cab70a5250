"""What Stripe's words for failures and ends mean, as tables."""

from app.gateways.base import FailureCode, RefundFailureCode

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
