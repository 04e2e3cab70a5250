"""What follows from a gateway's answer, or from none, for the attempt and for when it is asked again."""

import uuid

from app.domain.lifecycle import AttemptStatus
from app.gateways.base import (
    Gateway,
    PaymentOutcome,
    Pending,
)
from app.lib import clock
from app.models import Attempt
from app.services.core.transaction import CLOCK, transaction
from app.services.notifications import notices
from app.services.payments import claims, outcomes
from app.services.payments.attempts.attempt_rows import (
    ask_soon,
    gives_up_at,
    lock_attempt,
    prompt_is_over,
)


def after_answer(attempt_id: uuid.UUID, gateway: Gateway) -> None:
    """A settled attempt is asked about no more, but where a vendor's failure may still turn into money (no way to expire it)."""
    with transaction():
        attempt = lock_attempt(attempt_id)
        if attempt.cross_checked and not attempt.is_live and not _may_turn(attempt, gateway):
            attempt.next_look_up_at = None


def _may_turn(attempt: Attempt, gateway: Gateway) -> bool:
    if attempt.status is AttemptStatus.ABANDONED:
        return True
    return attempt.status is AttemptStatus.FAILED and gateway.capabilities.retryable_step


def still_pending(attempt_id: uuid.UUID, gateway: Gateway, outcome: PaymentOutcome, *, closing: bool) -> None:
    """Nothing new: asked on, unless nothing is under way and nobody waits for it, or the gateway's own time is over."""
    with transaction():
        attempt = lock_attempt(attempt_id)
        if not isinstance(outcome, Pending):
            attempt.next_look_up_at = None
            return
        if attempt.is_claimed:
            _wait_for_word(attempt)
            return
        outcomes.apply_pending(attempt, outcome)
        idle = not outcome.in_flight or prompt_is_over(attempt, gateway)
        if (closing and idle) or _given_up(attempt):
            outcomes.abandon(attempt, CLOCK, "nothing under way at the gateway")


def _wait_for_word(attempt: Attempt) -> None:
    """Said to be paid, and the gateway has not said so: it is asked again soon, and in the end a person looks."""
    if _given_up(attempt):
        claims.give_up(attempt)
        outcomes.abandon(attempt, CLOCK, "nobody could check it")
    else:
        ask_soon(attempt)


def after_silence(attempt_id: uuid.UUID, gateway: Gateway | None, *, closing: bool, unheard: bool = False) -> None:
    """No clear answer: still open, unless a prompt has run out and the payer waits, or the gateway's own time is over.

    A question that was turned away (`unheard`: Daraja takes few at a time) is asked again soon.
    """
    with transaction():
        attempt = lock_attempt(attempt_id)
        if attempt.is_claimed:
            _wait_for_word(attempt)
            return
        if gateway is None:
            return
        if unheard and attempt.is_live:
            ask_soon(attempt)
        unknown = attempt.provider_ref is None and not (gateway.capabilities.repeatable_start or attempt.unsent)
        over = prompt_is_over(attempt, gateway) or _given_up(attempt)
        if ((closing or unknown) and over) or (closing and attempt.is_hardly_begun) or _given_up(attempt):
            outcomes.abandon(attempt, CLOCK, "no answer from the gateway")
            if unknown and over:
                # It cannot be asked about: only its callback, or the gateway's statement, can tell whether it was paid.
                notices.tell_staff("prompt_unheard", cause=attempt.id, data={"reference": attempt.reference})


def _given_up(attempt: Attempt) -> bool:
    return clock.now() >= gives_up_at(attempt)
