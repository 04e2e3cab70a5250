"""Challenged charges: recorded, shown to staff, and nothing else; a dispute never ends or revives a booking by itself."""

from sqlalchemy import func, select

from app import clock
from app.extensions import db
from app.gateways.base import Disputed
from app.lifecycle import DISPUTE_MOVES, DisputeStatus
from app.models import Attempt, Checkout, Dispute
from app.money import Money
from app.services import ledger, reviews
from app.services.transaction import GATEWAY, record

# The vendors' last words on a dispute; Stripe's say "warning_closed" for an enquiry that came to nothing.
_ENDS = {"won": "won", "warning_closed": "won", "lost": "lost", "closed": "won", "prevented": "won"}


def hear(attempt: Attempt, fact: Disputed) -> bool:
    """Whether the news changed what we know of the dispute; inside the caller's transaction, which holds the attempt's lock.

    Lost money is written off, not taken from anybody: staff decide who bears it.
    """
    dispute = _find(attempt, fact) or _open(attempt, fact)
    known = dispute.stage
    dispute.stage = fact.stage[:40]
    if target := DISPUTE_MOVES.get(_ENDS.get(fact.stage, ""), {}).get(dispute.status):
        _end(dispute, target)
        return True
    return dispute.stage != known


def is_open_for(booking_id: object) -> bool:
    """Whether a charge for the booking is challenged now."""
    statement = (
        select(func.count())
        .select_from(Dispute)
        .join(Attempt, Attempt.id == Dispute.attempt_id)
        .join(Checkout, Checkout.id == Attempt.checkout_id)
        .where(Checkout.booking_id == booking_id, Dispute.status == DisputeStatus.OPEN)
    )
    return bool(db.session.scalar(statement))


def of_attempt(attempt: Attempt) -> list[Dispute]:
    """The attempt's disputes, oldest first."""
    return list(db.session.scalars(select(Dispute).where(Dispute.attempt_id == attempt.id).order_by(Dispute.id)))


def lost_of(attempt: Attempt) -> Money:
    """What of the payment the payer's bank took back."""
    statement = select(func.coalesce(func.sum(Dispute.amount), 0)).where(
        Dispute.attempt_id == attempt.id,
        Dispute.status == DisputeStatus.LOST,
        Dispute.currency == attempt.currency,
    )
    return Money(int(db.session.scalar(statement) or 0), attempt.currency)


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
    dispute.status, dispute.closed_at = target, clock.now()
    if target is DisputeStatus.LOST:
        money = Money(dispute.amount, dispute.currency)
        loss = ledger.Transfer(ledger.WRITE_OFF, ledger.gateway(attempt.gateway), money)
        if not reviews.is_open(attempt, "disputed"):  # staff have closed it before the bank's last word
            reviews.open_review(attempt, "dispute_lost", dispute.stage, money=money, charge_ref=dispute.charge_ref)
        ledger.post("dispute_lost", f"dispute_lost:{dispute.id}", loss, attempt=attempt, booking_id=booking_id)
