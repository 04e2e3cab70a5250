"""What waits for one person, from every district in one list: what they alone can do next, and by when."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from app.domain.lifecycle import TABS, Actor, BookingStatus, RescheduleStatus
from app.domain.minor_lifecycles import ProofStatus
from app.extensions import db
from app.lib import clock
from app.lib.tables.plans import beside
from app.models import Attempt, Booking, Checkout, Consultation, Practitioner, Reschedule, User
from app.services import bookings, consultations
from app.services.backoffice.overview import diary
from app.services.bookings import intake_forms
from app.services.core import batching
from app.services.ledger import attendance_reviews, balance_due, checkouts
from app.services.payments import manual_payments
from app.services.workflows import late_payment

_MOST = 100  # of each kind


class Kind(StrEnum):
    """What is to be done."""

    ANSWER_MOVE = "answer_move"
    ANSWER_QUESTION = "answer_question"
    ANSWER_REQUEST = "answer_request"
    CHECK_PROOF = "check_proof"
    CHOOSE = "choose"  # a time, credit or the money, by who paid too late
    MARK_SESSION = "mark_session"
    PAY = "pay"
    PAY_DEBT = "pay_debt"
    PROVE_PAYMENT = "prove_payment"  # once more: what was shown was sent back
    SAY_WHAT_HAPPENED = "say_what_happened"  # at a session of which staff are to say who came
    SIGN_FORMS = "sign_forms"


class Of(StrEnum):
    """What a task's id is of."""

    BOOKING = "booking"
    CHECKOUT = "checkout"
    CONSULTATION = "consultation"


@dataclass(frozen=True)
class Task:
    """One thing to do; `until` is when it is too late, and something else happens by itself (UTC)."""

    kind: Kind
    of: Of
    id: uuid.UUID
    title: str
    who: str  # the other side
    starts_at: datetime | None = None
    until: datetime | None = None


_LATER = datetime.max.replace(tzinfo=UTC)


def of(user: User) -> list[Task]:
    """Everything that waits for this person: what has an end first, the nearest before; then by when the session begins."""
    found = [task for source in _SOURCES for task in source(user)]
    return sorted(found, key=lambda task: (task.until or _LATER, task.starts_at or _LATER, task.kind))


# ------------------------------------------------------------------------------------------------ both sides


def _booking_task(kind: Kind, booking: Booking, user: User, until: datetime | None = None) -> Task:
    is_client = booking.client_id == user.id
    who = booking.practitioner.name if is_client else booking.client.name
    return Task(kind, Of.BOOKING, booking.id, booking.title, who, booking.starts_at, until)


def _bookings() -> Select[Booking]:
    loaded = (selectinload(Booking.client), selectinload(Booking.practitioner))
    return select(Booking).options(*loaded).order_by(beside(Booking.starts_at)).limit(_MOST)


def _moves(user: User) -> Iterator[Task]:
    """Proposals of the other side."""
    for_client = and_(Booking.client_id == user.id, Reschedule.proposed_by == Actor.PRACTITIONER)
    for_owner = and_(Booking.practitioner_id.in_(Practitioner.ids_of(user)), Reschedule.proposed_by == Actor.CLIENT)
    is_open = and_(Reschedule.status == RescheduleStatus.OPEN, Reschedule.expires_at > clock.now())
    open_ones = select(Reschedule).join(Reschedule.booking).where(is_open, or_(for_client, for_owner)).limit(_MOST)
    whose = contains_eager(Reschedule.booking).options(selectinload(Booking.client), selectinload(Booking.practitioner))
    for proposal in db.session.scalars(open_ones.options(whose)):
        yield _booking_task(Kind.ANSWER_MOVE, proposal.booking, user, proposal.expires_at)


# ------------------------------------------------------------------------------------------------ clients


def _forms(user: User) -> Iterator[Task]:
    """Forms that must be signed and are not."""
    alive = _bookings().where(Booking.client_id == user.id, Booking.status.in_((*TABS["waiting"], *TABS["upcoming"])))
    mine = list(db.session.scalars(alive))
    with batching.batch(mine):
        for booking in mine:
            if intake_forms.waiting(booking):
                yield _booking_task(Kind.SIGN_FORMS, booking, user, booking.starts_at)


def _payments(user: User) -> Iterator[Task]:
    """What can be paid now, and is not a debt."""
    waiting = _bookings().where(Booking.client_id == user.id, Booking.status == BookingStatus.AWAITING_PAYMENT)
    mine = list(db.session.scalars(waiting))
    with batching.batch(mine):
        for booking in mine:
            bill = bookings.to_pay(booking, user)
            if bill is not None:
                tries = [attempt for attempt in bookings.attempts_of(booking) if attempt.checkout_id == bill.id]
                yield _checkout_task(_to_pay(tries), bill, bill.expires_at)
    for draft in checkouts.open_drafts(user):
        if checkouts.is_payable(draft):
            yield _checkout_task(_to_pay(draft.attempts), draft, draft.expires_at)


def _debts(user: User) -> Iterator[Task]:
    for bill in balance_due.of(user):
        yield _checkout_task(Kind.PAY_DEBT, bill)


def _choices(user: User) -> Iterator[Task]:
    for refund in late_payment.waiting_for(user):
        yield _checkout_task(Kind.CHOOSE, refund.attempt.checkout, refund.offer_until)


def _to_pay(attempts: Sequence[Attempt]) -> Kind:
    """Paying; or showing once more that one has paid, where what was shown last by hand was sent back."""
    tries = [attempt for attempt in attempts if manual_payments.is_by_hand(attempt)]
    shown = manual_payments.last_of(tries[-1]) if tries else None
    return Kind.PROVE_PAYMENT if shown and shown.status is ProofStatus.REJECTED else Kind.PAY


def _checkout_task(kind: Kind, checkout: Checkout, until: datetime | None = None) -> Task:
    booking = checkout.booking
    service = checkouts.service_of(checkout)
    practice = booking.practitioner if booking else service.practitioner if service else None
    starts_at = booking.starts_at if booking else checkouts.starts_at(checkout)
    return Task(kind, Of.CHECKOUT, checkout.id, checkout.title, practice.name if practice else "", starts_at, until)


# ------------------------------------------------------------------------------------------------ practitioners


def _practice(user: User) -> Iterator[Task]:
    practitioner = diary.practice_of(user)
    if practitioner is None:
        return
    for booking in diary.requests(practitioner):
        yield _booking_task(Kind.ANSWER_REQUEST, booking, user, booking.deadline_at)
    for booking in diary.unfinished(practitioner):
        yield _booking_task(Kind.MARK_SESSION, booking, user)
    for booking in db.session.scalars(_bookings().where(attendance_reviews.unanswered_by(user))):
        yield _booking_task(Kind.SAY_WHAT_HAPPENED, booking, user)
    for proof in manual_payments.waiting_for(practitioner):
        bill = proof.attempt.checkout
        starts_at = bill.booking.starts_at if bill.booking else checkouts.starts_at(bill)
        yield Task(Kind.CHECK_PROOF, Of.CHECKOUT, bill.id, bill.title, bill.client.name, starts_at)
    for question in consultations.open_of(practitioner):
        yield _question_task(question)


def _question_task(question: Consultation) -> Task:
    return Task(Kind.ANSWER_QUESTION, Of.CONSULTATION, question.id, "", question.client.name, None, question.answer_by)


_SOURCES: tuple[Callable[[User], Iterator[Task]], ...] = (
    _moves,
    _forms,
    _payments,
    _debts,
    _choices,
    _practice,
)
