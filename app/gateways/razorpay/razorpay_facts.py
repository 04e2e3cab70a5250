"""What Razorpay's objects say about money, as facts, and what its window asks of a page: pure, no calls.

https://razorpay.com/docs/api/payments, https://razorpay.com/docs/webhooks/payloads. Of all fields that tell a state
only `status` is trusted: the documented samples contradict themselves in the others.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import SplitResult

from app.domain.money import Money
from app.gateways.base import (
    REFUND_KEYS,
    Confirmed,
    Failed,
    FailureCode,
    PaymentOutcome,
    Pending,
    Refunded,
    RefundFailed,
    RefundOutcome,
    Window,
    WindowPolicy,
)
from app.gateways.http import (
    Json,
    checked_id,
    maybe_ours,
    minor_units,
    short_text,
    unix_seconds,
)

# https://razorpay.com/docs/errors/payments/list: by error_reason, for one error_code stands for many of them.
# Whatever is not here is a plain "declined".
REASONS: dict[str, FailureCode] = {
    "insufficient_funds": FailureCode.INSUFFICIENT_FUNDS,
    "credit_limit_exceeded": FailureCode.INSUFFICIENT_FUNDS,
    "transaction_limit_exceeded": FailureCode.INSUFFICIENT_FUNDS,
    "transaction_daily_limit_exceeded": FailureCode.INSUFFICIENT_FUNDS,
    "payment_cancelled": FailureCode.CANCELLED_BY_PAYER,
    "payment_timed_out": FailureCode.NO_ANSWER,
    "request_timed_out": FailureCode.NO_ANSWER,
    "payment_collect_request_expired": FailureCode.NO_ANSWER,
    "payment_session_expired": FailureCode.SESSION_EXPIRED,
    "authentication_failed": FailureCode.AUTHENTICATION_FAILED,
    "incorrect_otp": FailureCode.AUTHENTICATION_FAILED,
    "invalid_otp": FailureCode.AUTHENTICATION_FAILED,
    "otp_expired": FailureCode.AUTHENTICATION_FAILED,
    "otp_attempts_exceeded": FailureCode.AUTHENTICATION_FAILED,
    "incorrect_pin": FailureCode.AUTHENTICATION_FAILED,
    "pin_attempts_exceeded": FailureCode.AUTHENTICATION_FAILED,
    "incorrect_cvv": FailureCode.AUTHENTICATION_FAILED,
    "invalid_vpa": FailureCode.INVALID_ACCOUNT,
    "vpa_resolution_failed": FailureCode.INVALID_ACCOUNT,
    "bank_account_invalid": FailureCode.INVALID_ACCOUNT,
    "card_expired": FailureCode.INVALID_ACCOUNT,
    "card_number_invalid": FailureCode.INVALID_ACCOUNT,
    "incorrect_card_details": FailureCode.INVALID_ACCOUNT,
    "incorrect_card_expiry_date": FailureCode.INVALID_ACCOUNT,
    "debit_instrument_inactive": FailureCode.INVALID_ACCOUNT,
    "debit_instrument_blocked": FailureCode.INVALID_ACCOUNT,
    "server_error": FailureCode.PROCESSING_ERROR,
    "bank_technical_error": FailureCode.PROCESSING_ERROR,
    "issuer_technical_error": FailureCode.PROCESSING_ERROR,
    "gateway_technical_error": FailureCode.PROCESSING_ERROR,
    "upi_app_technical_error": FailureCode.PROCESSING_ERROR,
    "bank_not_available": FailureCode.PROCESSING_ERROR,
    "psp_not_available": FailureCode.PROCESSING_ERROR,
    "psp_app_not_available": FailureCode.PROCESSING_ERROR,
    "invalid_response_from_gateway": FailureCode.PROCESSING_ERROR,
    "payment_declined_due_to_high_traffic": FailureCode.PROCESSING_ERROR,
}

# ---------------------------------------------------------------------------------------------------- payments


def to_money(thing: Json) -> Money:
    """The amount of a payment, an order, a refund or a dispute: minor units by ISO 4217. Raises ValueError."""
    return Money(minor_units(thing["amount"]), thing["currency"])


def payment_outcome(payment: Json) -> PaymentOutcome:
    """What one payment says of itself; authorised money is captured automatically, so it is on its way."""
    read = _BY_STATUS.get(payment["status"])
    return read(payment) if read else Pending()


def order_outcome(payments: list[Json], was_paid: Callable[[], bool]) -> PaymentOutcome:
    """What all tries to pay one order say together; `was_paid` is asked only where nothing else can tell.

    Razorpay gives back by itself what it did not capture, and then says `refunded` as it does of captured money.
    """
    tries = sorted(payments, key=lambda each: (unix_seconds(each["created_at"]), checked_id(each["id"])))
    kept, given_back, failed = (_with(tries, status) for status in ("captured", "refunded", "failed"))
    returned = [each for each in given_back if each.get("captured") is not False]  # by the merchant, not by Razorpay
    if kept or (returned and was_paid()):
        return _confirmed((kept or returned)[0])
    if len(given_back) + len(failed) < len(tries) or not tries:
        return Pending(in_flight=bool(tries))
    return failed_payment(failed[-1]) if failed else Failed(FailureCode.PROCESSING_ERROR, "not_captured")


def captured(payments: list[Json]) -> int:
    """How many of the tries took money; Razorpay means to allow one for an order."""
    return len(_with(payments, "captured"))


def _with(payments: list[Json], status: str) -> list[Json]:
    return [each for each in payments if each["status"] == status]


def _confirmed(payment: Json) -> Confirmed:
    # When it was captured is not told, only when the payer began.
    begun = payment.get("created_at")
    taken_at = instant(begun) if begun is not None else None
    return Confirmed(to_money(payment), checked_id(payment["id"]), taken_at=taken_at)


def failed_payment(payment: Json) -> Failed:
    """The failure that the payment names."""
    reason = short_text(payment.get("error_reason") or payment.get("error_code") or "")
    return Failed(REASONS.get(reason, FailureCode.DECLINED), reason)


_BY_STATUS: dict[str, Callable[[Json], PaymentOutcome]] = {
    "captured": _confirmed,
    "refunded": _confirmed,
    "failed": failed_payment,
}

# ---------------------------------------------------------------------------------------------------- refunds


def refund_outcome(refund: Json) -> RefundOutcome:
    """What a refund says; one on its way to the bank is Pending."""
    ref = checked_id(refund["id"])
    key = key_of(refund)
    charge = checked_id(refund["payment_id"])
    if refund["status"] == "processed":
        return Refunded(to_money(refund), ref, key, charge)
    if refund["status"] == "failed":
        return RefundFailed("failed", ref, key, charge)
    return Pending(refund_ref=ref)


def key_of(refund: Json) -> str | None:
    """Our own key on a refund, if we made it; a receipt may also be what a person typed at Razorpay's dashboard."""
    receipt = maybe_ours(refund.get("receipt")) or ""
    return note_of(refund, "refund_key") or (receipt if receipt.startswith(REFUND_KEYS) else None)


