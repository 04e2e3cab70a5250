"""A client begins to pay: one live try per checkout, the same one however often it is asked for."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import current_app

from app.domain.lifecycle import Actor, AttemptStatus
from app.domain.quotas import Rule
from app.gateways.base import CheckoutRequest, Gateway
from app.lib import clock
from app.lib.phones import numbers
from app.models import Attempt, Checkout, User
from app.services.core import fact_json, installation, quotas
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.signed_urls import callback_address
from app.services.core.transaction import Who, transaction
from app.services.ledger import checkouts
from app.services.payments import lost_drafts, outcomes, settlement
from app.services.payments.attempts.attempt_rows import (
    FIRST_LOOK_UP,
    Prepared,
    begun_with,
    check_payable,
    lock_with_attempts,
    new_attempt,
    prompt_is_over,
    schedule,
    step_of,
)
from app.services.payments.attempts.look_ups import close
from app.services.payments.attempts.vendor_calls import Started, call_start


def begin(
    checkout_id: uuid.UUID, client: User, gateway_code: str, *, phone: str = "", request_key: str | None = None
) -> Started:
    """The client's payment is under way at the gateway, or the one from before if it still can be paid.

    Raises NotFound, Invalid (unknown_gateway, phone_invalid, idempotency_key_reused), Conflict (checkout_closed, slot_taken,
    under_review, attempt_unresolved, payment_refused, too_many_payments, too_many_prompts).
    """
    checkout = checkouts.get(checkout_id, client)  # held to the end: nobody below loads it once more
    gateway = _gateway_for(checkout, gateway_code)
    payer_phone = _phone(gateway, phone or client.phone or "")
    attempt, is_new = or_close(checkout_id, lambda: _prepare(checkout_id, client, gateway, payer_phone, request_key))
    if attempt.step is not None or not attempt.is_live:
        return Started(attempt, step_of(attempt))
    return call_start(attempt.id, gateway, is_new=is_new)


def or_close(checkout_id: uuid.UUID, prepare: Callable[[], Prepared]) -> tuple[Attempt, bool]:
    """What `prepare` gives; if another try is in the way it is ended first. Raises Conflict when it cannot be ended yet."""
    attempt, is_new = prepare()
    if attempt is None:
        close(checkout_id)
        attempt, is_new = prepare()
    if attempt is None:
        raise Conflict("attempt_unresolved")
    return attempt, is_new


def _gateway_for(checkout: Checkout, code: str) -> Gateway:
    for gateway in checkouts.ways(checkout):
        if gateway.code == code:
            return gateway
    raise Invalid("unknown_gateway", field="gateway")


def _phone(gateway: Gateway, phone: str) -> str | None:
    if not gateway.capabilities.needs_phone:
        return None
    try:
        return numbers.normalise(phone, gateway.capabilities.phone_region)
    except ValueError:
        raise Invalid("phone_invalid", field="phone") from None


def _prepare(
    checkout_id: uuid.UUID, client: User, gateway: Gateway, phone: str | None, request_key: str | None
) -> Prepared:
    """The attempt to go on with, and whether it is new; None when another live one has to be ended first."""
    with transaction():
        checkout, attempts = lock_with_attempts(checkout_id)
        if checkout.client_id != client.id:
            raise NotFound
        same = begun_with(attempts, request_key, gateway.code, phone)
        if same is not None and _goes_on(same, gateway):
            if same.is_live and lost_drafts.why_lost(checkout):
                raise Conflict("slot_taken")  # nobody is shown the way into a payment that is certainly too late
            return same, False
        check_payable(checkout)
        live = next((a for a in attempts if a.is_live), None)
        if live is not None and live.status is AttemptStatus.AUTHORISED:
            raise Conflict("attempt_unresolved")
        if live is not None and _is_same_try(live, gateway, phone):
            return live, False
        if any(each.is_claimed or _may_still_ring(each, gateway) for each in attempts):
            raise Conflict("attempt_unresolved")
        if live is not None:
            return None, False
        if again := _payable_again(attempts, gateway):
            outcomes.try_again(again, Who(Actor.CLIENT, client.id))
            schedule(again, FIRST_LOOK_UP)
            return again, False
        return _create(checkout, client, gateway, phone, request_key), True


def _goes_on(same: Attempt, gateway: Gateway) -> bool:
    """Whether the try asked for once more is open, or has paid; not if it failed where it may be tried again.

    Raises Conflict (payment_refused) when it came to nothing: only another key begins another one.
    """
    if same.is_live or same.is_paid:
        return True
    if not _payable_again([same], gateway):
        raise Conflict("payment_refused", reason=same.failure)
    return False


def _is_same_try(live: Attempt, gateway: Gateway, phone: str | None) -> bool:
    if live.gateway != gateway.code:
        return False
    # A prompt that has run out on the phone may be asked for again, once the gateway was asked what became of it.
    return live.phone == phone and not prompt_is_over(live, gateway)


def _may_still_ring(earlier: Attempt, gateway: Gateway) -> bool:
    """Whether a prompt of a try of which little is known may be alive: no other is sent beside it."""
    same = earlier.gateway == gateway.code and earlier.is_hardly_begun
    return same and not prompt_is_over(earlier, gateway)


def _payable_again(attempts: list[Attempt], gateway: Gateway) -> Attempt | None:
    if not gateway.capabilities.retryable_step:
        return None
    ended = [a for a in attempts if a.gateway == gateway.code and a.step and a.status is AttemptStatus.FAILED]
    return ended[-1] if ended else None


def _create(checkout: Checkout, client: User, gateway: Gateway, phone: str | None, request_key: str | None) -> Attempt:
    own = installation.own_code()
    reference = installation.new_reference(own)
    now = clock.now()
    request = replace(_request(checkout, client, gateway, reference, phone, now), installation=own)
    attempt = new_attempt(
        checkout,
        gateway.code,
        reference,
        request_key,
        account=gateway.account,
        phone=phone,
        request=fact_json.to_json(request),
    )
    if not gateway.capabilities.by_hand:
        schedule(attempt, FIRST_LOOK_UP)
    _count(client, phone)
    return attempt


def _count(client: User, phone: str | None) -> None:
    """The try is counted, and where it rings at somebody's phone, that too: the number may be anybody's."""
    keys: dict[Rule, object] = {Rule.PAYMENT_TRIES: client.id}
    if phone:
        keys |= {
            Rule.PROMPTS_IN_A_ROW: phone,
            Rule.PROMPTS_TO_NUMBER: phone,
            Rule.PROMPTS_BY_ACCOUNT: client.id,
        }
    quotas.spend_here(keys)


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
        manual_capture=checkout.manual_capture,
        slow_methods=settlement.slow_methods(checkout, gateway),
        checkout=str(checkout.id),
    )
