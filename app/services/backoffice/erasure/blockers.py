"""What stands in the way of erasing somebody: what they still have coming, and money that is not where it belongs yet."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.domain.lifecycle import (
    LIVE_ATTEMPTS,
    TABS,
    ConsultationStatus,
    DisputeStatus,
    GiftStatus,
    PackageStatus,
    PayoutStatus,
    ProofStatus,
    RefundStatus,
)
from app.domain.money import Money
from app.extensions import db
from app.models import (
    Attempt,
    Base,
    Booking,
    Consultation,
    Dispute,
    Gift,
    Package,
    Payout,
    Proof,
    Refund,
    Review,
    Role,
    User,
)
from app.services.backoffice.erasure.ownership import Theirs
from app.services.bookings.status_changes import status_now
from app.services.ledger import balance_due, journal, prepaid_balances

_COMING = TABS["waiting"] + TABS["upcoming"]


def may_erase(user: User) -> bool:
    """Whether the person can do it alone: a client. Others' records are also about their clients, and staff act for all."""
    return user.role is Role.CLIENT


def obstacles(user: User) -> list[str]:
    """Why the person cannot be erased now, as words of words.OBSTACLES; credit is one until it is given up."""
    return list(_found(user))


def left_in_wallet(user: User) -> list[Money]:
    """What would be lost with the account."""
    return journal.balances(journal.wallet(user.id))


def _found(user: User) -> Iterator[str]:
    their = Theirs(user.id)
    for word, stands in _LOOKS:
        if stands(their):
            yield word
    if balance_due.of(user):
        yield "debts"
    if left_in_wallet(user):
        yield "credit"


def _coming(their: Theirs) -> bool:
    rows = select(Booking).where(Booking.client_id == their.user_id, Booking.status.in_(_COMING))
    return any(status_now(booking) in _COMING for booking in db.session.scalars(rows))


def _paid_ahead(their: Theirs) -> bool:
    active = select(Package).where(Package.client_id == their.user_id, Package.status == PackageStatus.ACTIVE)
    return any(prepaid_balances.left(package).amount for package in db.session.scalars(active))


def _given(their: Theirs) -> bool:
    # Erased with its buyer the code could be lost to everybody; the money would be nobody's.
    return _any(Gift, Gift.buyer_id == their.user_id, Gift.status == GiftStatus.OPEN)


def _asked(their: Theirs) -> bool:
    return _any(Consultation, Consultation.client_id == their.user_id, Consultation.status == ConsultationStatus.OPEN)


def _paying(their: Theirs) -> bool:
    unknown = or_(Attempt.status.in_(LIVE_ATTEMPTS), Attempt.next_look_up_at.is_not(None))
    return _any(Attempt, Attempt.checkout_id.in_(their.checkouts), unknown) or _any(
        Proof, Proof.attempt_id.in_(their.attempts), Proof.status == ProofStatus.WAITING
    )


def _going_back(their: Theirs) -> bool:
    return _any(Refund, Refund.attempt_id.in_(their.attempts), Refund.status != RefundStatus.DONE) or _any(
        Payout, Payout.user_id == their.user_id, Payout.status == PayoutStatus.ASKED
    )


def _looked_at(their: Theirs) -> bool:
    return _any(Review, Review.attempt_id.in_(their.attempts), Review.resolved_at.is_(None)) or _any(
        Dispute, Dispute.attempt_id.in_(their.attempts), Dispute.status == DisputeStatus.OPEN
    )


def _any(model: type[Base], *conditions: ColumnElement[bool]) -> bool:
    statement: Any = select(model).where(*conditions).limit(1)
    return db.session.scalars(statement).first() is not None


_LOOKS: tuple[tuple[str, Callable[[Theirs], bool]], ...] = (
    ("upcoming", _coming),
    ("question", _asked),
    ("package", _paid_ahead),
    ("gift", _given),
    ("payment", _paying),
    ("refund", _going_back),
    ("review", _looked_at),
)
