"""What Stripe's webhooks say about money, as news: pure translation of plain dicts, no calls.

https://docs.stripe.com/api/events/types
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from app.domain.money import Money, MoneyError
from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    Confirmed,
    Disputed,
    DisputePhase,
    Fact,
    Failed,
    FailureCode,
    GatewayEvent,
    InboundCallback,
    Pending,
    RefundsChanged,
)
from app.gateways.http import Json, checked_id, dict_of, unix_seconds
from app.gateways.stripe.stripe_facts import (
    declined_intent,
    id_of,
    installation_of,
    instant,
    intent_outcome,
    reference_of,
    refund_outcome,
    session_outcome,
    to_money,
)
from app.lib import clock

SIGNATURE_AGE = 300  # seconds a signature stays good, as in Stripe's own libraries

# Each function is given the event and the object inside it.

_SESSION = "checkout.session."


def _of_session(_event: Json, session: Json) -> Fact:
    return session_outcome(session)


def _session_failed(_event: Json, _session: Json) -> Fact:
    return Failed(FailureCode.DECLINED, "async_payment_failed")


def _session_expired(_event: Json, _session: Json) -> Fact:
    return Failed(FailureCode.SESSION_EXPIRED, "expired")


def _of_intent(_event: Json, intent: Json) -> Fact:
    return intent_outcome(intent)


def _intent_failed(_event: Json, intent: Json) -> Fact:
    # Whatever the snapshot's status: a decline leaves the session open and payable, so it is a hint and no end.
    return declined_intent(intent)


def _charge_refunded(_event: Json, charge: Json) -> Fact:
    # It names no refund, is told when one only begins, and also when a reservation is let go.
    return RefundsChanged(id_of(charge.get("payment_intent")) or checked_id(charge["id"]))


def _of_refund(_event: Json, refund: Json) -> Fact | None:
    # A Pending fact would be about the payment, and "still under way" is no news about a refund.
    outcome = refund_outcome(refund)
    return None if isinstance(outcome, Pending) else outcome


def _of_dispute(_event: Json, dispute: Json) -> Fact:
    return dispute_fact(dispute)


def dispute_fact(dispute: Json) -> Disputed:
    """Whatever tells of it, the dispute says how far it is. https://docs.stripe.com/api/disputes/object"""
    status = checked_id(dispute["status"])
    charge = id_of(dispute.get("payment_intent")) or id_of(dispute.get("charge"))
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return Disputed(
        checked_id(charge),
        to_money(dispute["amount"], dispute["currency"]),
        status,
        checked_id(dispute["id"]),
        DisputePhase.ENQUIRY if status.startswith("warning_") else DisputePhase.CHARGEBACK,
        datetime.fromtimestamp(unix_seconds(due), UTC) if due else None,
        _withdrawn(dispute, "amount", -1),
        _withdrawn(dispute, "fee", 1),
    )


def _withdrawn(dispute: Json, what: str, sign: int) -> Money | None:
    """What the dispute's balance transactions come to, where they are in its own currency; the account may have another."""
    rows = dispute.get("balance_transactions") or []
    total = sign * sum(int(row[what]) for row in rows if row["currency"] == dispute["currency"])
    return to_money(total, dispute["currency"]) if total > 0 else None


EVENTS: dict[str, Callable[[Json, Json], Fact | None]] = {
    "checkout.session.completed": _of_session,
    "checkout.session.async_payment_succeeded": _of_session,
    "checkout.session.async_payment_failed": _session_failed,
    "checkout.session.expired": _session_expired,
    "payment_intent.succeeded": _of_intent,
    "payment_intent.processing": _of_intent,
    "payment_intent.amount_capturable_updated": _of_intent,
    "payment_intent.canceled": _of_intent,
    "payment_intent.payment_failed": _intent_failed,
    "charge.refunded": _charge_refunded,
    "charge.refund.updated": _of_refund,
    "refund.created": _of_refund,
    "refund.updated": _of_refund,
    "refund.failed": _of_refund,
    "charge.dispute.created": _of_dispute,
    "charge.dispute.updated": _of_dispute,
    "charge.dispute.closed": _of_dispute,
    "charge.dispute.funds_withdrawn": _of_dispute,
    "charge.dispute.funds_reinstated": _of_dispute,
}


def prove(callback: InboundCallback, secret: str) -> None:
    """Stripe signed the callback within the last five minutes. https://docs.stripe.com/webhooks/signature

    Raises CallbackRejected, or one of WRONG_SHAPE.
    """
    parts = [part.strip().partition("=") for part in callback.headers["stripe-signature"].split(",")]
    stamp = {key: value for key, _, value in parts}["t"]
    message = stamp.encode() + b"." + callback.body
    # Several v1 while the secret is being rolled; other schemes prove nothing.
    if not any(http.is_signed(secret, message, v) for k, _, v in parts if k == "v1"):
        raise CallbackRejected("not signed by Stripe")
    if not (stamp.isascii() and stamp.isdigit()) or abs(clock.now().timestamp() - int(stamp)) > SIGNATURE_AGE:
        raise CallbackRejected("signed too long ago, or in time to come")


def read_event(event: Json) -> GatewayEvent | None:
    """The event as news, or None for one that says nothing about our money. Raises one of WRONG_SHAPE."""
    kind = checked_id(event["type"])
    read = EVENTS.get(kind)
    if read is None:
        return None  # before its object is looked at: other types have other objects, or none
    thing = dict_of(event["data"]["object"])
    if _is_anothers(kind, thing):
        return None
    with suppress(MoneyError):  # money that we cannot even write down we never asked for
        return _news(event, kind, thing, _dated(read(event, thing), event))
    return None


def _news(event: Json, kind: str, thing: Json, fact: Fact | None) -> GatewayEvent | None:
    session = checked_id(thing["id"]) if kind.startswith(_SESSION) else None
    whose = installation_of(thing)
    return GatewayEvent(checked_id(event["id"]), kind, fact, reference_of(thing), session, {}, whose) if fact else None


def _dated(fact: Fact | None, event: Json) -> Fact | None:
    """The fact, with when it happened: Stripe tells of money as it is taken, however late the event is heard."""
    created = event.get("created")
    return replace(fact, taken_at=instant(created)) if isinstance(fact, Confirmed) and created is not None else fact


def _is_anothers(kind: str, thing: Json) -> bool:
    # The account may serve other things too. Every intent of ours carries our reference; every session of ours asks for
    # money, but one that only keeps a card for later (mode=setup) has none, in one currency or in no currency at all.
    if kind.startswith("payment_intent."):
        return reference_of(thing) is None
    return kind.startswith(_SESSION) and None in (thing.get("amount_total", ""), thing.get("currency", ""))
