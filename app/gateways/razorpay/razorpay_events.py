"""What Razorpay's webhooks say about money, as news: pure translation of plain dicts, no calls.

https://razorpay.com/docs/webhooks/payloads
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from app.domain.money import Money, MoneyError
from app.gateways.base import (
    Disputed,
    DisputePhase,
    Fact,
    GatewayEvent,
    Pending,
    Refunded,
    RefundFailed,
)
from app.gateways.http import (
    WRONG_SHAPE,
    Json,
    checked_id,
    dict_of,
    maybe_id,
    maybe_ours,
    minor_units,
)
from app.gateways.razorpay.razorpay_facts import (
    failed_payment,
    installation_of,
    instant,
    payment_outcome,
    refund_outcome,
    to_money,
)

# Each function is given the name of the event and its payload, entity by entity.


def _of_payment(_name: str, things: Json) -> Fact:
    return payment_outcome(things["payment"])


def _payment_failed(_name: str, things: Json) -> Fact:
    return failed_payment(things["payment"])


def _payment_authorised(_name: str, _things: Json) -> Fact:
    return Pending()  # on its way to captured, whatever the snapshot says


def _of_refund(_name: str, things: Json) -> Fact | None:
    # A Pending fact would be about the payment, and "still under way" is no news about a refund.
    outcome = refund_outcome(things["refund"])
    if isinstance(outcome, Refunded):
        return replace(outcome, taken=_taken(things.get("payment", {}), outcome.charge_ref))
    return None if isinstance(outcome, Pending) else outcome


def _taken(payment: Json, charge_ref: str | None) -> Money | None:
    """What the payment had brought in, where the news says so.

    One that was not captured Razorpay sends back by itself: the second on a paid order, or one that was authorised late.
    https://razorpay.com/docs/payments/refunds/auto-refunds
    """
    captured = payment.get("captured")
    if payment.get("id") == charge_ref and isinstance(captured, bool):
        with suppress(*WRONG_SHAPE):
            paid = to_money(payment)
            return paid if captured else Money(0, paid.currency)
    return None


# https://razorpay.com/docs/payments/disputes: each phase is a dispute of its own.
_PHASES: dict[object, DisputePhase] = {
    "fraud": DisputePhase.ENQUIRY,
    "retrieval": DisputePhase.ENQUIRY,
    "pre_arbitration": DisputePhase.PRE_ARBITRATION,
    "arbitration": DisputePhase.ARBITRATION,
}


def _of_dispute(name: str, things: Json) -> Fact:
    return dispute_fact(things["dispute"], name.rpartition(".")[2])


def dispute_fact(dispute: Json, stage: str) -> Disputed:
    """How far the dispute is; `stage` is the event's word for it. https://razorpay.com/docs/api/disputes/entity"""
    due = dispute.get("respond_by")
    taken = minor_units(dispute.get("amount_deducted") or 0)
    money = to_money(dispute)
    return Disputed(
        checked_id(dispute["payment_id"]),
        money,
        stage,
        checked_id(dispute["id"]),
        _PHASES.get(dispute.get("phase"), DisputePhase.CHARGEBACK),
        instant(due) if due else None,
        Money(taken, money.currency) if taken > 0 else None,
    )


EVENTS: dict[str, Callable[[str, Json], Fact | None]] = {
    "payment.authorized": _payment_authorised,
    "payment.captured": _of_payment,
    "order.paid": _of_payment,
    "payment.failed": _payment_failed,
    "refund.created": _of_refund,
    "refund.processed": _of_refund,
    "refund.failed": _of_refund,
    "refund.speed_changed": _of_refund,
    "payment.dispute.created": _of_dispute,
    "payment.dispute.under_review": _of_dispute,
    "payment.dispute.action_required": _of_dispute,
    "payment.dispute.won": _of_dispute,
    "payment.dispute.lost": _of_dispute,
    "payment.dispute.closed": _of_dispute,
}


def read_event(event: Json, event_key: str) -> GatewayEvent | None:
    """The webhook as news, or None when it says nothing about an order's money. Raises one of http.WRONG_SHAPE."""
    name = checked_id(event["event"])
    if name not in EVENTS:
        return None
    things = _things(event["payload"])
    with suppress(MoneyError):  # money that we cannot even write down we never asked for
        fact = EVENTS[name](name, things)
        return _addressed(GatewayEvent(event_key, name, fact), things) if fact else None
    return None


def _things(payload: object) -> dict[str, Json]:
    # What stands in the payload beside the thing we need, and is none, is not missed.
    entities = ((kind, each.get("entity")) for kind, each in dict_of(payload).items() if isinstance(each, dict))
    return {kind: entity for kind, entity in entities if isinstance(entity, dict)}


def _addressed(news: GatewayEvent, things: Json) -> GatewayEvent | None:
    # Ours only from the order and the refund, which we made: a payment's notes come from the payer's browser.
    order = things.get("order", {})
    provider_ref = maybe_id(things.get("payment", {}).get("order_id")) or maybe_id(order.get("id"))
    if provider_ref is None and not isinstance(news.fact, Refunded | RefundFailed | Disputed):
        return None  # paid without an order, so not through us
    whose = installation_of(order) or installation_of(things.get("refund", {}))
    return replace(news, reference=maybe_ours(order.get("receipt")), provider_ref=provider_ref, installation=whose)