def installation_of(thing: Json) -> str | None:
    """Which Kikao of the account an order or a refund is of, if it says so."""
    return note_of(thing, "installation")


def note_of(thing: Json, key: str) -> str | None:
    """What we, or others, keep under this name with a Razorpay object; its notes are a list when there are none."""
    notes = thing.get("notes")
    return maybe_ours(notes.get(key)) if isinstance(notes, dict) else None


def instant(seconds: object) -> datetime:
    """Aware UTC from Razorpay's seconds. Raises ValueError."""
    return datetime.fromtimestamp(unix_seconds(seconds), UTC)


def lacks_unique_receipt(words: str) -> bool:
    """Whether a refusal (400 extra_field_sent) says that the account does not have the field by which an order is made once.

    https://razorpay.com/docs/payments/payment-gateway/s2s-integration/test-s2s/error-index
    """
    return "unique_receipt" in words and "should not be sent" in words


# ---------------------------------------------------------------------------------------------------- the window


# https://razorpay.com/docs/payments/payment-gateway/web-integration/standard/integration-steps
WINDOW = Window(
    opener="Razorpay",
    is_class=True,
    method="open",
    paid="handler",
    closed="modal.ondismiss",
    failed="payment.failed",
    answers=("razorpay_payment_id", "razorpay_order_id", "razorpay_signature"),
    timeout="timeout",
)

# What its frame opens on a phone; frame-src holds for navigations to apps too.
UPI_APPS = ("upi:", "intent:", "tez:", "phonepe:", "paytmmp:", "gpay:", "bhim:")


def policy_for(script: SplitResult) -> WindowPolicy:
    """What the page lets it do where checkout.js is loaded from `script`.

    It writes its style into the markup, and Razorpay takes no payment from a site that it is not told of:
    https://github.com/razorpay/razorpay-php/issues/210. A card's bank and netbanking open in a pop-up, and its frame asks
    the browser for payments (it has the attribute `allowpaymentrequest`).
    """
    return WindowPolicy(
        _siblings(script),
        UPI_APPS,
        inline_styles=True,
        opens_popups=True,
        features=("payment",),
        tells_origin=True,
    )


def _siblings(script: SplitResult) -> tuple[str, ...]:
    """Every host beside the script's: the script loads from cdn. and tells lumberjack. and lumberjack-metrics.

    https://github.com/razorpay/razorpay-magento/blob/master/etc/csp_whitelist.xml
    """
    _, _, site = script.netloc.partition(".")
    is_name = not (script.hostname or "").replace(".", "").isdigit()
    is_site = "." in site or site.startswith("localhost")
    return (f"{script.scheme}://*.{site}",) if is_name and is_site else ()
