"""One payment's whole story: what happened in which order, and where its money is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import selectinload

from app.domain.money import Money
from app.extensions import db
from app.lib.phones import numbers
from app.models import Attempt, Change, Dispute, InboxEntry, Notification, ReceiptCheck, Refund, Review, User
from app.services.backoffice.overview.payment_search import Found, search
from app.services.backoffice.overview.postings import Posting, postings
from app.services.core.errors import NotFound
from app.services.ledger import disputes, refunds
from app.services.payments import receipt_checks

__all__ = ["Found", "Posting", "Step", "Story", "attempt", "search", "tell"]

_Rows = dict[str, Sequence[Refund | Review | Dispute | InboxEntry | ReceiptCheck]]


@dataclass(frozen=True)
class Step:
    """One thing that happened: exactly one of change, news and message is there; a refund's change brings its refund.

    `who` is the person who did it, where it was one; `body` is the news as received, without anybody's number.
    """

    at: datetime
    change: Change | None = None
    news: InboxEntry | None = None
    message: Notification | None = None
    refund: Refund | None = None
    who: str = ""
    body: str = ""


@dataclass(frozen=True)
class Story:
    """Everything known of one payment, in the order it happened."""

    attempt: Attempt
    steps: list[Step]
    refunds: list[Refund]
    reviews: list[Review]
    disputes: list[Dispute]
    receipts: list[ReceiptCheck]  # that somebody showed for it
    others: list[Attempt]  # other tries to pay the same
    postings: list[Posting]
    left: Money  # what could still be sent back


def attempt(attempt_id: uuid.UUID) -> Attempt:
    """The payment as the tables have it now. Raises NotFound."""
    found = db.session.get(Attempt, attempt_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def tell(attempt_id: uuid.UUID) -> Story:
    """The payment's story. Raises NotFound."""
    found = attempt(attempt_id)
    back = refunds.of_attempts([found.id])
    challenged = disputes.of_attempt(found)
    reviews = list(db.session.scalars(select(Review).where(Review.attempt_id == found.id).order_by(Review.id)))
    news = _news(found)
    shown = receipt_checks.of_attempts([found.id])
    told = [step.news for step in news if step.news]
    subjects: _Rows = {"refund": back, "review": reviews, "dispute": challenged, "inbox": told, "receipt_check": shown}
    steps = [*_changes(found, subjects), *news, *_messages(found, back)]
    tries = select(Attempt).where(Attempt.checkout_id == found.checkout_id, Attempt.id != found.id)
    others = list(db.session.scalars(tries.order_by(Attempt.created_at)))
    return Story(
        attempt=found,
        steps=sorted(steps, key=lambda step: step.at),
        refunds=back,
        reviews=reviews,
        disputes=challenged,
        receipts=shown,
        others=others,
        postings=postings(found),
        left=refunds.left_of(found),
    )


def number_hidden(attempt: Attempt, text: str) -> str:
    """The text without the numbers of whoever was asked to pay or whose payment it is: vendors put them into ids too."""
    return numbers.masked_in(text, *filter(None, (attempt.phone, attempt.checkout.client.phone)))


# ------------------------------------------------------------------------------------------------ inside


def _changes(attempt: Attempt, more: _Rows) -> list[Step]:
    """The trail of the payment and of everything that hangs on it, with the names of the people in it."""
    back = {str(refund.id): refund for refund in more["refund"] if isinstance(refund, Refund)}
    subjects = {name: [str(row.id) for row in rows] for name, rows in more.items()} | {
        "attempt": [str(attempt.id)],
        "checkout": [str(attempt.checkout_id)],
        "booking": [str(attempt.checkout.booking_id)],
        "act": [str(attempt.id), *back],
        "evidence": [str(row.id) for row in more["dispute"]],
    }
    mine = [and_(Change.subject == name, Change.subject_id.in_(ids)) for name, ids in subjects.items()]
    statement = select(Change, User.name).outerjoin(User, User.id == Change.actor_id).where(or_(*mine))
    rows = db.session.execute(statement.order_by(Change.id))
    return [Step(row.at, change=row, refund=back.get(row.subject_id), who=name or "") for row, name in rows]


def _news(attempt: Attempt) -> list[Step]:
    rows = db.session.scalars(select(InboxEntry).where(InboxEntry.attempt_id == attempt.id).order_by(InboxEntry.id))
    return [Step(row.received_at, news=row, body=number_hidden(attempt, row.body)) for row in rows]


def _messages(attempt: Attempt, back: Sequence[Refund]) -> list[Step]:
    """What was told about the booking, and, where there is none, what the client was told about this money."""
    checkout = attempt.checkout
    causes = [str(attempt.id), str(checkout.id), *(refund.key for refund in back)]
    about = or_(*(Notification.dedupe_key.contains(cause, autoescape=True) for cause in causes))
    since = Notification.created_at >= attempt.created_at
    mine = (Notification.user_id == checkout.client_id) & since & about
    if checkout.booking_id is not None:
        mine = mine | (Notification.booking_id == checkout.booking_id)
    statement = select(Notification).where(mine).order_by(Notification.id)
    rows = db.session.scalars(statement.options(selectinload(Notification.user)))
    return [Step(row.created_at, message=row) for row in rows]
