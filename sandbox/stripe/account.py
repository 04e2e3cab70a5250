"""Whose keys are taken and for what, the account's domain, and where its webhooks go."""

import hmac
from typing import Any

from flask import request

from sandbox.core import accounts
from sandbox.core.context import Sandbox, box
from sandbox.core.store import Doc

# What a restricted key must be allowed, by how an address begins; reading and writing are rights of their own.
_RESOURCES = {
    "/checkout/sessions": "checkout_session",
    "/payment_intents": "payment_intent",
    "/charges": "charge",
    "/refunds": "charge",
    "/disputes": "dispute",
    "/events": "event",
    "/webhook_endpoints": "webhook",
}


def why_refused(key: str, path: str) -> tuple[int, str, str] | None:
    """The status, code and sentence with which a call is turned away; None where the key may make it."""
    its = accounts.of(box(), "stripe")
    shown = f"{key[:8]}****{key[-4:]}"
    if its["keys_expired"]:
        return 401, "api_key_expired", f"Expired API Key provided: {shown}"
    if key in its["restricted"]:
        return _why_not_allowed(its["restricted"][key], path, shown)
    if its["refuses_keys"] or not hmac.compare_digest(key.encode(), box().credentials.stripe_secret_key.encode()):
        return 401, "", f"Invalid API Key provided: {shown}"
    return None


def _why_not_allowed(rights: list[str], path: str, shown: str) -> tuple[int, str, str] | None:
    resource = next((name for start, name in _RESOURCES.items() if path.startswith(start)), "account")
    wanted = f"{resource}_{'read' if request.method == 'GET' else 'write'}"
    if wanted in rights or f"{resource}_write" in rights:  # who may write may read
        return None
    sentence = f"The provided key '{shown}' does not have the required permissions for this endpoint on account "
    return (
        403,
        "",
        f"{sentence}'acct_sandbox'. Having the 'rak_{wanted}' permission would allow this request to continue.",
    )


def page_base(own: str) -> str:
    """Where the account's pages are: at its own domain, once it has one."""
    domain = accounts.of(box(), "stripe")["domain"]
    return f"https://{domain}" if domain else own


def version(sandbox: Sandbox, today: str) -> str:
    """The API version of the account, in which events are made unless an endpoint has one of its own."""
    return str(accounts.of(sandbox, "stripe")["version"] or today)


def endpoints(sandbox: Sandbox, today: str) -> list[Doc]:
    """The account's webhook endpoints, newest first."""
    usual: dict[str, Any] = {
        "id": "we_sandbox",
        "object": "webhook_endpoint",
        "api_version": today,
        "application": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": f"{sandbox.courier.app_url}/callbacks/stripe",
    }
    return accounts.endpoints(sandbox, "stripe", usual)


def is_told(sandbox: Sandbox, kind: str) -> bool:
    """Whether an endpoint that is on has asked for this kind of event."""
    on = (each for each in endpoints(sandbox, "") if each["status"] == "enabled")
    return any({"*", kind} & set(each["enabled_events"]) for each in on)
