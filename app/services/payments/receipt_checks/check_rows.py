"""Receipts that somebody shows, as rows: shown, found, moved, and when the gateway is asked next. No vendor is called here.

Whoever writes holds the locks of the checkout's attempts and of the checkout.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Select, func, select

from app.domain.lifecycle import RECEIPT_CHECK_MOVES, ReceiptCheckStatus, ReceiptSource
from app.extensions import db
from app.lib import chance, clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, ReceiptCheck, Review
from app.services.core import outbox
from app.services.core.transaction import Who, record

# Told by nobody knows whom; more of them for one payment than this are no news.
_UNSIGNED = (ReceiptSource.MENU, ReceiptSource.CALLBACK)
_MOST_UNSIGNED = 5
_SAID_AGAIN = (ReceiptSource.CLIENT, ReceiptSource.STAFF)


def show(attempt: Attempt, receipt: str, source: ReceiptSource, who: Who, *, after: float = 0) -> ReceiptCheck | None:
    """The gateway will be asked about the receipt, in `after` seconds; None for what is told unsigned too often.

    What was refused is asked about again where a person says it again; what a client said and somebody now says who knows
    better, too.
    """
    found = find(attempt.checkout_id, receipt)
    if found is None:
        return None if _is_flood(attempt, source) else _add(attempt, receipt, source, who, after)
    stronger = found.source is ReceiptSource.CLIENT and source is not ReceiptSource.CLIENT
    again = found.status is ReceiptCheckStatus.REFUSED and source in _SAID_AGAIN
    if stronger or again:
        _show_again(found, attempt, source, who, after)
    elif found.is_open and not found.tries and source in _SAID_AGAIN:
        found.next_try_at = clock.now()  # unsigned news of it waits for other news; whoever shows it waits for nothing
    return found


def find(checkout_id: uuid.UUID, receipt: str) -> ReceiptCheck | None:
    """The receipt as it was shown for this checkout before."""
    mine = select(ReceiptCheck).where(ReceiptCheck.checkout_id == checkout_id, ReceiptCheck.receipt == receipt)
    return db.session.scalars(mine.execution_options(populate_existing=True)).one_or_none()


def of_checkout(checkout_id: uuid.UUID) -> list[ReceiptCheck]:
    """Every receipt shown for the checkout, by whomever, the last first."""
    mine = select(ReceiptCheck).where(ReceiptCheck.checkout_id == checkout_id)
    return list(db.session.scalars(mine.order_by(ReceiptCheck.asked_at.desc(), ReceiptCheck.receipt)))


def of_attempts(ids: Collection[uuid.UUID]) -> list[ReceiptCheck]:
    """Every receipt shown for these tries to pay, the last first."""
    mine = select(ReceiptCheck).where(ReceiptCheck.attempt_id.in_(ids))
    return list(db.session.scalars(mine.order_by(ReceiptCheck.asked_at.desc(), ReceiptCheck.receipt)))


def of_receipt(review: Review) -> ReceiptCheck:
    """The receipt that a person looks at. Raises LookupError."""
    attempt = db.session.get_one(Attempt, review.attempt_id)
    found = find(attempt.checkout_id, review.charge_ref)
    if found is None:
        raise LookupError(f"no receipt was shown for review {review.id}")
    return found


def _to_ask() -> Select[uuid.UUID]:
    return select(ReceiptCheck.id).where(ReceiptCheck.next_try_at <= moments.now())


@found_by(_to_ask)
def due() -> list[uuid.UUID]:
    """Ids of receipts about which the gateway is to be asked now, the longest due first."""
    return list(db.session.scalars(_to_ask().order_by(ReceiptCheck.next_try_at).limit(200)))


def is_turned_away(code: str) -> bool:
    """Whether a receipt waits for staff because the gateway does not let us ask: our keys or rights were not enough."""
    waits = (ReceiptCheck.status == ReceiptCheckStatus.REVIEW) & (ReceiptCheck.verdict == "no_access")
    return db.session.scalar(select(ReceiptCheck.id).where(ReceiptCheck.gateway == code, waits).limit(1)) is not None


def move(check: ReceiptCheck, action: str, who: Who, verdict: str = "") -> None:
    """The check is where the action leads, and the trail says so; nothing where the action leads nowhere from here."""
    target = RECEIPT_CHECK_MOVES[action].get(check.status)
    if target is None:
        return
    why = f"{check.receipt} {verdict}".strip()
    booking_id = check.attempt.checkout.booking_id
    record("receipt_check", check.id, check.status, target, who, why=why, booking_id=booking_id)
    check.status = target
    check.verdict = verdict
    check.settled_at = None if target is ReceiptCheckStatus.OPEN else clock.now()
    if target in (ReceiptCheckStatus.LANDED, ReceiptCheckStatus.REFUSED):
        check.next_try_at = None
    if target is not ReceiptCheckStatus.OPEN:
        check.early = []


def _add(attempt: Attempt, receipt: str, source: ReceiptSource, who: Who, after: float) -> ReceiptCheck:
    now = clock.now()
    check = ReceiptCheck(
        id=chance.new_id(),
        checkout_id=attempt.checkout_id,
        attempt_id=attempt.id,
        attempt=attempt,
        gateway=attempt.gateway,
        receipt=receipt,
        source=source,
        status=ReceiptCheckStatus.OPEN,
        verdict="",
        conversations=[],
        early=[],
        asked_at=now,
        next_try_at=now + timedelta(seconds=after),
    )
    db.session.add(check)
    db.session.flush()
    record("receipt_check", check.id, "", check.status, who, why=receipt, booking_id=attempt.checkout.booking_id)
    _hint(check, after)
    return check


def _show_again(check: ReceiptCheck, attempt: Attempt, source: ReceiptSource, who: Who, after: float) -> None:
    if check.status is ReceiptCheckStatus.LANDED:
        return
    move(check, "ask", who)
    check.attempt_id = attempt.id
    check.source = source
    check.asked_at = clock.now()
    check.tries = 0
    check.next_try_at = clock.now() + timedelta(seconds=after)
    db.session.flush()
    _hint(check, after)


def _hint(check: ReceiptCheck, after: float) -> None:
    if check.source in _UNSIGNED:  # who shows it by hand asks at once, and the sweep finds all of them
        outbox.after_commit("app.jobs.payments.check_receipt", str(check.id), delay=after)


def _is_flood(attempt: Attempt, source: ReceiptSource) -> bool:
    if source not in _UNSIGNED:
        return False
    told = ReceiptCheck.source.in_(_UNSIGNED) & (ReceiptCheck.checkout_id == attempt.checkout_id)
    return (db.session.scalar(select(func.count()).select_from(ReceiptCheck).where(told)) or 0) >= _MOST_UNSIGNED
