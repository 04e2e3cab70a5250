"""What an operator has set in the accounts at the vendors, and which keys are what they were: POST /control/<gateway>/account.

What is not said is as a good operator has it: one webhook endpoint, at Kikao's address, subscribed to everything.
"""

from typing import Any

from sandbox.core.context import Sandbox
from sandbox.core.errors import Mistaken
from sandbox.core.store import Doc

_KIND = "account"
# Each vendor's settings, as they are until somebody changes them; an endpoint's keys are given in place of the usual ones.
_USUAL: dict[str, Doc] = {
    "stripe": {
        "refuses_keys": False,
        "keys_expired": False,
        "restricted": {},  # keys beside the account's own, each with its rights: {"rk_test_1": ["charge_write"]}
        "domain": "",  # where pages are served instead of Stripe's own host
        "version": None,  # the account's own API version; None: today's
        "endpoints": [{}],
    },
    "razorpay": {
        "refuses_keys": False,
        "hides_webhooks": False,  # an account for which the list of webhooks is not switched on
        "captures": True,  # whether what is authorised is captured as its order asks
        "endpoints": [{}],
    },
    "mpesa": {"refuses_keys": False},
    "africastalking": {"refuses_keys": False},
    "twilio": {"refuses_keys": False, "status": "active"},
}


def of(sandbox: Sandbox, gateway: str) -> Doc:
    """The account's settings now."""
    return _USUAL[gateway] | (sandbox.store.get(_KIND, gateway) or {})


def change(sandbox: Sandbox, gateway: str, wish: dict[str, Any]) -> Doc:
    """Some of the account's settings are others from now on. Raises Mistaken."""
    if gateway not in _USUAL:
        raise Mistaken(f"Accounts are at {', '.join(_USUAL)}.")
    if unknown := wish.keys() - _USUAL[gateway].keys():
        raise Mistaken(f"No setting of {gateway}: {', '.join(unknown)}; known are {', '.join(_USUAL[gateway])}.")
    with sandbox.store.change():
        sandbox.store.put(_KIND, gateway, of(sandbox, gateway) | wish)
    return of(sandbox, gateway)


def endpoints(sandbox: Sandbox, gateway: str, usual: Doc) -> list[Doc]:
    """The account's webhook endpoints, newest first: each as the vendor has it by itself, but for what was said of it."""
    return [usual | {"id": f"{usual['id']}{n}"} | said for n, said in enumerate(of(sandbox, gateway)["endpoints"])]
