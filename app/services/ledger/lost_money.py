"""What payers' banks took back, and no refund was set off against."""

import uuid
from collections.abc import Collection

from sqlalchemy import func, select

from app.domain.lifecycle import DisputeStatus, RefundMeans
from app.domain.money import Money
from app.extensions import db
from app.models import Attempt, Dispute, Refund
from app.services.core import batching


def of_payment(attempt: Attempt, currency: str = "") -> Money:
    """What is lost of the payment; not of another charge that came under it, which goes back whole.

    It is in `currency`, by default the one asked for: what was paid may be in another.
    """
    currency = currency or attempt.currency
    return Money(max(0, by_currency(attempt.id).get(currency, 0)), currency)


def ever_of_charge(attempt: Attempt, charge_ref: str) -> Money:
    """What was ever lost of this charge, by default the payment's own, whatever was set off since."""
    lost = select(func.sum(Dispute.deducted)).where(
        Dispute.attempt_id == attempt.id,
        Dispute.charge_ref == (charge_ref or attempt.charge_ref or ""),
        Dispute.status == DisputeStatus.LOST,
        Dispute.currency == attempt.currency,
    )
    return Money(int(db.session.scalar(lost) or 0), attempt.currency)


def of_charge(attempt: Attempt, charge_ref: str) -> Money:
    """What is lost of this charge: the payment's own, or another that came under it."""
    names = (charge_ref, "") if charge_ref == (attempt.charge_ref or charge_ref) else (charge_ref,)
    set_off = select(func.sum(Refund.amount)).where(
        Refund.attempt_id == attempt.id, Refund.charge_ref.in_(names), Refund.means == RefundMeans.BANK
    )
    rest = ever_of_charge(attempt, charge_ref).amount - int(db.session.scalar(set_off) or 0)
    return Money(max(0, rest), attempt.currency)


@batching.batched("attempt", dict)
def by_currency(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """Minor units of the payment that are lost, by currency: a bank may take another than was paid."""
    lost = (
        select(Dispute.attempt_id, Dispute.currency, func.sum(Dispute.deducted))
        .join(Dispute.attempt)
        .where(Dispute.attempt_id.in_(ids), Dispute.status == DisputeStatus.LOST, Dispute.of_own_charge())
        .group_by(Dispute.attempt_id, Dispute.currency)
    )
    found = [(of, currency, int(amount or 0)) for of, currency, amount in db.session.execute(lost)]
    if not found:  # and so nothing to set off
        return {}
    set_off = (
        select(Refund.attempt_id, Refund.currency, -func.sum(Refund.amount))
        .join(Refund.attempt)
        .where(Refund.attempt_id.in_(ids), Refund.means == RefundMeans.BANK, Refund.of_own_charge())
        .group_by(Refund.attempt_id, Refund.currency)
    )
    found += [(of, currency, int(amount)) for of, currency, amount in db.session.execute(set_off)]
    return batching.summed(found)
