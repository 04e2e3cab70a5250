"""Attempts as rows: finding, locking, and when the gateway is asked next. No vendor is called from here."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import select

from app.domain.lifecycle import LIVE_ATTEMPTS, Actor, AttemptStatus, PendingOperation, ProofStatus
from app.extensions import db
from app.gateways.base import Capabilities, CheckoutStep, Gateway, WaitForPush
from app.lib import chance, clock
from app.models import Attempt, Checkout, Proof
from app.services.core import fact_json, outbox, payment_methods
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, lock, record
from app.services.ledger import checkouts, reviews
from app.services.payments import lost_drafts

log = logging.getLogger("app.services.attempts.rows")  # a name that operators filter by

FIRST_LOOK_UP = 20  # seconds after a start; a callback usually comes first
_GROWTH = 0.6  # the next look-up comes when the attempt is this much older
_EAGER = 3600  # for so long after the beginning no gap is longer than the next
_EAGER_GAP = 60
_LONGEST_GAP = 6 * 3600
_SOON = 5.0
_SOON_GROWTH = 0.1  # later, when it is this much older: a vendor who takes few questions must not get more of them
LONGEST_RESERVATION = timedelta(days=31)  # where a vendor does not say when it lapses


Prepared = tuple[Attempt | None, bool]  # the attempt to go on with, and whether it is new


def live_of(checkout_id: uuid.UUID) -> Attempt | None:
    """The checkout's attempt whose outcome is open, if there is one."""
    statement = select(Attempt).where(Attempt.checkout_id == checkout_id, Attempt.status.in_(LIVE_ATTEMPTS))
    return db.session.scalars(statement).one_or_none()


def last_of(checkout_id: uuid.UUID) -> Attempt | None:
    """The checkout's newest attempt that its gateway knows of."""
    known = select(Attempt).where(Attempt.checkout_id == checkout_id, Attempt.provider_ref.is_not(None))
    return db.session.scalars(known.order_by(Attempt.created_at.desc()).limit(1)).first()


def all_of(checkout: Checkout) -> list[Attempt]:
    """Every try to pay the checkout, oldest first, as the tables have it now."""
    statement = select(Attempt).where(Attempt.checkout_id == checkout.id).order_by(Attempt.created_at, Attempt.id)
    return list(db.session.scalars(statement))


def gateway_of(attempt: Attempt) -> Gateway | None:
    """The gateway the attempt was made at, while this installation still offers it."""
    return payment_methods.offered().get(attempt.gateway)


def step_of(attempt: Attempt) -> CheckoutStep | None:
    """How the payer goes on with a live attempt; None when there is nothing to go on with, or they have done their part."""
    is_open = attempt.is_live and attempt.settles_by is None
    return cast(CheckoutStep, fact_json.from_json(attempt.step)) if attempt.step and is_open else None


def prompt_ends(attempt: Attempt) -> datetime | None:
    """When the prompt on the payer's phone runs out (UTC); None for other kinds of step."""
    step = step_of(attempt)
    return attempt.heard_at + timedelta(seconds=step.seconds) if isinstance(step, WaitForPush) else None


def prompt_over_at(attempt: Attempt) -> datetime | None:
    """When nothing of this attempt can be alive on a phone any more, answered or not; None where there are no prompts."""
    if attempt.unsent:
        return attempt.created_at
    gateway = payment_methods.offered().get(attempt.gateway)
    seconds = gateway.capabilities.prompt_seconds if gateway else 0
    return attempt.heard_at + timedelta(seconds=seconds) if seconds else None


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


def begun_with(attempts: list[Attempt], request_key: str | None, gateway: str, phone: str | None) -> Attempt | None:
    """The try that was begun with this key. Raises Invalid (idempotency_key_reused) if that was another way to pay."""
    same = next((a for a in attempts if request_key and a.request_key == request_key), None)
    if same is not None and (same.gateway, same.phone) != (gateway, phone):
        raise Invalid("idempotency_key_reused", field="Idempotency-Key")
    return same


