"""Asking a gateway what became of a payment: on the clock, from a page, and before anything is ended."""

import logging
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Select, select

from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import LIVE_ATTEMPTS, AttemptStatus, CheckoutStatus, PendingOperation
from app.extensions import db
from app.gateways.base import (
    CallbackRejected,
    Confirmed,
    Gateway,
    GatewayError,
    GatewayEvent,
    NothingSent,
    PaymentOutcome,
    Pending,
)
from app.lib import chance, clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Checkout, Service
from app.services.core import fact_json, payment_methods
from app.services.core.errors import Conflict
from app.services.core.transaction import CLOCK, lock, transaction
from app.services.ledger import checkouts
from app.services.payments import inbox, lost_drafts, outcomes
from app.services.payments.attempts.attempt_rows import (
    gap,
    last_of,
    live_of,
    lock_attempt,
    may_be_paid,
    proofs_waiting,
    schedule,
)
from app.services.payments.attempts.look_up_answers import after_answer, after_silence, still_pending
from app.services.payments.attempts.vendor_calls import call_start

log = logging.getLogger("app.services.attempts.asking")  # a name that operators filter by

_LEASE = 30.0  # seconds for which one look-up keeps the others from asking the same
_REST = timedelta(seconds=8)  # how often a page may have the gateway asked


def look_up(attempt_id: uuid.UUID) -> None:
    """What the gateway says of the attempt now has been applied; the next look-up is on the clock. Safe to repeat."""
    leased = _lease(attempt_id)
    if leased is not None:
        attempt, closing = leased
        _ask(attempt, closing=closing)


def _can_be_had(checkout: Checkout) -> bool:
    return checkouts.status_now(checkout) is CheckoutStatus.OPEN and not lost_drafts.why_lost(checkout)


def ask_now(attempt_id: uuid.UUID) -> None:
    """The gateway is asked about the attempt at once, whether it is due or not."""
    _force(attempt_id)
    look_up(attempt_id)


def close_lost(practitioner_id: int) -> int:
    """How many payments under way for times of the practitioner's that are gone had their gateways end them, or asked.

    Only for promptness, when a place was taken: each look-up on the clock does the same.
    """
    theirs = select(Service.id).where(Service.practitioner_id == practitioner_id)
    under_way = (
        select(Attempt)
        .join(Checkout, Checkout.id == Attempt.checkout_id)
        .where(Checkout.kind == CheckoutKind.DRAFT_BOOKING, Checkout.status == CheckoutStatus.OPEN)
        .where(Checkout.draft["service_id"].as_integer().in_(theirs), Attempt.status.in_(LIVE_ATTEMPTS))
    )
    lost = [attempt.id for attempt in db.session.scalars(under_way) if lost_drafts.why_lost(attempt.checkout)]
    for attempt_id in lost:
        ask_now(attempt_id)
    return len(lost)


def _to_ask() -> Select[uuid.UUID]:
    return select(Attempt.id).where(Attempt.next_look_up_at <= moments.now())


@found_by(_to_ask)
def due() -> list[uuid.UUID]:
    """Ids of attempts whose gateway should be asked now."""
    return list(db.session.scalars(_to_ask().order_by(Attempt.next_look_up_at).limit(200)))


def check(checkout: Checkout) -> None:
    """The page's "check now": the gateway has been asked about the live attempt, if it is time to."""
    live = next((attempt for attempt in checkout.attempts if attempt.is_live), None)
    claimed = [attempt for attempt in checkout.attempts if attempt.is_claimed]
    if claimed:  # where no worker runs the page is the one who asks
        look_up(claimed[0].id)
    elif live is not None and clock.now() - (live.looked_up_at or live.created_at) >= _REST:
        ask_now(live.id)


def read_return(checkout_id: uuid.UUID, form: Mapping[str, str]) -> bool:
    """Whether the gateway signed what a browser brought back; it is in the inbox then. In any case the gateway is asked.

    The visit itself proves nothing and grants nothing; a forged one is only logged. Also for a try that had failed: the
    gateway's window may have been used again.
    """
    attempt = live_of(checkout_id) or last_of(checkout_id)
    gateway = payment_methods.offered().get(attempt.gateway) if attempt else None
    if attempt is None or gateway is None or attempt.provider_ref is None:
        return False
    try:
        event = gateway.read_return(attempt.provider_ref, form)
    except CallbackRejected as error:
        log.warning("return.rejected gateway=%s why=%s", gateway.code, error)
        return False
    if event is None:
        check(attempt.checkout)
        return False
    inbox.receive(gateway.code, event, source="return")
    ask_now(attempt.id)
    return True


def _force(attempt_id: uuid.UUID) -> None:
    with transaction():
        lock_attempt(attempt_id).next_look_up_at = clock.now()


def _lease(attempt_id: uuid.UUID) -> tuple[Attempt, bool] | None:
    """The attempt, if it is due; its next look-up is put off first, so that others leave it alone meanwhile.

    Where nothing can be paid any more, asking is also ending, as the second says: a page left open at the vendor is closed.
    """
    with transaction():
        attempt = lock(Attempt, attempt_id)
        if attempt is None or attempt.next_look_up_at is None or attempt.next_look_up_at > clock.now():
            return None
        attempt.look_ups += 1
        attempt.looked_up_at = clock.now()
        schedule(attempt, max(gap(attempt), _LEASE))
        return attempt, not _can_be_had(attempt.checkout)


