"""Asking a vendor for all refunds of a charge, where its news says that they changed and not which."""

import logging
import uuid

from app.domain.lifecycle import InboxState
from app.extensions import db
from app.gateways.base import GatewayError, GatewayEvent, Refunded, RefundFailed
from app.lib import clock
from app.models import Attempt, InboxEntry
from app.services.core import fact_json, payment_methods
from app.services.core.transaction import transaction
from app.services.payments import inbox
from app.services.payments.returns import TO_LOOK_UP

log = logging.getLogger(__name__)


def settle(entry_id: int) -> InboxState:
    """Stored news has been applied or waits on as it was; where it names no refund, its charge's refunds were looked up."""
    try:
        state = inbox.settle(entry_id)
    except Exception:
        inbox.count_try(entry_id)
        raise
    return InboxState.APPLIED if state is InboxState.RECEIVED and look_up(entry_id) else state


def look_up(entry_id: int) -> bool:
    """Each refund of the charge that the news is about is in the inbox and has had its effect; then the news is applied.

    Safe to repeat; False where the vendor gave no answer, and the news waits on.
    """
    entry = db.session.get_one(InboxEntry, entry_id, populate_existing=True)
    gateway = payment_methods.offered().get(entry.gateway)
    attempt_id = entry.attempt_id
    charge_ref = fact_json.from_json(entry.fact).charge_ref
    if entry.verdict != TO_LOOK_UP or gateway is None or attempt_id is None:
        return False
    db.session.rollback()  # nothing is held open while the vendor thinks
    try:
        found = gateway.look_up_refunds(charge_ref)
    except GatewayError as error:
        log.warning("refunds.unclear attempt=%s error=%s", attempt_id, type(error).__name__)
        return False
    for fact in found:
        inbox.receive(gateway.code, _event(attempt_id, fact), source="look_up")
    _close(entry_id, len(found))
    return True


def _event(attempt_id: uuid.UUID, fact: Refunded | RefundFailed) -> GatewayEvent:
    reference = db.session.get_one(Attempt, attempt_id).reference
    return GatewayEvent(f"look_up:{fact.refund_ref}:{fact.type_code}", "refund", fact, reference)


def _close(entry_id: int, found: int) -> None:
    with transaction():
        entry = db.session.get_one(InboxEntry, entry_id, populate_existing=True)
        entry.state = InboxState.APPLIED
        entry.verdict = f"looked up: {found}"
        entry.settled_at = clock.now()