def check_payable(checkout: Checkout) -> None:
    """A new try to pay may begin. Raises Conflict (checkout_closed, under_review, slot_taken)."""
    if not checkouts.is_payable(checkout):
        raise Conflict("checkout_closed")
    if reviews.of_checkout(checkout):
        raise Conflict("under_review")
    if lost_drafts.why_lost(checkout):
        raise Conflict("slot_taken")


def may_be_paid(checkout: Checkout) -> bool:
    """Whether a try to pay may begin now: it is open, nobody looks at it, and its place is free."""
    try:
        check_payable(checkout)
    except Conflict:
        return False
    return True


def new_attempt(
    checkout: Checkout,
    gateway: str,
    reference: str,
    request_key: str | None,
    *,
    account: str = "",
    phone: str | None = None,
    request: dict[str, Any] | None = None,
    who: Who | None = None,
) -> Attempt:
    """The try is in the tables and in the trail, before anybody hears of it; inside the caller's transaction."""
    attempt = Attempt(
        id=chance.new_id(),
        checkout_id=checkout.id,
        checkout=checkout,
        gateway=gateway,
        reference=reference,
        status=AttemptStatus.CREATED,
        amount=checkout.amount,
        currency=checkout.currency,
        account=account,
        phone=phone,
        request=request or {},
        details={},
        pending_operation=PendingOperation.NONE,
        cross_checked=True,
        request_key=request_key,
        created_at=clock.now(),
    )
    db.session.add(attempt)
    db.session.flush()
    log.info("attempt.created attempt=%s gateway=%s checkout=%s", attempt.id, gateway, checkout.id)
    who = who or Who(Actor.CLIENT, checkout.client_id)
    record("attempt", attempt.id, "", attempt.status, who, why=gateway, booking_id=checkout.booking_id)
    return attempt


def lock_attempt(attempt_id: uuid.UUID) -> Attempt:
    """The attempt, locked. Raises NotFound."""
    attempt = lock(Attempt, attempt_id)
    if attempt is None:
        raise NotFound
    return attempt


def proofs_waiting(attempt: Attempt) -> bool:
    """Whether the payer has shown a proof that nobody has looked at."""
    statement = select(Proof.id).where(Proof.attempt_id == attempt.id, Proof.status == ProofStatus.WAITING)
    return db.session.scalars(statement).first() is not None


def schedule(attempt: Attempt, seconds: float) -> None:
    """The gateway is asked again in `seconds`; not once it has nothing more to tell."""
    now = clock.now()
    last = gives_up_at(attempt)
    attempt.next_look_up_at = min(now + timedelta(seconds=seconds), last) if now < last else None


def gives_up_at(attempt: Attempt) -> datetime:
    """From when on the gateway is not asked any more (UTC): its own time after the last that can still happen there."""
    gateway = gateway_of(attempt)
    within = gateway.capabilities.settles_within if gateway else Capabilities.settles_within
    last = max(attempt.created_at, attempt.settles_by or attempt.created_at)
    if attempt.status is AttemptStatus.AUTHORISED:
        last = max(last, attempt.capture_before or attempt.created_at + LONGEST_RESERVATION)
    return last + within


def ask_soon(attempt: Attempt) -> None:
    """The gateway is asked again within seconds: it had turned the question away, or a payer's place hangs on it."""
    age = (clock.now() - attempt.created_at).total_seconds()
    seconds = min(max(_SOON, age * _SOON_GROWTH), gap(attempt))
    schedule(attempt, seconds)
    outbox.after_commit("app.jobs.payments.look_up", str(attempt.id), delay=seconds)


def gap(attempt: Attempt) -> float:
    """Seconds until the next look-up: at most a minute while somebody may be waiting, then the older, the longer."""
    age = (clock.now() - attempt.created_at).total_seconds()
    eager = min(max(FIRST_LOOK_UP, age * _GROWTH), _EAGER_GAP)
    return min(eager + max(0, age - _EAGER) * _GROWTH, _LONGEST_GAP)


def prompt_is_over(attempt: Attempt, gateway: Gateway) -> bool:
    """Whether a prompt of this attempt has had its time on a phone; False where there is none."""
    seconds = 0 if attempt.unsent else gateway.capabilities.prompt_seconds
    return bool(seconds) and clock.now() >= attempt.heard_at + timedelta(seconds=seconds)
