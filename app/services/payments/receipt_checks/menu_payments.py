"""Payments that somebody made from a gateway's own menu with our reference: unsigned news, so the gateway is asked.

Of payments that name nothing of ours nothing is kept but how many there were.
"""

import uuid

from flask import current_app
from sqlalchemy import select

from app.domain.lifecycle import ReceiptSource
from app.extensions import db
from app.gateways.base import Gateway
from app.gateways.receipts import MENU_ASKED, MENU_PAID, MenuPayment
from app.lib import clock, database
from app.models import Attempt, ForeignPayments
from app.services.core import payment_methods
from app.services.core.signed_urls import callback_address
from app.services.core.transaction import GATEWAY, transaction
from app.services.ledger import journal
from app.services.payments.attempts import lock_with_attempts
from app.services.payments.receipt_checks import check_rows

# The menu's news comes of each payment by a prompt too; while one is under way, its own news comes first.
_OWN_NEWS_TAKES = 60.0  # seconds


def hear(gateway: Gateway, news: MenuPayment) -> None:
    """The gateway will be asked about the receipt, if it names a payment here; else one more is counted."""
    mine = select(Attempt.id).where(Attempt.gateway == gateway.code, Attempt.reference == news.reference)
    attempt_id = db.session.scalar(mine) if news.reference else None
    if attempt_id is None:
        _count(gateway.code)
    else:
        told(attempt_id, news.receipt)


def told(attempt_id: uuid.UUID, receipt: str) -> None:
    """The gateway will be asked about the receipt, which unsigned news says was paid for this payment."""
    with transaction():
        _show(attempt_id, receipt)


def register(code: str) -> tuple[str, str]:
    """The gateway knows where payments from its own menu are told, and where it may ask before; both addresses.

    Raises LookupError where there is no such gateway or menu, GatewayRefused, GatewayUnavailable.
    """
    desk = payment_methods.offered()[code].receipts
    if desk is None:
        raise LookupError(code)
    paid = callback_address(current_app, code, MENU_PAID)
    asked = callback_address(current_app, code, MENU_ASKED)
    desk.register(paid, asked)
    return paid, asked


def foreign_on_day() -> dict[str, int]:
    """How many payments of today (UTC) named nothing of ours, by gateway."""
    statement = select(ForeignPayments).where(ForeignPayments.day == clock.now().date())
    return {row.gateway: row.count for row in db.session.scalars(statement)}


def _show(attempt_id: uuid.UUID, receipt: str) -> None:
    checkout_id = db.session.get_one(Attempt, attempt_id).checkout_id
    _, tries = lock_with_attempts(checkout_id)
    attempt = next(each for each in tries if each.id == attempt_id)
    if attempt.is_paid and journal.is_captured(attempt, receipt):
        return
    under_way = attempt.is_live or attempt.is_claimed
    check_rows.show(attempt, receipt, ReceiptSource.MENU, GATEWAY, after=_OWN_NEWS_TAKES if under_way else 0)


def _count(gateway: str) -> None:
    first = database.insert(db.engine, ForeignPayments).values(gateway=gateway, day=clock.now().date(), count=1)
    more = first.on_conflict_do_update(index_elements=["gateway", "day"], set_={"count": ForeignPayments.count + 1})
    with transaction() as session:
        session.execute(more)
