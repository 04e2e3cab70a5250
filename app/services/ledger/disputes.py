"""Challenged charges: recorded and shown to staff; a dispute never ends or revives a booking by itself."""

import uuid
from collections.abc import Collection

from sqlalchemy import func, select

from app.domain.lifecycle import DISPUTE_MOVES, DisputeStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Disputed
from app.lib import clock
from app.models import Attempt, Checkout, Dispute
from app.services.core import batching
from app.services.core.transaction import GATEWAY, record
from app.services.ledger import journal, reviews

# The vendors' last words on a dispute; Stripe's say "warning_closed" for an enquiry that came to nothing.
_ENDS = {"won": "won", "warning_closed": "won", "lost": "lost", "closed": "won", "prevented": "won"}


def try_apply(attempt: Attempt, fact: Disputed) -> bool:
    """The news is in the dispute's row; False where it changed nothing.

    Inside the caller's transaction, which holds the attempt's lock. Lost money is written off, not taken from anybody:
    staff decide who bears it.
    """
    dispute = _find(attempt, fact) or _open(attempt, fact)
    known = dispute.stage
    dispute.stage = fact.stage[:40]
    if target := DISPUTE_MOVES.get(_ENDS.get(fact.stage, ""), {}).get(dispute.status):
        _end(dispute, target)
        return True
    return dispute.stage != known


def is_open_for(booking_id: uuid.UUID) -> bool:
    """Whether a charge for the booking is challenged now."""
    return _challenged(booking_id)


@batching.batched("booking", bool)
def _challenged(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    statement = (
        select(Checkout.booking_id)
        .join(Attempt, Attempt.checkout_id == Checkout.id)
        .join(Dispute, Dispute.attempt_id == Attempt.id)
        .where(Checkout.booking_id.in_(ids), Dispute.status == DisputeStatus.OPEN, Dispute.of_own_charge())
    )
    return {booking_id: True for booking_id in db.session.scalars(statement) if booking_id}


def of_attempt(attempt: Attempt) -> list[Dispute]:
    """The attempt's disputes, oldest first."""
    return list(db.session.scalars(select(Dispute).where(Dispute.attempt_id == attempt.id).order_by(Dispute.id)))


def lost_of(attempt: Attempt) -> Money:
    """What of the payment the payer's bank took back; not of another charge that came under it and goes back whole."""
    return Money(_lost(attempt.id).get(attempt.currency, 0), attempt.currency)


@batching.batched("attempt", dict)
def _lost(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    statement = (
        select(Dispute.attempt_id, Dispute.currency, func.sum(Dispute.amount))
        .join(Dispute.attempt)
        .where(Dispute.attempt_id.in_(ids), Dispute.status == DisputeStatus.LOST, Dispute.of_own_charge())
        .group_by(Dispute.attempt_id, Dispute.currency)
    )
    return batching.summed((of, currency, amount) for of, currency, amount in db.session.execute(statement))


def _find(attempt: Attempt, fact: Disputed) -> Dispute | None:
    statement = select(Dispute).where(Dispute.attempt_id == attempt.id, Dispute.charge_ref == fact.charge_ref)
    return db.session.scalars(statement).one_or_none()


def _open(attempt: Attempt, fact: Disputed) -> Dispute:
    money = fact.money or attempt.money
    dispute = Dispute(
        attempt_id=attempt.id,
        attempt=attempt,
        charge_ref=fact.charge_ref,
        amount=money.amount,
        currency=money.currency,
        status=DisputeStatus.OPEN,
        stage="",
        opened_at=clock.now(),
    )
    db.session.add(dispute)
    db.session.flush()
    record("dispute", dispute.id, "", dispute.status, GATEWAY, booking_id=attempt.checkout.booking_id)
    reviews.open_review(attempt, "disputed", fact.stage, money=money, charge_ref=fact.charge_ref)
    return dispute


def _end(dispute: Dispute, target: DisputeStatus) -> None:
    attempt = dispute.attempt
    booking_id = attempt.checkout.booking_id
    record("dispute", dispute.id, dispute.status, target, GATEWAY, why=dispute.stage, booking_id=booking_id)
    dispute.status = target
    dispute.closed_at = clock.now()
    if target is DisputeStatus.LOST:
        money = Money(dispute.amount, dispute.currency)
        loss = journal.Transfer(journal.WRITE_OFF, journal.gateway(attempt.gateway), money)
        if not reviews.is_open(attempt, "disputed"):  # staff have closed it before the bank's last word
            reviews.open_review(attempt, "dispute_lost", dispute.stage, money=money, charge_ref=dispute.charge_ref)
        journal.post("dispute_lost", f"dispute_lost:{dispute.id}", loss, attempt=attempt, booking_id=booking_id)
