"""What Razorpay's lists say of the account, page by page: payments by their orders, returns, disputes.

https://razorpay.com/docs/api/payments/fetch-all-payments, https://razorpay.com/docs/api/refunds/fetch-all,
https://razorpay.com/docs/api/disputes/fetch-all: a hundred to a page, newest first, by when a thing was made (`from` and
`to`). Pages are counted off (`skip`), which is safe because `to` lies before the first page is asked for.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.domain.money import Money, MoneyError
from app.gateways import http
from app.gateways.base import Confirmed, Fact, GatewayEvent, Listed, Pending, Refunded, RefundFailed
from app.gateways.http import Json, checked_id, maybe_id, maybe_ours
from app.gateways.razorpay.razorpay_answers import clear_answer, items
from app.gateways.razorpay.razorpay_events import dispute_fact
from app.gateways.razorpay.razorpay_facts import instant, note_of, payment_outcome, refund_outcome, to_money

PAGE = 100
# How long after it was made an object may still change: a refund fails within weeks, a dispute goes on for months.
_REFUNDS_CHANGE = timedelta(days=35)
_DISPUTES_CHANGE = timedelta(days=200)
_ORDER_WAITS = timedelta(days=1)  # most orders are paid on the day they are made; of an older one it is asked alone
# The event by which a webhook tells of a dispute's status; the others have the name of theirs.
_TOLD_AS = {"open": "created"}
_NOTHING = Pending()  # what says nothing about money of ours: it is counted


@dataclass(frozen=True)
class _Order:
    """What we keep with an order, which its payments do not repeat."""

    id: str
    reference: str | None
    installation: str | None
    checkout: str | None
    is_paid: bool


@dataclass(frozen=True)
class _Payment:
    """Whose a payment was, and what it brought in."""

    order: _Order
    taken: Money


class Lists:
    """The account's objects of one stretch of time."""

    def __init__(self, api: Any, since: datetime, until: datetime) -> None:
        self._api = api
        self._since = since
        self._until = until
        self._orders: dict[str, _Order] | None = None
        self._payments: dict[str, _Payment] = {}

    def all(self) -> Iterator[Listed]:
        """Payments first: what comes back, or is challenged, was paid before."""
        with clear_answer():
            yield from self._paid()
            yield from self._refunds()
            yield from self._disputes()

    def _paid(self) -> Iterator[Listed]:
        for payment in self._pages(self._api.payment.all, self._since):
            order = self._order_of(payment)
            if payment["status"] not in ("captured", "refunded"):
                continue  # a try that failed, or is under way
            fact = _fact(payment_outcome, payment) if order else _NOTHING
            if isinstance(fact, Confirmed) and fact.money and order:
                ours_for_a_time = _was_captured(payment, order)
                taken = fact.money if ours_for_a_time else Money(0, fact.money.currency)
                self._payments[checked_id(payment["id"])] = _Payment(order, taken)
                if not ours_for_a_time:
                    continue  # Razorpay sent back by itself what it had not captured
            yield _listed("payment", payment, fact, payment["status"], order)

    def _refunds(self) -> Iterator[Listed]:
        for refund in self._pages(self._api.refund.all, self._since - _REFUNDS_CHANGE):
            fact = _fact(refund_outcome, refund)
            paid = self._payments.get(refund["payment_id"])
            if isinstance(fact, Refunded) and paid:
                fact = replace(fact, taken=paid.taken)
            if isinstance(fact, Refunded | RefundFailed):  # of one under way it is no news that it is
                yield _listed("refund", refund, fact, refund["status"], paid.order if paid else None)

    def _disputes(self) -> Iterator[Listed]:
        for dispute in self._pages(self._api.dispute.all, self._since - _DISPUTES_CHANGE):
            status = checked_id(dispute["status"])
            stage = _TOLD_AS.get(status, status)
            fact = _fact(partial(dispute_fact, stage=stage), dispute)
            paid = self._payments.get(dispute["payment_id"])
            state = f"{dispute['phase']}:{stage}:{dispute.get('amount_deducted')}"
            yield _listed("dispute", dispute, fact, state, paid.order if paid else None)

    def _order_of(self, payment: Json) -> _Order | None:
        order_id = maybe_id(payment.get("order_id"))
        if order_id is None:
            return None  # paid without an order, so not through us
        if self._orders is None:
            pages = self._pages(self._api.order.all, self._since - _ORDER_WAITS)
            self._orders = {order.id: order for order in map(_order, pages)}
        if order_id not in self._orders:
            self._orders[order_id] = _order(http.dict_of(http.patiently(partial(self._api.order.fetch, order_id))))
        return self._orders[order_id]

    def _pages(self, call: Callable[[dict[str, int]], Any], since: datetime) -> Iterator[Json]:
        stretch = {"from": int(since.timestamp()), "to": int(self._until.timestamp()), "count": PAGE}
        for skip in itertools.count(0, PAGE):
            page = http.patiently(partial(_page, call, stretch | {"skip": skip}))
            yield from page
            if len(page) < PAGE:
                return


def _page(call: Callable[[dict[str, int]], Any], params: dict[str, int]) -> list[Json]:
    with clear_answer():
        return items(call(params))


def _order(order: Json) -> _Order:
    return _Order(
        id=checked_id(order["id"]),
        reference=maybe_ours(order.get("receipt")),
        installation=note_of(order, "installation"),
        checkout=note_of(order, "checkout"),
        is_paid=order["status"] == "paid",
    )


def _was_captured(payment: Json, order: _Order) -> bool:
    """Whether a payment that says so took money: what Razorpay gave back by itself says `refunded`, too."""
    return payment["status"] == "captured" or (payment.get("captured") is not False and order.is_paid)


def _fact(read: Callable[[Json], Fact], thing: Json) -> Fact:
    with suppress(MoneyError):  # money that we cannot even write down we never asked for
        to_money(thing)
        return read(thing)
    return _NOTHING


def _listed(kind: str, thing: Json, fact: Fact, state: str, order: _Order | None) -> Listed:
    event = GatewayEvent(
        event_key=f"list:{checked_id(thing['id'])}:{state}",
        kind=kind,
        fact=fact,
        reference=order.reference if order else None,
        provider_ref=order.id if order else None,
    )
    mark = (order.installation if order else None) or note_of(thing, "installation")
    return Listed(event, instant(thing["created_at"]), mark, order.checkout if order else None)
