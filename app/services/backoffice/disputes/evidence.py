"""What shows a bank that something was agreed, paid for and given, gathered when a paper is made.

Only what happened and when: no word of a conversation, a note or a form is in it unless its practitioner added that, and
nothing of anybody but the payer.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, or_, select

from app.extensions import db
from app.lib import clock
from app.models import (
    Attempt,
    AttendanceReview,
    Booking,
    Change,
    Channel,
    Delivery,
    Dispute,
    DisputeAddition,
    Notification,
    Outcome,
    PaperKind,
    PaperVersion,
    Practitioner,
    Receipt,
    Refund,
    SignedPaper,
    User,
)
from app.services.backoffice.disputes.additions import added_to, message_of, words_of
from app.services.backoffice.disputes.answers import lock_dispute
from app.services.backoffice.disputes.purchases import Bought, Spent, bought_with
from app.services.backoffice.repair.staff_acts import principal
from app.services.core.transaction import record, transaction
from app.services.ledger import attendance_reviews, disputes, receipts, refunds

__all__ = ["Added", "Bought", "Copy", "Cut", "Evidence", "Spent", "make_paper"]

# Card networks take few pages (Mastercard 19, and less is read more): of longer lists the beginning and the end.
_MOST = 40
_SUBJECTS = ("attendance", "booking", "call", "reschedule")  # of a booking's trail; what people say is under others
_T = TypeVar("_T")


@dataclass(frozen=True)
class Cut(Generic[_T]):
    """A list without its middle, and how many of it are left out."""

    rows: Sequence[_T]
    left_out: int = 0


@dataclass(frozen=True)
class Copy:
    """One copy of a message to the payer that went out; `sent_to` is masked, and empty where it was not kept."""

    kind: str
    channel: Channel
    at: datetime
    sent_to: str


@dataclass(frozen=True)
class Added:
    """What the practitioner added: their own words, or a message; `by_client` where the payer wrote it."""

    at: datetime
    text: str
    is_message: bool = False
    by_client: bool = False


@dataclass(frozen=True)
class Evidence:
    """Everything a paper says."""

    dispute: Dispute
    attempt: Attempt
    practitioner: Practitioner | None
    bought: Bought
    copies: Cut[Copy]
    steps: Cut[Change]
    receipts: list[Receipt]
    refunds: list[Refund]
    disputes: list[Dispute]
    agreements: list[SignedPaper] = field(default_factory=list)
    looked_at: list[AttendanceReview] = field(default_factory=list)
    added: list[Added] = field(default_factory=list)
    names_service: bool = False  # else what it was is said in a discreet word
    made_at: datetime = field(default_factory=clock.now)


def make_paper(dispute_id: int, staff: User, *, names_service: bool = False) -> Evidence:
    """What the paper says; that it was made, by whom, and whether it names the service, stands in the trail first.

    Raises NotFound, Forbidden, Unavailable (sealed_away).
    """
    who = principal(staff)
    with transaction():
        dispute = lock_dispute(dispute_id)
        why = "named" if names_service else ""
        record("evidence", dispute.id, "", "made", who, why=why, booking_id=dispute.attempt.checkout.booking_id)
    return _gather(db.session.get_one(Dispute, dispute_id), names_service=names_service)


def _gather(dispute: Dispute, *, names_service: bool) -> Evidence:
    attempt = dispute.attempt
    bought = bought_with(attempt)
    back = refunds.of_attempts([attempt.id])
    about = _about(attempt, bought, back, disputes.of_attempt(attempt))
    return Evidence(
        dispute=dispute,
        attempt=attempt,
        practitioner=disputes.practitioner_of(attempt.checkout),
        bought=bought,
        copies=_copies(attempt, bought, about),
        steps=_steps(bought, about),
        receipts=[each for each in receipts.of_checkout(attempt.checkout_id) if each.attempt_id == attempt.id],
        refunds=back,
        disputes=disputes.of_attempt(attempt),
        agreements=_agreements(bought.sessions),
        looked_at=list(filter(None, map(attendance_reviews.last_of, bought.sessions))),
        added=[_read(each, attempt) for each in added_to(dispute)],
        names_service=names_service,
    )


# ------------------------------------------------------------------------------------------------ what happened when

_About = dict[str, list[str]]  # the trail's subject -> ids


def _about(attempt: Attempt, bought: Bought, back: list[Refund], challenged: list[Dispute]) -> _About:
    return {
        "attempt": [str(attempt.id)],
        "checkout": [str(attempt.checkout_id)],
        "refund": [str(each.id) for each in back],
        "dispute": [str(each.id) for each in challenged],
        **{name: [str(row.id)] for name, row in bought.things.items()},
    }


def _steps(bought: Bought, about: _About) -> Cut[Change]:
    named = [
        (Change.subject == subject) & Change.subject_id.in_(ids)
        for subject, ids in about.items()
        if subject != "checkout"
    ]
    of_sessions = Change.booking_id.in_([each.id for each in bought.sessions]) & Change.subject.in_(_SUBJECTS)
    rows = db.session.scalars(select(Change).where(or_(of_sessions, *named)).order_by(Change.id))
    return _cut(list(rows))


def _copies(attempt: Attempt, bought: Bought, about: _About) -> Cut[Copy]:
    """What the payer was sent about it, by every way that it really went."""
    causes = [each for ids in about.values() for each in ids if len(each) == len(str(uuid.UUID(int=0)))]
    of_it: list[ColumnElement[bool]] = [Notification.dedupe_key.contains(each, autoescape=True) for each in causes]
    of_it.append(Notification.booking_id.in_([each.id for each in bought.sessions]))
    went = (Notification.user_id == attempt.checkout.client_id) & (Delivery.outcome == Outcome.SENT.value)
    statement = select(Delivery, Notification.kind).join(Delivery.notification).where(went, or_(*of_it))
    rows = db.session.execute(statement.order_by(Delivery.done_at, Delivery.id))
    return _cut([Copy(kind, each.channel, each.done_at or each.due_at, each.sent_to) for each, kind in rows])


def _cut(rows: list[_T]) -> Cut[_T]:
    if len(rows) <= _MOST:
        return Cut(rows)
    return Cut([*rows[: _MOST // 2], *rows[-_MOST // 2 :]], len(rows) - _MOST)


# ------------------------------------------------------------------------------------------------ what was signed and added


def _agreements(sessions: list[Booking]) -> list[SignedPaper]:
    """Texts the payer agreed to by signing; what else forms ask, and every answer, is left out."""
    ids = [each.id for each in sessions]
    signed = select(SignedPaper).join(SignedPaper.version).join(PaperVersion.paper)
    mine = signed.where(SignedPaper.booking_id.in_(ids), PaperVersion.paper.has(kind=PaperKind.AGREEMENT))
    return list(db.session.scalars(mine.order_by(SignedPaper.signed_at)))


def _read(addition: DisputeAddition, attempt: Attempt) -> Added:
    message = message_of(addition)
    if message is None:
        return Added(addition.added_at, words_of(addition))
    by_client = message.author_id == attempt.checkout.client_id
    return Added(message.written_at, words_of(addition), is_message=True, by_client=by_client)
