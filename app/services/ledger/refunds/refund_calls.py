"""Sending money back: the gateway is called between two transactions, never inside one."""

import logging
import uuid
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, select

from app.domain.lifecycle import RefundStatus
from app.extensions import db
from app.gateways.base import (
    TIMED_OUT,
    GatewayError,
    KeysRefused,
    NothingSent,
    RefundFailed,
    RefundFailureCode,
    RefundOutcome,
    RefundRequest,
)
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Refund
from app.services.core import installation, payment_methods
from app.services.core.signed_urls import callback_address
from app.services.core.transaction import lock, transaction
from app.services.ledger import disputes
from app.services.ledger.refunds.refund_set_offs import heed_word
from app.services.ledger.refunds.refund_statuses import hear, tell_staff

log = logging.getLogger("app.services.refunds.sending")  # a name that operators filter by

_GAPS = (20, 60, 300, 900, 3600, 14400)  # seconds between tries; then every four hours
_SILENT = timedelta(days=3)  # after so long without an outcome staff are told; asking goes on
_WITHHELD = timedelta(hours=6)  # looked at again, should the news of the dispute's end be lost
_OPEN = (RefundStatus.ASKED, RefundStatus.SENT)
_DOUBTFUL = (RefundFailureCode.UNCLEAR.value, RefundFailureCode.NO_ACCESS.value)  # of a refund that is under way


def send(refund_id: uuid.UUID) -> None:
    """The gateway has been asked (again, with the same key) and its answer is in the row. Safe to repeat."""
    refund, first = _claim(refund_id)
    if refund is None:
        return
    gateway = payment_methods.offered().get(refund.attempt.gateway)
    request = _request(refund)
    if gateway is None:
        if first:  # what was asked for may be under way: it waits until the gateway can be asked again
            _settle(refund_id, RefundFailed("this gateway is no longer set up"), request.refund_key)
        return
    db.session.rollback()  # nothing is held open while the vendor thinks
    try:
        outcome = gateway.refund(request) if first else gateway.look_up_refund(request)
    except GatewayError as error:
        log.warning("refund.unclear refund=%s error=%s", refund_id, type(error).__name__)
        if first and isinstance(error, NothingSent):
            _keep_unsent(refund_id)
        if isinstance(error, KeysRefused):
            _tell_of_keys(refund_id, str(error))
        return  # the claim has already put the next try off
    _settle(refund_id, outcome, request.refund_key)


def _to_send() -> Select[uuid.UUID]:
    return select(Refund.id).where(Refund.status != RefundStatus.DONE, Refund.next_try_at <= moments.now())


@found_by(_to_send)
def due() -> list[uuid.UUID]:
    """Ids of refunds that wait to be sent or looked up; a failed one too, where later news says otherwise."""
    return list(db.session.scalars(_to_send().order_by(Refund.next_try_at).limit(200)))


def is_in_doubt(refund: Refund) -> bool:
    """Whether a person must look at a refund under way: nothing is heard of it, or we do not understand it, or have no keys."""
    is_open = refund.status in _OPEN
    return is_open and (_is_silent(refund) or refund.failure_code in _DOUBTFUL)


def in_doubt() -> ColumnElement[bool]:
    """SQL: a person must look at the refund, which is under way."""
    is_old = (Refund.asked_at < clock.now() - _SILENT) & (Refund.tries > len(_GAPS))
    return Refund.status.in_(_OPEN) & (is_old | Refund.failure_code.in_(_DOUBTFUL))


def _is_silent(refund: Refund) -> bool:
    # Nothing has been heard of it for three days, though it was asked about many times.
    return refund.status in _OPEN and refund.asked_at < clock.now() - _SILENT and refund.tries > len(_GAPS)


def _claim(refund_id: uuid.UUID) -> tuple[Refund | None, bool]:
    """The refund, if it is due, and whether this is the first call that its gateway can hear."""
    # Putting the next try off first means that a crash in the call costs a delay, never a second refund.
    with transaction():
        refund = lock(Refund, refund_id)
        now = clock.now()
        if refund is None or refund.status is RefundStatus.DONE:
            return None, False
        if refund.next_try_at is None or refund.next_try_at > now:
            return None, False
        first = refund.status is RefundStatus.ASKED and (refund.unsent or not refund.tries)
        if first and disputes.withholds(refund):
            # The payer's bank may take the same money. It goes when the bank has decided (refund_set_offs).
            refund.next_try_at = now + _WITHHELD
            tell_staff(refund, "refund_withheld")
            return None, False
        refund.next_try_at = now + timedelta(seconds=_GAPS[min(refund.tries, len(_GAPS) - 1)])
        refund.tries += 1
        refund.offer_until = None
        refund.unsent = False
        if _is_silent(refund):
            tell_staff(refund, "refund_silent")
    return refund, first


def _keep_unsent(refund_id: uuid.UUID) -> None:
    """The next try is the first again: a look-up would wait for ever for what nobody was asked to do."""
    with transaction():
        refund = lock(Refund, refund_id)
        if refund is not None and refund.status is RefundStatus.ASKED:
            refund.unsent = True


def _tell_of_keys(refund_id: uuid.UUID, said: str) -> None:
    """Staff know that it waits for other keys; it goes on by itself once they work."""
    with transaction():
        refund = lock(Refund, refund_id)
        if refund is not None and refund.status in _OPEN:
            refund.failure = said[:200]
            refund.failure_code = RefundFailureCode.NO_ACCESS
            tell_staff(refund, "refund_no_access")


def _request(refund: Refund) -> RefundRequest:
    attempt = refund.attempt
    return RefundRequest(
        refund_key=refund.wire_key,
        provider_ref=attempt.provider_ref or "",
        charge_ref=refund.charge_ref or attempt.charge_ref or "",
        money=refund.money,
        reason=refund.reason,
        callback_url=callback_address(current_app, attempt.gateway, refund.wire_key),
        timeout_url=callback_address(current_app, attempt.gateway, f"{refund.wire_key}{TIMED_OUT}"),
        installation=installation.code_since(refund.asked_at),
    )


def _settle(refund_id: uuid.UUID, outcome: RefundOutcome, wire_key: str) -> None:
    with transaction():
        refund = db.session.get_one(Refund, refund_id)
        lock(Attempt, refund.attempt_id)
        locked = lock(Refund, refund_id)
        # Begun anew since it was asked: the answer is about the one before, which has had its last word.
        if locked is not None and locked.wire_key == wire_key:
            if locked.status in _OPEN and locked.failure_code == RefundFailureCode.NO_ACCESS:
                locked.failure = locked.failure_code = ""  # our keys were taken
            hear(locked, outcome)
            if locked.status is RefundStatus.FAILED:
                locked.next_try_at = None
            heed_word(locked)
