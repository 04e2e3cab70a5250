"""The sandbox's well-known keys, and the environment Kikao needs to talk to it. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import urlsplit

STRIPE_PATH = "/stripe"
RAZORPAY_PATH = "/razorpay"
DARAJA_PATH = "/daraja"
AFRICASTALKING_PATH = "/africastalking"
TWILIO_PATH = "/twilio"
OPENID_PATH = "/openid"


@dataclass(frozen=True)
class Credentials:
    """One field per secret; set by a flag (--stripe-secret-key) or a variable (SANDBOX_STRIPE_SECRET_KEY)."""

    stripe_secret_key: str = "sk_test_kikao_sandbox"
    stripe_webhook_secret: str = "whsec_kikao_sandbox"
    razorpay_key_id: str = "rzp_test_kikaosandbox"
    razorpay_key_secret: str = "kikao_sandbox_secret"
    razorpay_webhook_secret: str = "kikao_sandbox_webhook"
    mpesa_consumer_key: str = "kikao_sandbox_consumer"
    mpesa_consumer_secret: str = "kikao_sandbox_secret"
    mpesa_shortcode: str = "174379"
    mpesa_passkey: str = "kikao_sandbox_passkey"
    mpesa_initiator: str = "kikao_sandbox_initiator"  # for reversals; optional in Kikao
    mpesa_security_credential: str = "kikao_sandbox_credential"
    africastalking_username: str = "kikao_sandbox"
    africastalking_api_key: str = "kikao_sandbox_key"
    twilio_account_sid: str = "ACkikaosandbox"
    twilio_auth_token: str = "kikao_sandbox_token"
    twilio_from: str = "+15005550006"
    openid_client_id: str = "kikao_sandbox"
    openid_client_secret: str = "kikao_sandbox_secret"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The defaults, except where a SANDBOX_ variable says otherwise."""
        given = {f.name: environ.get(f"SANDBOX_{f.name.upper()}") for f in fields(cls)}
        return cls(**{name: value for name, value in given.items() if value})


def environment(base_url: str, smtp_port: int, credentials: Credentials | None = None) -> dict[str, str]:
    """The variables that point Kikao at a sandbox serving at `base_url`."""
    keys = credentials or Credentials()
    secrets = {f.name.upper(): getattr(keys, f.name) for f in fields(keys) if not f.name.startswith("openid_")}
    # Browsers know every name below localhost: the vendor's other hosts (cdn, api, lumberjack) are told from it.
    checkout_host = f"http://checkout.localhost:{urlsplit(base_url).port}"
    return secrets | {
        "STRIPE_API_BASE": base_url + STRIPE_PATH,
        "RAZORPAY_API_BASE": base_url + RAZORPAY_PATH,
        "RAZORPAY_CHECKOUT_JS": f"{checkout_host}{RAZORPAY_PATH}/v1/checkout.js",
        "MPESA_API_BASE": base_url + DARAJA_PATH,
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "KIKAO_SMS": "africastalking",
        "AFRICASTALKING_API_BASE": base_url + AFRICASTALKING_PATH,
        "TWILIO_API_BASE": base_url + TWILIO_PATH,
        "OIDC_PROVIDERS": "sandbox",
        "OIDC_SANDBOX_LABEL": "Sandbox",
        "OIDC_SANDBOX_ISSUER": base_url + OPENID_PATH,
        "OIDC_SANDBOX_CLIENT_ID": keys.openid_client_id,
        "OIDC_SANDBOX_CLIENT_SECRET": keys.openid_client_secret,
    }
