"""A client begins to pay: one live try per checkout, the same one however often it is asked for."""

import logging
import uuid
from datetime import datetime

from flask import current_app

from app import chance, clock
from app.extensions import db
from app.gateways.base import CheckoutRequest, Gateway
from app.lifecycle import Actor, AttemptStatus
from app.models import Attempt, Checkout, User
from app.services import checkouts, facts, payments, phones, reviews
from app.services.addresses import callback_address
from app.services.attempts.asking import close
from app.services.attempts.calling import Started, call_start
from app.services.attempts.rows import FIRST_LOOK_UP, lock_with_attempts, prompt_is_over, schedule, step_of
from app.services.errors import Conflict, Invalid, NotFound
from app.services.transaction import Who, record, transaction

log = logging.getLogger(__name__)


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
        return Started(attempt, step_of(attempt))
    if is_new or gateway.capabilities.repeatable_start:
        return call_start(attempt.id, gateway)
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
            schedule(again, FIRST_LOOK_UP)
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
    return live.phone == phone and not prompt_is_over(live, gateway)


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
    schedule(attempt, FIRST_LOOK_UP)
    db.session.add(attempt)
    db.session.flush()
    log.info("attempt.created attempt=%s gateway=%s checkout=%s", attempt.id, attempt.gateway, checkout.id)
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