def _ask(attempt: Attempt, *, closing: bool) -> None:
    gateway = payment_methods.offered().get(attempt.gateway)
    attempt_id = attempt.id
    ref = attempt.provider_ref
    was_told_paid = attempt.is_paid or attempt.is_claimed
    call = _call_for(attempt, gateway, closing=closing) if gateway else None
    db.session.rollback()
    if gateway is None or call is None:
        after_silence(attempt_id, None, closing=closing)
        return
    if ref is None:
        ref = _find_out(attempt_id, gateway, closing=closing)
    if gateway.capabilities.by_hand:
        _end_unproven(attempt_id, closing=closing)
        return
    if ref is None:
        return
    try:
        outcome = call(ref)
    except GatewayError as error:
        log.warning("look_up.unclear attempt=%s error=%s", attempt_id, type(error).__name__)
        after_silence(attempt_id, gateway, closing=closing, unheard=isinstance(error, NothingSent))
        return
    # An answer to a question from before it was told to be paid is only late; one from after it may contradict.
    kind = outcomes.CROSS_CHECK if was_told_paid else outcomes.LOOK_UP
    _believe(attempt_id, gateway, ref, outcome, kind, closing=closing)


def _call_for(attempt: Attempt, gateway: Gateway, *, closing: bool) -> Callable[[str], PaymentOutcome]:
    """What the gateway is asked: to take or let go what it has reserved, to end an open page, or just how it stands."""
    charge_ref = attempt.charge_ref or ""
    money = attempt.money
    if attempt.status is AttemptStatus.AUTHORISED and attempt.pending_operation is PendingOperation.CAPTURE:
        return lambda ref: gateway.capture(ref, charge_ref, money)
    if attempt.status is AttemptStatus.AUTHORISED and attempt.pending_operation is PendingOperation.VOID:
        return lambda ref: gateway.void(ref, charge_ref)
    return gateway.expire if closing and gateway.capabilities.can_expire and attempt.is_live else gateway.look_up


def _end_unproven(attempt_id: uuid.UUID, *, closing: bool) -> None:
    """Where only a person can say whether it was paid, nobody waits on once time is up, unless a proof lies there unread."""
    with transaction():
        attempt = lock_attempt(attempt_id)
        if closing and not proofs_waiting(attempt):
            outcomes.abandon(attempt, CLOCK, "no proof of payment")
        if not attempt.is_live:
            attempt.next_look_up_at = None


def _find_out(attempt_id: uuid.UUID, gateway: Gateway, *, closing: bool) -> str | None:
    """The vendor's id of an attempt whose start was never answered: the same start again, where that starts nothing new."""
    if _end_unsent(attempt_id, closing=closing):
        return None
    try:
        started = call_start(attempt_id, gateway)
    except Conflict:
        return None
    if started.attempt.provider_ref is None:
        after_silence(attempt_id, gateway, closing=closing)
    return started.attempt.provider_ref


def _end_unsent(attempt_id: uuid.UUID, *, closing: bool) -> bool:
    """Whether an attempt of which the vendor has heard nothing is over: nobody waits for it, or it can be paid no more."""
    with transaction():
        attempt = lock_attempt(attempt_id)
        if not attempt.unsent or not (closing or not may_be_paid(attempt.checkout)):
            return False
        outcomes.abandon(attempt, CLOCK, "nothing was sent")
        attempt.next_look_up_at = None
        return True


def _believe(
    attempt_id: uuid.UUID, gateway: Gateway, ref: str, outcome: PaymentOutcome, kind: str, *, closing: bool
) -> None:
    # It may have moved while the gateway was asked.
    attempt = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    if isinstance(outcome, Pending) or (
        isinstance(outcome, Confirmed) and attempt.status is AttemptStatus.PAID and attempt.cross_checked
    ):
        still_pending(attempt_id, gateway, outcome, closing=closing)
        return
    event = GatewayEvent(
        event_key=f"{kind}:{ref}:{_mark(attempt, outcome)}",
        kind=kind,
        fact=outcome,
        reference=attempt.reference,
        provider_ref=ref,
    )
    inbox.receive(gateway.code, event, source="look_up")
    if attempt.next_look_up_at is not None:  # as this session wrote it, or read it under the lock
        after_answer(attempt_id, gateway)


def _mark(attempt: Attempt, outcome: PaymentOutcome) -> str:
    """What tells this answer from others. Of an open attempt each is news: since the same words came last, it may have moved."""
    if attempt.is_live:
        return chance.reference(24)
    return sha256(repr(sorted(fact_json.to_json(outcome).items(), key=str)).encode()).hexdigest()[:24]


def close(checkout_id: uuid.UUID) -> None:
    """The gateway has been asked to end, or to tell of, the checkout's live attempt; money it has is applied first.

    An attempt whose outcome stays open is left alone.
    """
    live = live_of(checkout_id)
    if live is not None and live.status is not AttemptStatus.AUTHORISED and not _is_settling(live):
        _ask(live, closing=True)


def _is_settling(attempt: Attempt) -> bool:
    """Whether the payer has done their part and the bank takes days: nothing can be ended, and asking has its own time."""
    now = clock.now()
    due = attempt.next_look_up_at
    return attempt.settles_by is not None and now < attempt.settles_by and due is not None and now < due
