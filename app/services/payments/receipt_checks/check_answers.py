"""A gateway's answer about a receipt: believed where it answers a question of ours, and then it lands, is refused or doubted.

Locks: attempts, checkout, the check, and what outcomes.apply_fact locks.
"""

import logging
import uuid
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from app.domain.lifecycle import ReceiptCheckStatus, ReceiptSource
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, GatewayEvent
from app.gateways.receipts import RECEIPT_KEYS, ReceiptAnswer, ReceiptState
from app.models import Attempt, ReceiptCheck, Review
from app.services.core import fact_json
from app.services.core.transaction import GATEWAY, Who, lock, transaction
from app.services.ledger import reviews
from app.services.payments import claims, inbox, kept_places
from app.services.payments.attempts import lock_with_attempts
from app.services.payments.receipt_checks import check_rows, check_verdicts
from app.services.payments.receipt_checks.check_verdicts import Case

log = logging.getLogger(__name__)

REASON = "receipt"  # why a person looks
_MOST_EARLY = 3
_WAITING = (ReceiptCheckStatus.OPEN, ReceiptCheckStatus.REVIEW)
# What is doubted for these is asked about again: it may be put right at the gateway.
_ASKED_ON = ("no_access", "silent")


def address_of(check: ReceiptCheck) -> str:
    """What stands in the signed address that the gateway answers to."""
    return f"{RECEIPT_KEYS}{check.id.hex}"


def hear(address: str, answer: ReceiptAnswer) -> None:
    """The answer has had its effect, if it answers a question of ours; kept where that is not known yet. Safe to repeat."""
    try:
        check_id = uuid.UUID(address.removeprefix(RECEIPT_KEYS))
    except ValueError:
        return
    twice(lambda: _hear(check_id, answer))


def keep_conversation(check_id: uuid.UUID, conversation: str) -> None:
    """It is known what the gateway calls our question, and an answer that was faster has had its effect."""
    twice(lambda: _keep(check_id, conversation))


def twice(work: Callable[[], None]) -> None:
    """The work is done in a transaction; once more where somebody else has just made a row of the same receipt."""
    try:
        with transaction():
            work()
    except IntegrityError:
        with transaction():
            work()


def locked(check_id: uuid.UUID) -> tuple[ReceiptCheck | None, list[Attempt]]:
    """The check and the tries to pay its checkout, locked in order; None where there is no such check."""
    known = db.session.get(ReceiptCheck, check_id)
    if known is None:
        return None, []
    _, tries = lock_with_attempts(known.checkout_id)
    return lock(ReceiptCheck, check_id), tries


def _hear(check_id: uuid.UUID, answer: ReceiptAnswer) -> None:
    check, tries = locked(check_id)
    if check is None or check.status not in _WAITING:
        return
    if answer.conversation in check.conversations:
        _judge(check, tries, answer)
    elif check.is_open or check.verdict in _ASKED_ON:
        # It overtook the answer to our question, or nobody but us has asked: _keep tells which.
        check.early = [*check.early, fact_json.to_json(answer)][-_MOST_EARLY:]


def _keep(check_id: uuid.UUID, conversation: str) -> None:
    check, tries = locked(check_id)
    if check is None:
        return
    check.conversations = [*check.conversations, conversation]
    early: list[ReceiptAnswer] = [fact_json.from_json(each) for each in check.early]
    check.early = []
    for answer in early:
        if answer.conversation == conversation and check.status in _WAITING:
            _judge(check, tries, answer)


def _judge(check: ReceiptCheck, tries: list[Attempt], answer: ReceiptAnswer) -> None:
    if answer.state is ReceiptState.PENDING:
        return  # asked again by the clock
    case = Case(check, check.attempt.checkout, tries, answer)
    log.info("receipt.answered check=%s state=%s code=%s", check.id, answer.state, answer.vendor_code)
    if refused := check_verdicts.why_refused(case):
        refuse(check, refused, GATEWAY)
    elif doubted := check_verdicts.why_doubted(case):
        doubt(check, doubted, answer)
    else:
        _land(case)


def refuse(check: ReceiptCheck, code: str, who: Who) -> None:
    """The receipt pays nothing here, and nobody looks at it any more."""
    _close_review(check, "close", code)
    check_rows.move(check, "refuse", who, code)


def doubt(check: ReceiptCheck, code: str, answer: ReceiptAnswer | None = None) -> None:
    """A person looks; what was certainly paid keeps its place for a while."""
    money = answer.money if answer else None
    words = f"{check.receipt} ({check.source}): {code} {answer.vendor_code if answer else ''}".strip()
    if check.is_open:
        reviews.open_review(check.attempt, REASON, words, money=money, charge_ref=check.receipt)
    else:
        reviews.restate(check.attempt, REASON, words, money=money, charge_ref=check.receipt)
    if money is not None and money == check.attempt.money:
        kept_places.keep(check.attempt, claims.KEPT)
    again = check.next_try_at if code in _ASKED_ON else None
    check_rows.move(check, "doubt", GATEWAY, code)
    check.verdict = code
    check.next_try_at = again


def accept(review: Review, who: Who) -> None:
    """Staff found on the gateway's own statement that the receipt is of this payment: news like any other, and proven."""
    check = check_rows.of_receipt(review)
    attempt = check.attempt
    money = Money(review.amount, review.currency) if review.amount and review.currency else attempt.money
    _tell(attempt, f"receipt:{check.id}:staff", Confirmed(money, check.receipt), "staff")
    check_rows.move(check, "land", who)


def _land(case: Case) -> None:
    check = case.check
    attempt = check_verdicts.attempt_of(case)
    if attempt is None:
        raise RuntimeError("a receipt of nobody's")
    told_before = attempt.charge_ref if attempt.is_claimed else None
    _close_review(check, "found", "the gateway's own answer")
    check.attempt_id = attempt.id
    fact = Confirmed(case.answer.money, check.receipt, taken_at=case.answer.taken_at)
    _tell(attempt, f"receipt:{check.id}", fact, "look_up")
    check_rows.move(check, "land", GATEWAY)
    if told_before and told_before != check.receipt:
        # Unsigned news had named another receipt: that money may be here as well, and nobody would ask any more.
        check_rows.show(attempt, told_before, ReceiptSource.CALLBACK, GATEWAY)


def _tell(attempt: Attempt, key: str, fact: Confirmed, source: str) -> None:
    event = GatewayEvent(key, "receipt", fact, attempt.reference)
    inbox.take(attempt.gateway, event, source=source)


def _close_review(check: ReceiptCheck, resolution: str, evidence: str) -> None:
    for attempt in check.attempt.checkout.attempts:
        reviews.close(attempt, (REASON,), resolution, evidence, charge_ref=check.receipt)
