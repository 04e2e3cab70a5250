"""Trying to pay: begin, resume, look up, close. Every call to a vendor stands between two transactions, never inside one."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import select

from app import chance, clock, outbox
from app.extensions import db
from app.gateways.base import (
    CheckoutRequest,
    CheckoutStep,
    Confirmed,
    Failed,
    Gateway,
    GatewayError,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    PaymentOutcome,
    Pending,
    WaitForPush,
)
from app.lifecycle import LIVE_ATTEMPTS, Actor, AttemptStatus, CheckoutStatus
from app.models import Attempt, Checkout, User
from app.services import callbacks, checkouts, facts, payments, phones, reviews
from app.services.addresses import callback_address
from app.services.errors import Conflict, Invalid, NotFound
from app.services.transaction import CLOCK, Who, lock, record, transaction

log = logging.getLogger(__name__)

_FIRST_LOOK_UP = 20  # seconds after a start; a callback usually comes first
_GROWTH = 1.6
_LONGEST_GAP = 6 * 3600
_GIVE_UP = timedelta(days=3)
_CALL_LEASE = timedelta(seconds=30)  # how long one look-up keeps others from asking the same


@dataclass(frozen=True)
class Started:
    """The attempt as it now stands, and how the payer goes on; no step while the vendor has not answered clearly."""

    attempt: Attempt
    step: CheckoutStep | None


# ------------------------------------------------------------------------------------------------ beginning


def begin(
    checkout_id: uuid.UUID, client: User, gateway_code: str, *, phone: str = "", request_key: str | None = None
) -> Started:
    """The client's payment is under way at the gateway, or the same one as before if it still can be paid.

    Raises NotFound, Invalid (unknown_gateway, phone_invalid), Conflict (checkout_closed, slot_taken, under_review,
    attempt_unresolved, payment_refused).
    """
    gateway = _gateway_for(checkouts.get(checkout_id, client), gateway_code)
    payer_phone = _phone(gateway, phone or client.phone or "")
    attempt, is_new = _prepare(checkout_id, client, gateway, payer_phone, request_key)
    if attempt is None:  # another try is in the way: end it first, or say that it cannot be ended yet
        close(checkout_id)
        attempt, is_new = _prepare(checkout_id, client, gateway, payer_phone, request_key)
        if attempt is None:
            raise Conflict("attempt_unresolved")
    if attempt.step is not None or not attempt.is_live:
        return Started(attempt, _step(attempt))
    if is_new or gateway.capabilities.repeatable_start:
        return _call_start(attempt.id, gateway)
    return Started(attempt, None)


def _gateway_for(checkout: Checkout, code: str) -> Gateway:
    for gateway in checkouts.methods(checkout.money):
        if gateway.code == code:
            return gateway
    raise Invalid("unknown_gateway", field="gateway")


def _phone(gateway: Gateway, phone: str) -> str | None:
    if not gateway.capabilities.needs_phone:
        return None
    try:
        return phones.normalise(phone, gateway.capabilities.phone_region)
    except ValueError:
        raise Invalid("phone_invalid", field="phone") from None


def _prepare(
    checkout_id: uuid.UUID, client: User, gateway: Gateway, phone: str | None, request_key: str | None
) -> tuple[Attempt | None, bool]:
    """The attempt to go on with, and whether it is new; None when another live one has to be ended first."""
    with transaction():
        checkout, attempts = lock_with_attempts(checkout_id)
        if checkout.client_id != client.id:
            raise NotFound
        if request_key and (same := next((a for a in attempts if a.request_key == request_key), None)):
            return same, False
        _check_payable(checkout)
        live = next((a for a in attempts if a.is_live), None)
        if live is not None:
            return (live, False) if _is_same_try(live, gateway, phone) else (None, False)
        if again := _payable_again(attempts, gateway):
            payments.try_again(again, Who(Actor.CLIENT, client.id))
            _schedule(again, _FIRST_LOOK_UP)
            return again, False
        return _create(checkout, client, gateway, phone, request_key), True


def _check_payable(checkout: Checkout) -> None:
    if not checkouts.is_payable(checkout):
        raise Conflict("checkout_closed")
    if reviews.of_checkout(checkout):
        raise Conflict("under_review")
    if not checkouts.place_left(checkout):
        raise Conflict("slot_taken")


def _is_same_try(live: Attempt, gateway: Gateway, phone: str | None) -> bool:
    if live.gateway != gateway.code:
        return False
    # A prompt that has run out on the phone may be asked for again, once the gateway was asked what became of it.
    return live.phone == phone and not _prompt_is_over(live, gateway)


def _payable_again(attempts: list[Attempt], gateway: Gateway) -> Attempt | None:
    if not gateway.capabilities.retryable_step:
        return None
    ended = [a for a in attempts if a.gateway == gateway.code and a.step and a.status is AttemptStatus.FAILED]
    return ended[-1] if ended else None


def _create(checkout: Checkout, client: User, gateway: Gateway, phone: str | None, request_key: str | None) -> Attempt:
    reference, now = chance.reference(), clock.now()
    attempt = Attempt(
        id=chance.new_id(),
        checkout_id=checkout.id,
        gateway=gateway.code,
        reference=reference,
        status=AttemptStatus.CREATED,
        amount=checkout.amount,
        currency=checkout.currency,
        phone=phone,
        request=facts.to_json(_request(checkout, client, gateway, reference, phone, now)),
        details={},
        request_key=request_key,
        created_at=now,
    )
    _schedule(attempt, _FIRST_LOOK_UP)
    db.session.add(attempt)
    db.session.flush()
    who = Who(Actor.CLIENT, client.id)
    record("attempt", attempt.id, "", attempt.status, who, why=gateway.code, booking_id=checkout.booking_id)
    return attempt


def _request(
    checkout: Checkout, client: User, gateway: Gateway, reference: str, phone: str | None, now: datetime
) -> CheckoutRequest:
    page = f"{current_app.config['PUBLIC_URL']}/checkouts/{checkout.id}"
    return CheckoutRequest(
        reference=reference,
        idempotency_key=f"start-{reference}",
        money=checkout.money,
        description=f"Session {reference}",  # discreet: it may stand on a statement others read
        expires_at=checkout.expires_at,
        created_at=now,
        callback_url=callback_address(current_app, gateway.code, reference),
        return_url=f"{page}/return",
        cancel_url=f"{page}/back",
        email=client.email,
        phone=phone or "",
        name=client.name,
    )


def _call_start(attempt_id: uuid.UUID, gateway: Gateway) -> Started:
    request = facts.from_json(db.session.get_one(Attempt, attempt_id).request)
    db.session.rollback()  # nothing is held open while the vendor thinks
    try:
        step = gateway.start(request)
    except GatewayRefused as refusal:
        _refused(attempt_id, refusal)
        raise Conflict("payment_refused", reason=refusal.code.value) from None
    except GatewayUnavailable as error:
        log.warning("start.unclear attempt=%s error=%s", attempt_id, type(error).__name__)
        return Started(db.session.get_one(Attempt, attempt_id), None)
    return _store_step(attempt_id, step)


def _store_step(attempt_id: uuid.UUID, step: CheckoutStep) -> Started:
    with transaction():
        attempt = _lock_attempt(attempt_id)
        if attempt.provider_ref not in (None, step.provider_ref):
            # Our answer and the callback that overtook it name different payments: nobody may pay on.
            reviews.open_review(attempt, "reference", "the gateway answered with another payment id")
            return Started(attempt, None)
        attempt.step, attempt.details = facts.to_json(step), dict(step.details)
        attempt.provider_ref = step.provider_ref
        if attempt.status is AttemptStatus.CREATED:
            payments.apply_pending(attempt)
        outbox.after_commit("app.jobs.payments.look_up", str(attempt.id), delay=_FIRST_LOOK_UP)
        return Started(attempt, step)


def _refused(attempt_id: uuid.UUID, refusal: GatewayRefused) -> None:
    with transaction():
        payments.apply_failure(_lock_attempt(attempt_id), Failed(refusal.code, "refused"))
        log.info("start.refused attempt=%s reason=%s", attempt_id, refusal.code.value)


# ------------------------------------------------------------------------------------------------ looking up


def look_up(attempt_id: uuid.UUID) -> None:
    """What the gateway says of the attempt now has been applied; the next look-up is on the clock. Safe to repeat."""
    attempt = _lease(attempt_id)
    if attempt is not None:
        # Where nothing can be paid any more, asking is also ending: a page left open at the vendor is closed.
        _ask(attempt, closing=checkouts.status_now(attempt.checkout) is not CheckoutStatus.OPEN)


def due() -> list[uuid.UUID]:
    """Ids of attempts whose gateway should be asked now."""
    statement = (
        select(Attempt.id).where(Attempt.next_look_up_at <= clock.now()).order_by(Attempt.next_look_up_at).limit(200)
    )
    return list(db.session.scalars(statement))


def check(checkout: Checkout) -> None:
    """The page's "check now": the gateway is asked about the live attempt, but not more often than every few seconds."""
    live = live_of(checkout.id)
    if live is not None and (live.look_ups == 0 or _rested(live)):
        _force(live.id)
        look_up(live.id)


