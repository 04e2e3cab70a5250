"""Proofs as rows: whose they are, who may see and decide them, what waits, and for how long."""

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import contains_eager

from app.domain.checkout_kinds import Drafted
from app.domain.lifecycle import LIVE_ATTEMPTS, Actor, BookingStatus, ProofStatus
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Booking, Checkout, Practitioner, Proof, Role, User
from app.services.core.errors import NotFound
from app.services.core.transaction import transaction
from app.services.ledger import checkouts, journal, refunds
from app.services.notifications import notices
from app.services.payments import attempts

_MOST = 200
REMIND_EVERY = timedelta(days=1)


def is_by_hand(attempt: Attempt) -> bool:
    """Whether only a person can say what became of the attempt."""
    gateway = attempts.gateway_of(attempt)
    return gateway is not None and gateway.capabilities.by_hand


def practice_of(checkout: Checkout) -> Practitioner | None:
    """Who is paid, and so looks whether the money came; nobody for a top-up, which staff look at."""
    if checkout.rules.drafted is Drafted.QUESTION:
        return checkouts.whom_to_ask(checkout)
    service = checkouts.service_of(checkout)
    return service.practitioner if service else None


def checker_of(checkout: Checkout) -> str:
    """The name of who looks at a proof; empty where staff do."""
    practice = practice_of(checkout)
    return practice.name if practice else ""


def part_in(checkout: Checkout, user: User) -> Actor:
    """The part the person plays in what is paid for. Raises NotFound: a stranger learns nothing."""
    if user.id == checkout.client_id:
        return Actor.CLIENT
    practice = practice_of(checkout)
    if practice is not None and practice.is_of(user):
        return Actor.PRACTITIONER
    if user.role is Role.STAFF:
        return Actor.STAFF
    raise NotFound


def decider(checkout: Checkout, user: User) -> Actor:
    """The part of somebody who may say that money came.

    Raises NotFound, for the payer too: nobody vouches for themselves.
    """
    part = part_in(checkout, user)
    if part is Actor.CLIENT:
        raise NotFound
    return part


def get(proof_id: uuid.UUID, user: User) -> Proof:
    """The proof, for its payer, for who is paid and for staff. Raises NotFound."""
    proof = db.session.get(Proof, proof_id)
    if proof is None:
        raise NotFound
    part_in(proof.attempt.checkout, user)
    return proof


def get_to_decide(proof_id: uuid.UUID, user: User) -> Proof:
    """The proof, for those who may decide about it. Raises NotFound."""
    proof = get(proof_id, user)
    decider(proof.attempt.checkout, user)
    return proof


def last_of(attempt: Attempt) -> Proof | None:
    """What the payer showed last for this attempt."""
    statement = select(Proof).where(Proof.attempt_id == attempt.id).order_by(Proof.sent_at.desc()).limit(1)
    return db.session.scalars(statement).first()


def is_waiting(proof: Proof) -> bool:
    """Whether nobody has decided about it."""
    return proof.status is ProofStatus.WAITING


def went_back(proof: Proof) -> bool:
    """Whether the money it shows could not be had for anything and is the payer's credit, or waits for staff."""
    return bool(refunds.of_attempts([proof.attempt_id]))


def is_in_hand(proof: Proof) -> bool:
    """Whether the practitioner who accepted it has the money it shows."""
    return journal.custodian_of(proof.attempt) is not None


def waiting_of(booking: Booking) -> Proof | None:
    """The booking's proof that nobody has decided about, the oldest first."""
    return db.session.scalars(_waiting().where(Checkout.booking_id == booking.id)).first()


def waiting_for(practitioner: Practitioner) -> list[Proof]:
    """Proofs the practitioner has to look at, the oldest first."""
    theirs = or_(Booking.practitioner_id == practitioner.id, Checkout.booking_id.is_(None))
    rows = db.session.scalars(_waiting().where(theirs))
    return [proof for proof in rows if practice_of(proof.attempt.checkout) == practitioner]


def promised(practitioner: Practitioner) -> list[Attempt]:
    """Tries to pay the practitioner by hand of which nothing has been shown, the next session first."""
    shown = select(Proof.attempt_id).where(Proof.status == ProofStatus.WAITING)
    statement = (
        select(Attempt)
        .join(Attempt.checkout)
        .join(Checkout.booking)
        .where(Booking.practitioner_id == practitioner.id, Booking.status == BookingStatus.AWAITING_PAYMENT)
        .where(Attempt.status.in_(LIVE_ATTEMPTS), Attempt.id.not_in(shown))
        .order_by(Booking.starts_at)
        .limit(_MOST)
    )
    return [attempt for attempt in db.session.scalars(statement) if is_by_hand(attempt)]


def _is_old() -> ColumnElement[bool]:
    return Proof.sent_at <= moments.ago(REMIND_EVERY)


def _unseen() -> Select[uuid.UUID]:
    return select(Proof.id).where(Proof.status == ProofStatus.WAITING, _is_old())


@found_by(_unseen)
def remind() -> int:
    """How many reminders were written: one a day for each proof that nobody has looked at."""
    if db.session.scalar(_unseen().limit(1)) is None:
        return 0
    with transaction() as session:
        now = clock.now()
        proofs = list(session.scalars(_waiting().where(_is_old())))
        for proof in proofs:
            tell_checker(proof, "proof_waiting", stage=f":{(now - proof.sent_at) // REMIND_EVERY}")
        return len(proofs)


def tell_checker(proof: Proof, kind: str, *, stage: str = "") -> None:
    """Who looks at the proof will be told; staff where nobody else does. Inside the caller's transaction."""
    checkout = proof.attempt.checkout
    cause = f"{proof.id}{stage}"
    practice = practice_of(checkout)
    data = told(proof)
    if practice is None:
        notices.tell_staff(kind, cause=cause, data=data)
    else:
        notices.tell(practice.user_id, kind, booking=checkout.booking, cause=cause, data=data)


def told(proof: Proof) -> dict[str, Any]:
    """What a message about the proof says."""
    attempt = proof.attempt
    checkout = proof.attempt.checkout
    start = checkouts.starts_at(checkout)
    return {
        "amount": attempt.amount,
        "currency": attempt.currency,
        "title": checkout.title,
        "reference": attempt.reference,
        "who": checkout.client.name,
        "start": start.isoformat() if start else "",
        "checkout": str(checkout.id),
        "proof": str(proof.id),
        "reason": proof.reason,
    }


def _waiting() -> Select[Proof]:
    return (
        select(Proof)
        .join(Proof.attempt)
        .join(Attempt.checkout)
        .outerjoin(Checkout.booking)
        .where(Proof.status == ProofStatus.WAITING)
        .order_by(Proof.sent_at, Proof.id)
        .limit(_MOST)
        .options(contains_eager(Proof.attempt).contains_eager(Attempt.checkout).contains_eager(Checkout.booking))
    )
