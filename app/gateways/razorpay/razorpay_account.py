"""What stands in our account at Razorpay, as remarks: keys, where webhooks go, whether money is captured.

https://razorpay.com/docs/api/partners/webhooks/fetch-all documents the list for partners; merchants' SDKs ask for their own by
the same names, and an account that has no such list answers as if there were no such address.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from razorpay.errors import BadRequestError, ServerError
from razorpay.errors import GatewayError as BankError

from app.gateways import http
from app.gateways.base import GatewayUnavailable
from app.gateways.razorpay.razorpay_answers import is_about_keys
from app.gateways.razorpay.razorpay_events import EVENTS
from app.lib import clock
from app.lib.network.remarks import Remark, Sight

# What our webhook must be told of; how fast a refund goes is nothing to us, we ask for none that is fast.
NEEDED = tuple(EVENTS.keys() - {"refund.speed_changed"})
_AT_ONCE = timedelta(hours=1)  # by then what was authorised has been captured, or never will be by itself
_LOOK_BACK = timedelta(days=5)

_GONE = "Razorpay does not accept RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET: make a new key in its dashboard, set both and restart."


class RazorpayAccount:
    """Looks at one account with its key, and raises nothing."""

    def __init__(self, api: Callable[[], Any], origin: str) -> None:
        self._api = api
        self._silence = f"Razorpay gives no answer at {origin}."

    def about_keys(self) -> list[Remark]:
        """Whether Razorpay can be reached and takes our keys."""
        return self._seen("keys", self._key)

    def examine(self, callback_url: str) -> list[Remark]:
        """All that can be seen of the account; nothing more where the keys are not taken."""
        if found := self.about_keys():
            return found
        return [
            *self._seen("webhook", lambda: self._webhook(callback_url)),
            *self._seen("capture", self._uncaptured),
        ]

    def _seen(self, topic: str, look: Callable[[], Iterator[Remark]]) -> list[Remark]:
        try:
            return list(look())
        except (GatewayUnavailable, BadRequestError, BankError, ServerError, *http.WRONG_SHAPE):
            return [Remark(topic, self._silence, Sight.SILENT)]

    def _key(self) -> Iterator[Remark]:
        try:
            self._api().order.all({"count": 1})
        except BadRequestError as error:
            if not is_about_keys(error):
                raise
            yield Remark("keys", _GONE)

    def _webhook(self, url: str) -> Iterator[Remark]:
        try:
            found = self._api().webhook.all({"count": 100})["items"]
        except BadRequestError:
            words = f"Razorpay shows this account no list of its webhooks, so whether {url} is one cannot be seen."
            yield Remark("webhook", words, Sight.UNSEEN)
            return
        mine = [each for each in found if each["url"] == url]
        on = [each for each in mine if each["active"]]
        if not on:
            yield Remark("webhook", _no_webhook(url, is_off=bool(mine)))
            return
        if not any(each.get("secret_exists", True) for each in on):
            words = f"The webhook {url} has no secret: set one in Razorpay's dashboard, and as RAZORPAY_WEBHOOK_SECRET."
            yield Remark("webhook secret", words)
        told = {name for each in on for name in _names(each["events"])}
        if missing := sorted(set(NEEDED) - told):
            words = f"The webhook {url} is not told of {', '.join(missing)}: add them in Razorpay's dashboard."
            yield Remark("events", words)

    def _uncaptured(self) -> Iterator[Remark]:
        """Whether orders of ours stay authorised. They ask for capture themselves, but an account may not honour that."""
        now = clock.now()
        since = int((now - _LOOK_BACK).timestamp())
        until = int((now - _AT_ONCE).timestamp())
        asked = {"authorized": 1, "from": since, "to": until, "count": 100}
        orders = self._api().order.all(asked)["items"]
        if any(each["status"] == "attempted" and _is_ours(each) for each in orders):
            words = (
                "Payments stay authorised and are not captured, so their money goes back after some days: in Razorpay's "
                "dashboard set payment capture (Account & Settings) to automatic, and capture what waits there."
            )
            yield Remark("capture", words)


def _no_webhook(url: str, *, is_off: bool) -> str:
    if is_off:
        return f"The webhook {url} is switched off, as Razorpay does after a day without an answer: switch it on in its dashboard."
    return f"No webhook of the account has the address {url}: add it in Razorpay's dashboard, with the events of docs/operating.md."


def _names(events: Any) -> list[str]:
    # A list of names; in older accounts an object of names that are on or off.
    return [name for name, is_on in events.items() if is_on] if isinstance(events, dict) else list(events)


def _is_ours(order: http.Json) -> bool:
    notes = order.get("notes")
    return isinstance(notes, dict) and notes.get("reference") == order["receipt"]
