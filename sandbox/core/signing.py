"""The signatures of webhooks and of Razorpay's checkout, by hand: no code shared with the SDKs that verify them."""

import hashlib
import hmac

from sandbox.credentials import Credentials


def hex_hmac(secret: str, message: bytes) -> str:
    """HMAC-SHA256 in hex."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def stripe_signature(secret: str, body: bytes, moment: int) -> str:
    """The Stripe-Signature header; v0 is the vendor's test scheme, which receivers must ignore."""
    v1 = hex_hmac(secret, f"{moment}.".encode() + body)
    return f"t={moment},v1={v1},v0={hex_hmac('v0', body)}"


def checkout_signature(keys: Credentials, order_id: str, payment_id: str) -> str:
    """What Razorpay's checkout hands the browser: made with the key secret, not the webhook secret."""
    return hex_hmac(keys.razorpay_key_secret, f"{order_id}|{payment_id}".encode())


def headers_for(gateway: str, keys: Credentials, body: bytes, event_id: str, moment: float) -> dict[str, str]:
    """The headers of one delivery: Stripe signs each attempt afresh, Razorpay without a time, M-Pesa not at all."""
    if gateway == "stripe":
        signature = stripe_signature(keys.stripe_webhook_secret, body, int(moment))
        return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature}
    if gateway == "razorpay":
        signature = hex_hmac(keys.razorpay_webhook_secret, body)
        return {
            "Content-Type": "application/json",
            "X-Razorpay-Signature": signature,
            "X-Razorpay-Event-Id": event_id,
        }
    return {"Content-Type": "application/json;charset=UTF-8", "BusinessShortCode": keys.mpesa_shortcode}
