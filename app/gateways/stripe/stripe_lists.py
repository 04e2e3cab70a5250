"""What Stripe's lists say of the account, page by page: charges by their intents, returns, disputes.

https://docs.stripe.com/api/pagination: a hundred to a page, newest first, and a page begins after an object, so that
what is made meanwhile moves nothing. Lists are filtered by when an object was made, not by when it last changed.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import stripe

from app.domain.money import MoneyError
from app.gateways import http
from app.gateways.base import Fact, GatewayEvent, Listed, Pending, Refunded, RefundFailed
from app.gateways.http import Json, checked_id
from app.gateways.stripe.stripe_codes import clear_answer
from app.gateways.stripe.stripe_events import dispute_fact
from app.gateways.stripe.stripe_facts import (
    id_of,
    instant,
    intent_outcome,
    reference_of,
    refund_outcome,
    word_of,
)

PAGE = 100
# How long after it was made an object may still change. Refunds fail up to thirty days later; a dispute is decided within
# about three months, and may be taken to the next phase. https://docs.stripe.com/refunds, https://docs.stripe.com/disputes
_REFUNDS_CHANGE = timedelta(days=35)
_DISPUTES_CHANGE = timedelta(days=200)
_SESSION_LIVES = timedelta(hours=25)  # an intent is made while its session lives (stripe_params.LONGEST)
_MONEY = ("succeeded", "requires_capture")  # of an intent that took or reserved some; the others are tries
_NOTHING = Pending()  # what says nothing about money of ours: it is counted


class Lists:
    """The account's objects of one stretch of time."""

    def __init__(self, api: Any, since: datetime, until: datetime) -> None:
        self._api = api
        self._since = since
        self._until = until
        self._known_sessions: dict[str, str] | None = None

    def all(self) -> Iterator[Listed]:
        """Charges first: what comes back, or is challenged, was charged before."""
        with clear_answer():
            yield from self._charges()
            yield from self._refunds()
            yield from self._disputes()

    def _charges(self) -> Iterator[Listed]:
        for intent in self._pages(self._api.payment_intents.list, self._since, "latest_charge"):
            if intent["status"] in _MONEY:
                listed = _listed("payment_intent", intent, intent, _fact(intent_outcome, intent), intent["status"])
                yield self._with_session(listed, intent)

    def _refunds(self) -> Iterator[Listed]:
        for refund in self._pages(self._api.refunds.list, self._since - _REFUNDS_CHANGE, "payment_intent"):
            fact = _fact(refund_outcome, refund)
            if isinstance(fact, Refunded | RefundFailed):  # of one under way it is no news that it is
                yield _listed("refund", refund, _intent_of(refund), fact, refund["status"])

    def _disputes(self) -> Iterator[Listed]:
        for dispute in self._pages(self._api.disputes.list, self._since - _DISPUTES_CHANGE, "payment_intent"):
            fact = _fact(dispute_fact, dispute)
            # What was withdrawn for it is told under the same status.
            state = (
                f"{dispute['status']}:{sum(int(row['amount']) for row in dispute.get('balance_transactions') or [])}"
            )
            yield _listed("dispute", dispute, _intent_of(dispute), fact, state)

    def _with_session(self, listed: Listed, intent: Json) -> Listed:
        """An intent does not name its session, by which our rows know the payment."""
        if listed.installation is None:
            return listed
        session = self._sessions().get(checked_id(intent["id"]))
        return replace(listed, event=replace(listed.event, provider_ref=session))

    def _sessions(self) -> dict[str, str]:
        if self._known_sessions is None:
            pages = self._pages(self._api.checkout.sessions.list, self._since - _SESSION_LIVES)
            ids = ((id_of(session.get("payment_intent")), checked_id(session["id"])) for session in pages)
            self._known_sessions = {intent: session for intent, session in ids if intent}
        return self._known_sessions

    def _pages(self, call: Callable[..., stripe.ListObject[Any]], since: datetime, inside: str = "") -> Iterator[Json]:
        created = {"gte": int(since.timestamp()), "lte": int(self._until.timestamp())}
        params: dict[str, Any] = {"created": created, "limit": PAGE}
        if inside:
            params["expand"] = [f"data.{inside}"]
        while True:
            page, more = http.patiently(partial(_page, call, params))
            yield from page
            if not (page and more):
                return
            params["starting_after"] = page[-1]["id"]


def _page(call: Callable[..., stripe.ListObject[Any]], params: dict[str, Any]) -> tuple[list[Json], bool]:
    with clear_answer():
        found = call(params)
        return [each.to_dict() for each in found.data], bool(found.has_more)


def _fact(read: Callable[[Json], Fact], thing: Json) -> Fact:
    with suppress(MoneyError):  # money that we cannot even write down we never asked for
        return read(thing)
    return _NOTHING


def _intent_of(thing: Json) -> Json:
    intent = thing.get("payment_intent")
    return intent if isinstance(intent, dict) else {}


def _listed(kind: str, thing: Json, intent: Json, fact: Fact, state: str) -> Listed:
    event = GatewayEvent(f"list:{checked_id(thing['id'])}:{state}", kind, fact, reference_of(intent))
    mark = word_of(thing, "installation") or word_of(intent, "installation")
    return Listed(event, instant(thing["created"]), mark, word_of(intent, "checkout"))
