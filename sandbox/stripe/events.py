"""Stripe's events: made with each change, listed for 30 days, sent as webhooks."""

import json

from sandbox.core.clock import new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.stripe import account
from sandbox.stripe.wire import API_VERSION, endpoint, found, listing, public


def tell(sandbox: Sandbox, kind: str, subject: Doc, previous: Doc | None = None) -> None:
    """Record an event about `subject` as it is now, and send it."""
    data: Doc = {"object": {k: v for k, v in subject.items() if not k.startswith("_")}}
    if previous:
        data["previous_attributes"] = previous
    event: Doc = {
        "id": new_id("evt_", 24),
        "object": "event",
        "api_version": account.version(sandbox, API_VERSION),
        "created": int(now()),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    sandbox.store.put("event", event["id"], event)
    # Pretty-printed as the real ones are, so that a receiver that re-serialises before verifying is found out.
    if account.is_told(sandbox, kind):
        sandbox.courier.send("stripe", kind, event["id"], json.dumps(event, indent=2).encode())


@endpoint("/events", "GET", "events")
def list_events(params: Params) -> Doc:
    """Newest first; `types[]`, `type` and `created[gte]` filter."""
    types = params.get("types") or ([params["type"]] if "type" in params else [])
    created = params.get("created", {})
    since = int(created.get("gte", 0)) if isinstance(created, dict) else int(created)
    rows = [e for e in box().store.all("event") if e["created"] >= since and (not types or e["type"] in types)]
    return listing("/v1/events", rows, params)


@endpoint("/events/<event_id>", "GET", "events")
def retrieve_event(_: Params, event_id: str) -> Doc:
    """One event."""
    return public(found("event", event_id, "event"))


@endpoint("/account", "GET", "retrieve")
def whose(_: Params) -> Doc:
    """Whose key this is."""
    return {"id": "acct_sandbox", "object": "account", "country": "FR", "charges_enabled": True, "type": "standard"}


@endpoint("/balance", "GET", "retrieve")
def balance(_: Params) -> Doc:
    """A call that only checks the key."""
    return {"object": "balance", "livemode": False, "available": [], "pending": []}


@endpoint("/webhook_endpoints", "GET", "webhooks")
def webhook_endpoints(params: Params) -> Doc:
    """Where webhooks go."""
    return listing("/v1/webhook_endpoints", account.endpoints(box(), API_VERSION), params)