def live_of(checkout_id: uuid.UUID) -> Attempt | None:
    """The checkout's attempt whose outcome is open, if there is one."""
    statement = select(Attempt).where(Attempt.checkout_id == checkout_id, Attempt.status.in_(LIVE_ATTEMPTS))
    return db.session.scalars(statement).one_or_none()


def all_of(checkout: Checkout) -> list[Attempt]:
    """Every try to pay the checkout, oldest first, as the tables have it now."""
    statement = select(Attempt).where(Attempt.checkout_id == checkout.id).order_by(Attempt.created_at, Attempt.id)
    return list(db.session.scalars(statement))


def _rested(attempt: Attempt) -> bool:
    return attempt.next_look_up_at is None or attempt.next_look_up_at - clock.now() < timedelta(
        seconds=_gap(attempt.look_ups) - 3
    )


def _force(attempt_id: uuid.UUID) -> None:
    with transaction():
        _lock_attempt(attempt_id).next_look_up_at = clock.now()


def _lease(attempt_id: uuid.UUID) -> Attempt | None:
    """The attempt, if it is due; its next look-up is put off first, so that others leave it alone meanwhile."""
    with transaction():
        attempt = lock(Attempt, attempt_id)
        if attempt is None or attempt.next_look_up_at is None or attempt.next_look_up_at > clock.now():
            return None
        attempt.look_ups += 1
        _schedule(attempt, max(_gap(attempt.look_ups), _CALL_LEASE.total_seconds()))
        return attempt


