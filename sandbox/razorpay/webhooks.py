"""Where the account's webhooks go. https://razorpay.com/docs/api/partners/webhooks/fetch-all"""

from sandbox.core import accounts
from sandbox.core.clock import now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.razorpay.wire import RazorpayError, collection, endpoint

_EVENTS = words(
    """payment.authorized payment.captured payment.failed order.paid refund.created refund.processed refund.failed
    refund.speed_changed payment.dispute.created payment.dispute.under_review payment.dispute.action_required
    payment.dispute.won payment.dispute.lost payment.dispute.closed"""
)


@endpoint("/webhooks", "GET", "webhooks")
def list_webhooks(params: Params) -> Doc:
    """The webhooks; an account without this list answers as if there were no such address."""
    if accounts.of(box(), "razorpay")["hides_webhooks"]:
        raise RazorpayError("The requested URL was not found on the server.", reason="NA")
    return collection(webhooks(box()), params)


def webhooks(sandbox: Sandbox) -> list[Doc]:
    """The account's webhooks, newest first."""
    usual: Doc = {
        "id": "HK890sandbox",
        "entity": "webhook",
        "created_at": int(now()),
        "owner_type": "merchant",
        "url": f"{sandbox.courier.app_url}/callbacks/razorpay",
        "alert_email": "owner@example.test",
        "secret_exists": True,
        "disabled_at": 0,
        "active": True,
        "events": sorted(_EVENTS),
    }
    return accounts.endpoints(sandbox, "razorpay", usual)


def is_told(sandbox: Sandbox, kind: str) -> bool:
    """Whether a webhook that is on has asked for this kind of event."""
    return any(each["active"] and kind in each["events"] for each in webhooks(sandbox))
