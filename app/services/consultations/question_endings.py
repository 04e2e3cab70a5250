"""Ending: declined or not answered in time, and paid back in the same commit; or closed."""

import uuid

from sqlalchemy import Select, and_, or_, select

from app.domain.lifecycle import Actor, AttemptStatus, ConsultationStatus
from app.extensions import db
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Consultation, Refund, User
from app.services.consultations import question_words
from app.services.consultations.question_queries import get, own, role_in
from app.services.consultations.question_statuses import transition, transition_by_clock
from app.services.consultations.sealed_texts import add, clean
from app.services.core.errors import Forbidden
from app.services.core.transaction import CLOCK, Who, lock, transaction
from app.services.ledger import refunds, reviews

_Q = ConsultationStatus
_MOST = 500


def decline(consultation_id: uuid.UUID, user: User, reason: str) -> Consultation:
    """The question is declined: the client reads why, and all of the money goes back or is credit.

    Raises NotFound, Forbidden, Invalid (reason_missing, too_long), Conflict (not_allowed, answer_too_late).
    """
    reason = clean(reason, "reason")
    checkout_id = get(consultation_id, user).checkout_id
    with transaction():
        paid = _locked_payments(checkout_id)
        consultation, who = _locked(consultation_id, user)
        transition(consultation, "decline", who)
        add(checkout_id, consultation.messages[-1].number + 1, user, reason)
        question_words.declined(consultation, _give_back(paid, "question_declined", who))
        return consultation


def close(consultation_id: uuid.UUID, user: User) -> Consultation:
    """Nothing more is written; what was written stays.

    Raises NotFound, Forbidden, Conflict (not_allowed).
    """
    with transaction():
        consultation, who = _locked(consultation_id, user)
        transition(consultation, "close", who)
        return consultation


def _lapsed() -> Select[uuid.UUID]:
    unanswered = and_(Consultation.status == _Q.OPEN, Consultation.answer_by <= moments.now())
    over = and_(Consultation.status == _Q.ANSWERED, Consultation.closes_at <= moments.now())
    return select(Consultation.id).where(or_(unanswered, over))


@found_by(_lapsed)
def overdue() -> list[uuid.UUID]:
    """Ids of questions whose time to answer has passed, and of conversations whose time is over."""
    return list(db.session.scalars(_lapsed().limit(_MOST)))


def try_lapse(consultation_id: uuid.UUID) -> bool:
    """The consultation has ended if its time is over; returns whether it did.

    A question without an answer gives its money back in the same commit.
    """
    checkout_id = db.session.get_one(Consultation, consultation_id).checkout_id
    with transaction():
        paid = _locked_payments(checkout_id)
        consultation = lock(Consultation, consultation_id)
        done = transition_by_clock(consultation, CLOCK) if consultation else ""
        if consultation is not None and done == "expire":
            question_words.expired(consultation, _give_back(paid, "question_unanswered", CLOCK))
        return bool(done)


def _unanswered() -> Select[Consultation]:
    return select(Consultation).where(Consultation.status == _Q.OPEN, Consultation.answer_by > moments.now())


@found_by(_unanswered)
def remind() -> int:
    """How many practitioners were reminded, once for each question, in the last quarter of their time."""
    near = [each.id for each in db.session.scalars(_unanswered()) if question_words.last_quarter(each)]
    if not near:
        return 0
    with transaction() as session:
        return sum(question_words.waits(session.get_one(Consultation, each)) for each in near[:_MOST])


def _locked(consultation_id: uuid.UUID, user: User) -> tuple[Consultation, Who]:
    """The consultation and its practitioner, who acts. Raises NotFound, Forbidden for the client."""
    consultation = own(lock(Consultation, consultation_id), user)
    if role_in(consultation, user) is Actor.CLIENT:
        raise Forbidden("forbidden")
    return consultation, Who(Actor.PRACTITIONER, user.id)


def _locked_payments(checkout_id: uuid.UUID) -> list[Attempt]:
    """The payments that brought its money, locked: in the order of locks they come before it."""
    ids = select(Attempt.id).where(Attempt.checkout_id == checkout_id).order_by(Attempt.created_at, Attempt.id)
    found = [lock(Attempt, attempt_id) for attempt_id in db.session.scalars(ids).all()]
    return [attempt for attempt in found if attempt is not None and attempt.status is AttemptStatus.PAID]


def _give_back(paid: list[Attempt], why: str, who: Who) -> list[Refund]:
    """All that is left of it goes back; a payment whose amount is in doubt is left to staff."""
    made = []
    for attempt in paid:
        left = refunds.left_of(attempt)
        if left.amount > 0 and not reviews.is_in_doubt(attempt):
            made.append(refunds.ask(attempt, attempt.charge_ref or "", left, why, who))
    return made
