"""What stands in our account at Stripe, as remarks: keys, their rights, where webhooks go, where pages are served.

Everything here reads, or writes to things that are not there: Stripe looks at a key's rights before it looks for the thing.
https://docs.stripe.com/keys/restricted-api-keys, https://docs.stripe.com/api/webhook_endpoints/list
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import stripe

from app.gateways.http import WRONG_SHAPE, Json
from app.gateways.stripe.stripe_events import EVENTS
from app.gateways.stripe.stripe_facts import reference_of
from app.gateways.stripe.stripe_settings import StripeSettings
from app.lib.network.remarks import Remark, Sight

# What our endpoint must be told of. `refund.updated` says what `charge.refund.updated`, its older name, does.
NEEDED = tuple(EVENTS.keys() - {"charge.refund.updated"})
READS = stripe.api_version

_NOBODY = "kikao_asks_for_its_rights"  # the id of nothing

_GONE: dict[str, str] = {
    "api_key_expired": "STRIPE_SECRET_KEY has expired, or was rolled: make a new key in Stripe's dashboard, set it and restart.",
    "": "Stripe does not accept STRIPE_SECRET_KEY: set the account's key of today and restart.",
}


class StripeAccount:
    """Looks at one account with its key, and raises nothing."""

    def __init__(self, api: Any, settings: StripeSettings, hosts: tuple[str, ...]) -> None:
        self._api = api
        self._settings = settings
        self._hosts = hosts

    def about_keys(self) -> list[Remark]:
        """Whether Stripe can be reached and takes our key."""
        return _seen("keys", self._key, self._silence)

    def examine(self, callback_url: str) -> list[Remark]:
        """All that can be seen of the account; nothing more where the key is not taken."""
        if found := self.about_keys():
            return found
        looks: tuple[tuple[str, Callable[[], Iterator[Remark]]], ...] = (
            ("rights", self._rights),
            ("webhook", lambda: self._webhook(callback_url)),
            ("page", self._page),
        )
        return [remark for topic, look in looks for remark in _seen(topic, look, self._silence)]

    @property
    def _silence(self) -> str:
        return f"Stripe gives no answer at {self._settings.origin}."

    def _key(self) -> Iterator[Remark]:
        try:
            self._api.checkout.sessions.list({"limit": 1})
        except stripe.AuthenticationError as error:
            code = str(error.error.code or "") if error.error else ""  # the SDK gives this error no code of its own
            yield Remark("keys", _GONE.get(code, _GONE[""]))
        except stripe.PermissionError as error:
            yield _lacks("keys", "see payments (Checkout Sessions: write)", error)

    def _rights(self) -> Iterator[Remark]:
        """What a restricted key may not do, and what of ours needs it; another key may do everything."""
        if not self._settings.secret_key.startswith("rk_"):
            return
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("begin and end payments (Checkout Sessions: write)", lambda: self._api.checkout.sessions.expire(_NOBODY)),
            ("charge what was reserved (PaymentIntents: write)", lambda: self._api.payment_intents.capture(_NOBODY)),
            (
                "send money back (Charges and Refunds: write)",
                lambda: self._api.refunds.update(_NOBODY, {"metadata": {}}),
            ),
        )
        for what, act in acts:
            try:
                act()
            except stripe.PermissionError as error:
                yield _lacks("rights", what, error)
            except stripe.InvalidRequestError:
                continue  # allowed, and there is no such thing

    def _webhook(self, url: str) -> Iterator[Remark]:
        try:
            found = [each.to_dict() for each in self._api.webhook_endpoints.list({"limit": 100}).auto_paging_iter()]
        except stripe.PermissionError:
            words = f"STRIPE_SECRET_KEY may not read webhook endpoints, so whether {url} is one cannot be seen."
            yield Remark("webhook", words, Sight.UNSEEN)
            return
        mine = [each for each in found if each["url"] == url]
        on = [each for each in mine if each["status"] == "enabled"]
        if not on:
            yield Remark("webhook", _no_endpoint(url, is_off=bool(mine)))
            return
        yield from _events(url, on)
        for each in on:
            yield from self._version(url, each)

    def _version(self, url: str, endpoint: Json) -> Iterator[Remark]:
        version = endpoint.get("api_version") or self._own_version()
        if version is None:
            words = (
                f"The webhook endpoint {url} has no API version of its own, and which the account has cannot be seen."
            )
            yield Remark("version", words, Sight.UNSEEN)
        elif _name(version) != _name(READS):
            advice = f"Kikao reads {READS}. Make an endpoint with that version in its place (it cannot be changed)"
            yield Remark("version", f"The webhook endpoint {url} tells of events as API version {version}: {advice}.")

    def _own_version(self) -> str | None:
        """The account's own API version, in which its events are made; None where nothing shows it."""
        try:
            newest = self._api.events.list({"limit": 1}).to_dict()["data"]
        except stripe.PermissionError:
            return None
        return str(newest[0]["api_version"]) if newest else None

    def _page(self) -> Iterator[Remark]:
        """Whether the pages of our own payments are where browsers may be sent."""
        pages = self._api.checkout.sessions.list({"limit": 20, "status": "open"}).to_dict()["data"]
        for host in sorted(
            {str(urlsplit(each["url"]).netloc) for each in pages if each.get("url") and reference_of(each)}
        ):
            if not any(urlsplit(known).netloc == host for known in self._hosts):
                words = f"Stripe serves its page at {host}, and nobody is sent there: add it to STRIPE_CHECKOUT_HOST and restart."
                yield Remark("page", words)


def _seen(topic: str, look: Callable[[], Iterator[Remark]], silence: str) -> list[Remark]:
    try:
        return list(look())
    except (stripe.StripeError, *WRONG_SHAPE):
        return [Remark(topic, silence, Sight.SILENT)]


def _lacks(topic: str, what: str, error: stripe.StripeError) -> Remark:
    # Stripe names the right; its sentence also has parts of the key and the account.
    named = re.search(r"rak_[a-z_]+", str(error))
    right = f" ({named[0]})" if named else ""
    return Remark(
        topic, f"STRIPE_SECRET_KEY may not {what}{right}: give the restricted key that right in Stripe's dashboard."
    )


def _no_endpoint(url: str, *, is_off: bool) -> str:
    if is_off:
        return f"The webhook endpoint {url} is switched off: switch it on in Stripe's dashboard."
    return f"No webhook endpoint of the account has the address {url}: add it in Stripe's dashboard (docs/stripe.md)."


def _events(url: str, on: list[Json]) -> Iterator[Remark]:
    asked = {str(event) for each in on for event in each["enabled_events"]}
    missing = [] if "*" in asked else sorted(set(NEEDED) - asked)
    if missing:
        yield Remark(
            "events", f"The webhook endpoint {url} is not told of {', '.join(missing)}: add them in Stripe's dashboard."
        )


def _name(version: str) -> str:
    """The release: within one of them, dates differ and shapes do not. https://docs.stripe.com/sdks/versioning"""
    return version.partition(".")[2] or version
