"""Showing a receipt, and asking its gateway about it: between two transactions, never inside one."""

import logging
import uuid
from datetime import timedelta

from flask import current_app

from app.domain.lifecycle import Actor, ReceiptCheckStatus, ReceiptSource
from app.domain.quotas import Rule
from app.extensions import db
from app.gateways.base import TIMED_OUT, GatewayError
from app.gateways.receipts import ReceiptDesk, ReceiptQuestion
from app.lib import clock
from app.models import Attempt, Checkout, ReceiptCheck, User
from app.services.core import payment_methods, quotas
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.signed_urls import callback_address
from app.services.core.transaction import GATEWAY, Who, transaction
from app.services.ledger import checkouts, journal
from app.services.payments.attempts import lock_with_attempts
from app.services.payments.receipt_checks import check_answers, check_rows

log = logging.getLogger(__name__)

_GAPS = (60, 180, 600, 3600, 6 * 3600)  # seconds between questions; the last again and again
_SILENT = timedelta(minutes=30)  # after so long without an answer a person looks; asking goes on
_GIVE_UP = timedelta(days=3)


def desk_of(attempt: Attempt) -> ReceiptDesk | None:
    """Where the attempt's gateway is asked about receipts; None where it has none."""
    gateway = payment_methods.offered().get(attempt.gateway)
    return gateway.receipts if gateway else None


def expects(tries: list[Attempt]) -> Attempt | None:
    """The try to pay for which a receipt may be shown: the open one, else the last that is not paid."""
    unpaid = [attempt for attempt in tries if desk_of(attempt) and not attempt.is_paid]
    live = [attempt for attempt in unpaid if attempt.is_live]
    return [*unpaid, *live][-1] if unpaid else None


def shown_for(checkout: Checkout, tries: list[Attempt]) -> list[ReceiptCheck]:
    """Every receipt shown for the checkout, the last first; nobody is asked where no try could have one."""
    return check_rows.of_checkout(checkout.id) if any(desk_of(attempt) for attempt in tries) else []


def show(checkout_id: uuid.UUID, client: User, typed: str) -> ReceiptCheck:
    """The gateway has been asked about the receipt that the client shows; what it answers comes later.

    Raises NotFound, Invalid (receipt_invalid), Conflict (receipt_not_expected, receipt_known, too_many_receipts).
    """
    checkout = checkouts.get(checkout_id, client)
    if checkout.client_id != client.id:
        raise NotFound
    tries = list(checkout.attempts)
    receipt = _read(expects(tries) or next((each for each in reversed(tries) if desk_of(each)), None), typed)
    quotas.spend({Rule.RECEIPTS: client.id}, user_id=client.id)
    return _ask_about(checkout_id, None, receipt, ReceiptSource.CLIENT, Who(Actor.CLIENT, client.id))


def show_for(attempt_id: uuid.UUID, typed: str, who: Who) -> ReceiptCheck:
    """The gateway has been asked about a receipt that staff say is of this payment.

    Raises NotFound, Invalid (receipt_invalid), Conflict (receipt_not_expected, receipt_known).
    """
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None:
        raise NotFound
    return _ask_about(attempt.checkout_id, attempt_id, _read(attempt, typed), ReceiptSource.STAFF, who)


def ask(check_id: uuid.UUID) -> None:
    """The gateway has been asked, if that was due; the next question is put off first. Safe to repeat."""
    check = _claim(check_id)
    if check is None:
        return
    desk = desk_of(check.attempt)
    question = _question(check)
    db.session.rollback()  # nothing is held open while the vendor thinks
    if desk is None:
        return
    try:
        conversation = desk.ask(question)
    except GatewayError as error:
        log.warning("receipt.unasked check=%s error=%s", check_id, type(error).__name__)
        return
    check_answers.keep_conversation(check_id, conversation)


def _read(attempt: Attempt | None, typed: str) -> str:
    desk = desk_of(attempt) if attempt else None
    if desk is None:
        raise Conflict("receipt_not_expected")
    try:
        return desk.read_receipt(typed)
    except ValueError:
        raise Invalid("receipt_invalid", field="receipt") from None


def _ask_about(
    checkout_id: uuid.UUID, attempt_id: uuid.UUID | None, receipt: str, source: ReceiptSource, who: Who
) -> ReceiptCheck:
    with transaction():
        _, tries = lock_with_attempts(checkout_id)
        if any(journal.is_captured(attempt, receipt) for attempt in tries if attempt.is_paid):
            raise Conflict("receipt_known")
        attempt = next((each for each in tries if each.id == attempt_id), None) or expects(tries)
        if attempt is None:
            raise Conflict("receipt_not_expected")
        check = check_rows.show(attempt, receipt, source, who)
        if check is None:
            raise RuntimeError("what a person shows is never too often")
        check_id = check.id
    ask(check_id)
    return db.session.get_one(ReceiptCheck, check_id, populate_existing=True)


def _claim(check_id: uuid.UUID) -> ReceiptCheck | None:
    """The check, if its gateway is to be asked now. One that needs no question, or can have none, is settled instead."""
    with transaction():
        check, _ = check_answers.locked(check_id)
        now = clock.now()
        if check is None or check.next_try_at is None or check.next_try_at > now:
            return None
        check.next_try_at = now + timedelta(seconds=_GAPS[min(check.tries, len(_GAPS) - 1)])
        check.tries += 1
        if _is_settled(check):
            return None
        if now - check.asked_at > _GIVE_UP:
            check.next_try_at = None
        if now - check.asked_at > _SILENT and check.is_open:
            check_answers.doubt(check, "silent")
        return check


def _is_settled(check: ReceiptCheck) -> bool:
    desk = desk_of(check.attempt)
    if check.attempt.is_paid and journal.is_captured(check.attempt, check.receipt):
        check_rows.move(check, "land", GATEWAY)  # the payment's own news was faster
    elif desk is None or not desk.can_ask:
        check_answers.doubt(check, "not_asked")
    return check.status is ReceiptCheckStatus.LANDED or check.next_try_at is None


def _question(check: ReceiptCheck) -> ReceiptQuestion:
    address = check_answers.address_of(check)
    return ReceiptQuestion(
        receipt=check.receipt,
        callback_url=callback_address(current_app, check.gateway, address),
        timeout_url=callback_address(current_app, check.gateway, f"{address}{TIMED_OUT}"),
    )