def _schedule(attempt: Attempt, seconds: float) -> None:
    later = clock.now() + timedelta(seconds=seconds)
    over = later > attempt.created_at + _GIVE_UP if attempt.created_at else False
    attempt.next_look_up_at = None if over else later


def _gap(look_ups: int) -> float:
    return float(min(_FIRST_LOOK_UP * _GROWTH**look_ups, _LONGEST_GAP))


def _ask(attempt: Attempt, *, closing: bool) -> None:
    gateway = checkouts.gateways().get(attempt.gateway)
    attempt_id, ref = attempt.id, attempt.provider_ref
    db.session.rollback()
    if gateway is None:
        return
    if ref is None:
        ref = _find_out(attempt_id, gateway)
    if ref is None:
        return
    try:
        outcome = gateway.expire(ref) if closing and gateway.capabilities.can_expire else gateway.look_up(ref)
    except GatewayError as error:
        log.warning("look_up.unclear attempt=%s error=%s", attempt_id, type(error).__name__)
        _after_silence(attempt_id, gateway, closing=closing)
        return
    _believe(attempt_id, gateway, ref, outcome, closing=closing)


def _find_out(attempt_id: uuid.UUID, gateway: Gateway) -> str | None:
    """The vendor's id of an attempt whose start was never answered: the same start again, where that starts nothing new."""
    if not gateway.capabilities.repeatable_start:
        _after_silence(attempt_id, gateway, closing=False)
        return None
    try:
        started = _call_start(attempt_id, gateway)
    except Conflict:
        return None
    return started.attempt.provider_ref


def _believe(attempt_id: uuid.UUID, gateway: Gateway, ref: str, outcome: PaymentOutcome, *, closing: bool) -> None:
    attempt = db.session.get_one(Attempt, attempt_id)
    if isinstance(outcome, Pending) or (
        isinstance(outcome, Confirmed) and attempt.status is AttemptStatus.PAID and attempt.cross_checked
    ):
        _still_pending(attempt_id, gateway, outcome, closing=closing)
        return
    digest = sha256(repr(sorted(facts.to_json(outcome).items(), key=str)).encode()).hexdigest()[:24]
    event = GatewayEvent(
        event_key=f"look_up:{ref}:{digest}",
        kind="look_up",
        fact=outcome,
        reference=attempt.reference,
        provider_ref=ref,
    )
    callbacks.receive(gateway.code, event, source="look_up")
    _after_answer(attempt_id, gateway)


def _after_answer(attempt_id: uuid.UUID, gateway: Gateway) -> None:
    """A settled attempt is asked about no more, but where a vendor's failure may still turn into money (no way to expire it)."""
    with transaction():
        attempt = _lock_attempt(attempt_id)
        final = attempt.status is AttemptStatus.PAID and attempt.cross_checked
        if final or (not attempt.is_live and not _may_turn(attempt, gateway)):
            attempt.next_look_up_at = None


