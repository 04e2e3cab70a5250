"""What a person must look at: money or news that does not fit what was asked for."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from app.domain.lifecycle import DisputePhase, DisputeStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Checkout, Dispute, Review
from app.services.core import batching
from app.services.core.transaction import GATEWAY, record
from app.services.ledger import journal
from app.services.notifications import notices


def open_review(
    attempt: Attempt,
    reason: str,
    detail: str,
    *,
    money: Money | None = None,
    charge_ref: str = "",
    kind: str = "review_opened",
    more: Mapping[str, Any] | None = None,
) -> None:
    """Staff will look at the attempt, once per reason and charge; inside the caller's transaction.

    They are told by a message of this kind, which says `more` than why, of what and how much.
    """
    if _find(attempt, reason, charge_ref) is not None:
        return
    review = Review(
        attempt_id=attempt.id,
        reason=reason,
        detail=detail[:300],
        amount=money.amount if money else None,
        currency=money.currency if money else None,
        charge_ref=charge_ref,
        opened_at=clock.now(),
    )
    db.session.add(review)
    db.session.flush()
    record("review", review.id, "", "open", GATEWAY, why=f"{reason}: {detail}", booking_id=attempt.checkout.booking_id)
    data = {"reason": reason, "reference": attempt.reference, **(more or {})}
    data |= {"amount": money.amount, "currency": money.currency} if money else {}
    notices.tell_staff(kind, booking=attempt.checkout.booking, cause=f"{attempt.id}:{reason}:{charge_ref}", data=data)


def restate(attempt: Attempt, reason: str, detail: str, *, money: Money | None, charge_ref: str) -> None:
    """What staff look at says what is known by now; inside the caller's transaction."""
    review = _find(attempt, reason, charge_ref)
    if review is not None:
        review.detail = detail[:300]
        review.amount = money.amount if money else review.amount
        review.currency = money.currency if money else review.currency


def of_checkout(checkout: Checkout) -> int:
    """How many open reviews stand against the checkout's attempts."""
    statement = (
        select(func.count())
        .select_from(Review)
        .join(Attempt, Attempt.id == Review.attempt_id)
        .where(Attempt.checkout_id == checkout.id, Review.resolved_at.is_(None))
    )
    return db.session.scalar(statement) or 0


def is_in_doubt(attempt: Attempt) -> bool:
    """Whether staff decide what becomes of what the attempt brought in, and nobody else, because it is another amount.

    Money that has come to those it was meant for is no longer in doubt, whatever is told of it later: staff look at the
    news, and the payer has back what the terms give.
    """
    return is_open(attempt, "amount") and not journal.is_allocated(attempt.id)


def told_amount(attempt: Attempt) -> Money | None:
    """The other amount that news told first and staff have not looked at; None where there is no such news."""
    told = select(Review).where(
        Review.attempt_id == attempt.id, Review.reason == "amount", Review.resolved_at.is_(None), Review.amount > 0
    )
    review = db.session.scalars(told.order_by(Review.id).limit(1)).first()
    return Money(review.amount or 0, review.currency or attempt.currency) if review else None


def was_opened(attempt: Attempt, reason: str) -> bool:
    """Whether staff were asked to look at the attempt for this reason, at whichever charge, whatever they said."""
    known = select(Review.id).where(Review.attempt_id == attempt.id, Review.reason == reason).limit(1)
    return db.session.scalar(known) is not None


def waiting() -> ColumnElement[bool]:
    """SQL, of reviews: a person must look, and not at a dispute that the bank has not decided: that waits as a dispute."""
    names = [ref + f":{phase}" for ref in (Dispute.vendor_ref, Dispute.charge_ref) for phase in DisputePhase]
    undecided = exists().where(
        Dispute.attempt_id == Review.attempt_id, Dispute.status == DisputeStatus.OPEN, Review.charge_ref.in_(names)
    )
    return Review.resolved_at.is_(None) & ~(undecided & (Review.reason == "disputed"))


def pending(limit: int = 50) -> list[Review]:
    """Open reviews, oldest first."""
    return list(db.session.scalars(select(Review).where(Review.resolved_at.is_(None)).order_by(Review.id).limit(limit)))


def close(
    attempt: Attempt, reasons: Collection[str], resolution: str, evidence: str, *, charge_ref: str | None = None
) -> None:
    """Nobody has to look for these reasons any more: what was in doubt is clear by itself. Inside the caller's transaction.

    With `charge_ref`, of this charge.
    """
    open_ones = select(Review).where(Review.attempt_id == attempt.id, Review.reason.in_(reasons))
    if charge_ref is not None:
        open_ones = open_ones.where(Review.charge_ref == charge_ref)
    for review in db.session.scalars(open_ones.where(Review.resolved_at.is_(None))):
        review.resolved_at = clock.now()
        review.resolution = resolution
        review.evidence = evidence
        booking_id = attempt.checkout.booking_id
        record("review", review.id, "open", resolution, GATEWAY, why=evidence, booking_id=booking_id)


def _find(attempt: Attempt, reason: str, charge_ref: str) -> Review | None:
    statement = select(Review).where(
        Review.attempt_id == attempt.id, Review.reason == reason, Review.charge_ref == charge_ref
    )
    return db.session.scalars(statement).one_or_none()


def is_open(attempt: Attempt, reason: str) -> bool:
    """Whether staff have still to look at the attempt for this reason."""
    return reason in open_reasons(attempt.id)


@batching.batched("attempt", list)
def open_reasons(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Why staff have still to look at the attempt, one word for each review."""
    statement = select(Review.attempt_id, Review.reason).where(Review.attempt_id.in_(ids), Review.resolved_at.is_(None))
    return batching.grouped((attempt_id, reason) for attempt_id, reason in db.session.execute(statement))
