"""Beginning a payment at its gateway, and keeping the answer: between two transactions, never inside one."""

import logging
import uuid
from dataclasses import dataclass

from app.domain.lifecycle import AttemptStatus
from app.extensions import db
from app.gateways.base import (
    CheckoutStep,
    Failed,
    Gateway,
    GatewayBusy,
    GatewayRefused,
    GatewayUnavailable,
    NothingSent,
)
from app.lib import clock
from app.models import Attempt
from app.services.core import fact_json, outbox
from app.services.core.errors import Conflict
from app.services.core.transaction import transaction
from app.services.ledger import reviews
from app.services.payments import inbox, outcomes
from app.services.payments.attempts.attempt_rows import FIRST_LOOK_UP, lock_attempt, may_be_paid

log = logging.getLogger("app.services.attempts.calling")  # a name that operators filter by


@dataclass(frozen=True)
class Started:
    """The attempt as it now stands, and how the payer goes on; no step while the vendor has not answered clearly."""

    attempt: Attempt
    step: CheckoutStep | None


def call_start(attempt_id: uuid.UUID, gateway: Gateway, *, is_new: bool = False) -> Started:
    """The gateway has been asked to begin, with the request as it was frozen; no step while it has not answered clearly.

    Where asking twice would begin two payments it is asked only if it is certain that it has heard nothing yet: the
    attempt is new, or unsent. Raises Conflict (payment_refused) when it said no.
    """
    first = is_new or _try_take_up(attempt_id, gateway)
    if not (first or gateway.capabilities.repeatable_start):
        return Started(db.session.get_one(Attempt, attempt_id), None)
    request = fact_json.from_json(db.session.get_one(Attempt, attempt_id).request)
    db.session.rollback()  # nothing is held open while the vendor thinks
    try:
        step = gateway.start(request)
    except GatewayRefused as refusal:
        _refused(attempt_id, refusal)
        raise Conflict("payment_refused", reason=refusal.code.value) from None
    except GatewayUnavailable as error:
        log.warning("start.unclear attempt=%s error=%s", attempt_id, type(error).__name__)
        if first:
            _keep_what_is_known(attempt_id, error)
        return Started(db.session.get_one(Attempt, attempt_id), None)
    return _store_step(attempt_id, gateway, step)


def _try_take_up(attempt_id: uuid.UUID, gateway: Gateway) -> bool:
    """The attempt counts as heard of, and whoever asks now asks alone; False unless it was certain it was not."""
    with transaction():
        attempt = lock_attempt(attempt_id)
        if not (attempt.unsent and attempt.is_live and may_be_paid(attempt.checkout)):
            return False  # the same request again, too late: nobody is asked to pay for what is gone
        attempt.unsent = False
        attempt.sent_at = clock.now()
        attempt.account = gateway.account
        return True


def _keep_what_is_known(attempt_id: uuid.UUID, error: GatewayUnavailable) -> None:
    with transaction():
        attempt = lock_attempt(attempt_id)
        unheard = attempt.status is AttemptStatus.CREATED  # a callback may have overtaken the answer
        attempt.unsent = unheard and isinstance(error, NothingSent)
        attempt.busy = unheard and isinstance(error, GatewayBusy)


def _store_step(attempt_id: uuid.UUID, gateway: Gateway, step: CheckoutStep) -> Started:
    stored = _try_store_step(attempt_id, step)
    if not stored:
        return Started(db.session.get_one(Attempt, attempt_id), None)
    inbox.settle_early(gateway.code, step.provider_ref)
    return Started(db.session.get_one(Attempt, attempt_id, populate_existing=True), step)


def _try_store_step(attempt_id: uuid.UUID, step: CheckoutStep) -> bool:
    with transaction():
        attempt = lock_attempt(attempt_id)
        if outcomes.names_another(attempt, step.provider_ref):
            # The callback that overtook our answer names a different payment, or another try has this one: nobody may pay on.
            reviews.open_review(attempt, "reference", "the gateway answered with another payment id")
            return False
        attempt.step = fact_json.to_json(step)
        attempt.details = dict(step.details)
        attempt.provider_ref = step.provider_ref
        if attempt.status is AttemptStatus.CREATED:
            outcomes.apply_pending(attempt)
        outbox.after_commit("app.jobs.payments.look_up", str(attempt.id), delay=FIRST_LOOK_UP)
        return True


def _refused(attempt_id: uuid.UUID, refusal: GatewayRefused) -> None:
    with transaction():
        outcomes.apply_failure(lock_attempt(attempt_id), Failed(refusal.code, "refused"))
        log.info("start.refused attempt=%s reason=%s", attempt_id, refusal.code.value)