def _may_turn(attempt: Attempt, gateway: Gateway) -> bool:
    if attempt.status is AttemptStatus.ABANDONED:
        return True
    return attempt.status is AttemptStatus.FAILED and gateway.capabilities.retryable_step


def _still_pending(attempt_id: uuid.UUID, gateway: Gateway, outcome: PaymentOutcome, *, closing: bool) -> None:
    with transaction():
        attempt = _lock_attempt(attempt_id)
        if attempt.status is AttemptStatus.CREATED:
            payments.apply_pending(attempt)
        if not isinstance(outcome, Pending):
            attempt.next_look_up_at = None
            return
        if outcome.hint and attempt.is_live:
            attempt.failure = outcome.hint
        idle = not outcome.in_flight or _prompt_is_over(attempt, gateway)
        if (closing and idle) or _given_up(attempt):
            payments.abandon(attempt, CLOCK, "nothing under way at the gateway")


def _after_silence(attempt_id: uuid.UUID, gateway: Gateway, *, closing: bool) -> None:
    """No clear answer: still open, unless a prompt has run out and the payer waits, or three days are over."""
    with transaction():
        attempt = _lock_attempt(attempt_id)
        unknown = attempt.provider_ref is None and not gateway.capabilities.repeatable_start
        if ((closing or unknown) and _prompt_is_over(attempt, gateway)) or _given_up(attempt):
            payments.abandon(attempt, CLOCK, "no answer from the gateway")


def _prompt_is_over(attempt: Attempt, gateway: Gateway) -> bool:
    seconds = gateway.capabilities.prompt_seconds
    return bool(seconds) and clock.now() >= attempt.created_at + timedelta(seconds=seconds)


def _given_up(attempt: Attempt) -> bool:
    return clock.now() >= attempt.created_at + _GIVE_UP


# ------------------------------------------------------------------------------------------------ closing


def close(checkout_id: uuid.UUID) -> None:
    """The gateway has been asked to end, or to tell of, the checkout's live attempt; money it has is applied first.

    An attempt whose outcome stays open is left alone.
    """
    live = live_of(checkout_id)
    if live is not None and live.status is not AttemptStatus.AUTHORISED:
        _ask(live, closing=True)


# ------------------------------------------------------------------------------------------------ helpers


def lock_with_attempts(checkout_id: uuid.UUID) -> tuple[Checkout, list[Attempt]]:
    """The checkout and its attempts, oldest first, locked in order. Raises NotFound."""
    statement = select(Attempt.id).where(Attempt.checkout_id == checkout_id).order_by(Attempt.created_at, Attempt.id)
    for attempt_id in db.session.scalars(statement).all():
        lock(Attempt, attempt_id)
    checkout = lock(Checkout, checkout_id)
    if checkout is None:
        raise NotFound
    rows = select(Attempt).where(Attempt.checkout_id == checkout_id).order_by(Attempt.created_at, Attempt.id)
    return checkout, list(db.session.scalars(rows.execution_options(populate_existing=True)))


def _lock_attempt(attempt_id: uuid.UUID) -> Attempt:
    attempt = lock(Attempt, attempt_id)
    if attempt is None:
        raise NotFound
    return attempt


def _step(attempt: Attempt) -> CheckoutStep | None:
    step: Any = facts.from_json(attempt.step) if attempt.step and attempt.is_live else None
    return step


def step_of(attempt: Attempt) -> CheckoutStep | None:
    """How the payer goes on with a live attempt; None when there is nothing to go on with."""
    return _step(attempt)


def prompt_ends(attempt: Attempt) -> datetime | None:
    """When the prompt on the payer's phone runs out (UTC); None for other kinds of step."""
    step = _step(attempt)
    return attempt.created_at + timedelta(seconds=step.seconds) if isinstance(step, WaitForPush) else None


def prompt_over_at(attempt: Attempt) -> datetime | None:
    """When no prompt of this attempt can be alive any more, answered or not; None where there are no prompts."""
    gateway = checkouts.gateways().get(attempt.gateway)
    seconds = gateway.capabilities.prompt_seconds if gateway else 0
    return attempt.created_at + timedelta(seconds=seconds) if seconds else None


def last_gateway(client_id: int) -> str:
    """The gateway the client used last, anywhere; empty for a new client."""
    statement = (
        select(Attempt.gateway)
        .join(Checkout)
        .where(Checkout.client_id == client_id)
        .order_by(Attempt.created_at.desc())
        .limit(1)
    )
    return db.session.scalars(statement).first() or ""
