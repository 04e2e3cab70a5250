"""Money back: the row with its key is committed first, the gateway is called after, silence stays open."""

import logging
import uuid
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from app import chance, clock, outbox
from app.extensions import db
from app.gateways.base import (
    GatewayError,
    Pending,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundRequest,
)
from app.lifecycle import RefundStatus, refund_rule
from app.models import Attempt, Refund
from app.money import Money
from app.services import checkouts, facts, notices
from app.services.addresses import callback_address
from app.services.transaction import GATEWAY, Who, lock, record, transaction

log = logging.getLogger(__name__)

_GAPS = (20, 60, 300, 900, 3600, 14400)  # seconds between tries; then every four hours
_GIVE_UP = timedelta(days=3)


def ask(attempt: Attempt, charge_ref: str, money: Money, reason: str, who: Who) -> Refund:
    """The refund will be made, once per charge and reason; its row is in the caller's transaction, the call comes after."""
    found = db.session.scalars(
        select(Refund).where(Refund.attempt_id == attempt.id, Refund.charge_ref == charge_ref, Refund.reason == reason)
    ).one_or_none()
    if found is not None:
        return found
    refund = Refund(
        id=chance.new_id(),
        attempt_id=attempt.id,
        charge_ref=charge_ref,
        key=f"rf_{chance.reference(20)}",
        amount=money.amount,
        currency=money.currency,
        reason=reason,
        status=RefundStatus.ASKED,
        next_try_at=clock.now(),
        asked_at=clock.now(),
    )
    db.session.add(refund)
    db.session.flush()
    record("refund", refund.id, "", refund.status, who, why=reason, booking_id=attempt.checkout.booking_id)
    outbox.after_commit("app.jobs.refunds.send", str(refund.id))
    return refund


def send(refund_id: uuid.UUID) -> None:
    """The gateway has been asked (again, with the same key) and its answer is in the row. Safe to repeat."""
    refund = _claim(refund_id)
    if refund is None:
        return
    gateway = checkouts.gateways().get(refund.attempt.gateway)
    if gateway is None:
        _settle(refund_id, RefundFailed("this gateway is no longer set up", retryable=False))
        return
    request = _request(refund)
    first = refund.status is RefundStatus.ASKED and refund.tries <= 1
    db.session.rollback()  # nothing is held open while the vendor thinks
    try:
        outcome = gateway.refund(request) if first else gateway.look_up_refund(request)
    except GatewayError as error:
        log.warning("refund.unclear refund=%s error=%s", refund_id, type(error).__name__)
        return  # the claim has already put the next try off
    _settle(refund_id, outcome)


def due() -> list[uuid.UUID]:
    """Ids of refunds that wait to be sent or looked up."""
    statement = (
        select(Refund.id)
        .where(Refund.status.in_((RefundStatus.ASKED, RefundStatus.SENT)), Refund.next_try_at <= clock.now())
        .order_by(Refund.next_try_at)
        .limit(200)
    )
    return list(db.session.scalars(statement))


def apply(attempt: Attempt, fact: Refunded | RefundFailed | Pending) -> bool:
    """Whether a vendor's news about a refund found its row (or made one, for money sent back by hand at the vendor)."""
    refund = _find(attempt, fact)
    if refund is None and isinstance(fact, Refunded) and fact.money is not None:
        refund = _made_elsewhere(attempt, fact)
    if refund is None:
        return False
    _move(refund, fact)
    return True


def of_attempts(ids: list[uuid.UUID]) -> list[Refund]:
    """All refunds of these attempts, oldest first."""
    return list(db.session.scalars(select(Refund).where(Refund.attempt_id.in_(ids)).order_by(Refund.asked_at)))


def left_of(attempt: Attempt) -> Money:
    """What of the attempt's money is neither back nor on its way."""
    known = [r for r in of_attempts([attempt.id]) if r.charge_ref in ("", attempt.charge_ref)]
    return attempt.money - Money(sum(r.amount for r in known), attempt.currency)


def _claim(refund_id: uuid.UUID) -> Refund | None:
    # Putting the next try off first means that a crash in the call costs a delay, never a second refund.
    with transaction():
        refund = lock(Refund, refund_id)
        now = clock.now()
        if refund is None or refund.status not in (RefundStatus.ASKED, RefundStatus.SENT):
            return None
        if refund.next_try_at is None or refund.next_try_at > now:
            return None
        refund.next_try_at = now + timedelta(seconds=_GAPS[min(refund.tries, len(_GAPS) - 1)])
        refund.tries += 1
    return refund


def _request(refund: Refund) -> RefundRequest:
    attempt = refund.attempt
    return RefundRequest(
        refund_key=refund.key,
        provider_ref=attempt.provider_ref or "",
        charge_ref=refund.charge_ref or attempt.charge_ref or "",
        money=refund.money,
        reason=refund.reason,
        callback_url=callback_address(current_app, attempt.gateway, refund.key),
    )


def _settle(refund_id: uuid.UUID, outcome: RefundOutcome) -> None:
    with transaction():
        refund = db.session.get_one(Refund, refund_id)
        lock(Attempt, refund.attempt_id)
        locked = lock(Refund, refund_id)
        if locked is not None:
            _move(locked, outcome)


def _move(refund: Refund, fact: Refunded | RefundFailed | Pending) -> None:
    if not isinstance(fact, Pending) and fact.refund_ref:
        refund.provider_ref = fact.refund_ref
    target = refund_rule(refund.status, facts.word(fact))
    if target is None:
        return
    booking = refund.attempt.checkout.booking
    record("refund", refund.id, refund.status, target, GATEWAY, booking_id=booking.id if booking else None)
    refund.status = target
    data = {"amount": refund.amount, "currency": refund.currency, "title": refund.attempt.checkout.title}
    if target is RefundStatus.DONE:
        refund.settled_at, refund.next_try_at, refund.failure = clock.now(), None, ""
        notices.tell(refund.attempt.checkout.client_id, "refund_done", booking=booking, cause=refund.key, data=data)
    elif isinstance(fact, RefundFailed):
        refund.settled_at, refund.next_try_at, refund.failure = clock.now(), None, fact.reason[:200]
        reference = {"reference": refund.attempt.reference}
        notices.tell_staff("refund_failed", booking=booking, cause=refund.key, data=data | reference)


def _find(attempt: Attempt, fact: Refunded | RefundFailed | Pending) -> Refund | None:
    known = of_attempts([attempt.id])
    if isinstance(fact, Pending):
        return known[-1] if known else None
    for refund in known:
        if fact.refund_key and refund.key == fact.refund_key:
            return refund
    for refund in known:
        if fact.refund_ref and refund.provider_ref == fact.refund_ref:
            return refund
    if fact.refund_key or len(known) != 1:
        return None
    return known[0] if fact.refund_ref is None or known[0].provider_ref is None else None


def _made_elsewhere(attempt: Attempt, fact: Refunded) -> Refund | None:
    """A refund somebody made at the vendor's own site: kept, so that our books say where the money is."""
    # News that names no refund (Stripe's charge.refunded) is told again by one that does: a row for both would be two.
    if fact.refund_ref is None or fact.money is None or fact.money.currency != attempt.currency:
        return None
    if fact.money.amount > left_of(attempt).amount:
        return None
    refund = ask(
        attempt,
        fact.charge_ref or attempt.charge_ref or "",
        fact.money,
        f"at_gateway:{(fact.refund_ref or '')[-18:]}",
        GATEWAY,
    )
    refund.next_try_at = None
    return refund
