"""Razorpay's webhooks."""

import json

from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox
from sandbox.core.store import Doc
from sandbox.razorpay import webhooks


def tell(sandbox: Sandbox, kind: str, **subjects: Doc) -> None:
    """Send an event about `subjects` as they are now. It has no id in its body, only in a header."""
    payload = {
        name: {"entity": {k: v for k, v in doc.items() if not k.startswith("_")}} for name, doc in subjects.items()
    }
    event = {
        "entity": "event",
        "account_id": "acc_kikaosandbox",
        "event": kind,
        "contains": list(subjects),
        "payload": payload,
        "created_at": int(now()),
    }
    if webhooks.is_told(sandbox, kind):
        sandbox.courier.send("razorpay", kind, new_id("evt_"), _plain(event))


def _plain(event: Doc) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()
