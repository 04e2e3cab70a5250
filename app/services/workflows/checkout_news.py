"""Whether anything has happened to checkouts since somebody looked: one question for all whose browsers wait."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.domain.lifecycle import ReceiptCheckStatus, RefundStatus
from app.extensions import db
from app.models import Attempt, Checkout, ReceiptCheck, Refund

_AT_ONCE = 500  # ids in one statement


def version(checkout_id: UUID) -> str:
    """A word that differs once something has happened that the page of this checkout should show."""
    return versions([checkout_id]).get(checkout_id, "-")


def versions(checkout_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The word of each checkout that exists."""
    found: dict[UUID, list[str]] = {}
    for first in range(0, len(checkout_ids), _AT_ONCE):
        for checkout_id, *state in db.session.execute(_states(checkout_ids[first : first + _AT_ONCE])):
            found.setdefault(checkout_id, []).append(".".join(str(part) for part in state))
    return {checkout_id: ",".join(states) for checkout_id, states in found.items()}


def _states(checkout_ids: Sequence[UUID]) -> Any:
    """One row for each try: its status, whether it is claimed to be paid (then the page asks the gateway at once), how many
    receipts are still asked about, and how many refunds are still under way."""
    asked = (
        select(func.count())
        .where(ReceiptCheck.attempt_id == Attempt.id, ReceiptCheck.status == ReceiptCheckStatus.OPEN)
        .scalar_subquery()
    )
    under_way = (
        select(func.count())
        .where(Refund.attempt_id == Attempt.id, Refund.status != RefundStatus.DONE)
        .scalar_subquery()
    )
    return (
        select(Checkout.id, Checkout.status, Attempt.id, Attempt.status, Attempt.cross_checked, asked, under_way)
        .outerjoin(Attempt, Attempt.checkout_id == Checkout.id)
        .where(Checkout.id.in_(checkout_ids))
        .order_by(Checkout.id, Attempt.id)
    )
