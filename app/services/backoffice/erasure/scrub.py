"""What is overwritten when somebody is erased, as a table of columns. What is in no table here stays: see the test that lists why.

Inside the caller's transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, or_, select, update

from app.extensions import db
from app.lib import clock
from app.models import (
    Attempt,
    Attendee,
    Base,
    Booking,
    BookingNote,
    Checkout,
    CodeApp,
    ConsultationFile,
    ConsultationMessage,
    Delivery,
    Dispute,
    DisputeAddition,
    DisputeAnswer,
    Gift,
    Identity,
    InboxEntry,
    Invitation,
    Login,
    MailedCode,
    Notification,
    Passkey,
    Payout,
    Proof,
    Rating,
    Receipt,
    ReceiptCheck,
    RecoveryCode,
    Refund,
    RefundWaiver,
    Reschedule,
    Review,
    SessionProof,
    SignUp,
)
from app.services.backoffice.erasure.ownership import Theirs

GONE = "erased"  # stands where somebody had written something
_NO_FILE = {"file_name": "erased.txt", "media_type": "text/plain", "size": len(GONE), "content": GONE.encode()}


@dataclass(frozen=True)
class Rule:
    """Of these rows of the client, these columns are overwritten with constants."""

    model: type[Base]
    whose: Callable[[Theirs], ColumnElement[bool]]
    values: dict[str, Any]


def _disputes(theirs: Theirs) -> Select[int]:
    """What their banks challenged."""
    return select(Dispute.id).where(Dispute.attempt_id.in_(theirs.attempts))


def _if_any(column: Any) -> ColumnElement[str]:
    return case((column == "", ""), else_=GONE)


def _news(theirs: Theirs) -> ColumnElement[bool]:
    """What gateways told about their payments, also before it was known that it was about them."""
    references = select(Attempt.reference).where(Attempt.checkout_id.in_(theirs.checkouts))
    return or_(
        InboxEntry.attempt_id.in_(theirs.attempts),
        and_(InboxEntry.attempt_id.is_(None), InboxEntry.reference.in_(references)),
    )


RULES: tuple[Rule, ...] = (
    Rule(
        Booking,
        lambda their: Booking.client_id == their.user_id,
        {"notes": "", "reason": _if_any(Booking.reason), "meeting_where": "", "request_key": None},
    ),
    Rule(
        Rating,
        lambda their: or_(Rating.user_id == their.user_id, Rating.booking_id.in_(their.bookings)),
        {"feedback": "", "answer": "", "answered_at": None, "hidden_reason": _if_any(Rating.hidden_reason)},
    ),
    Rule(Gift, lambda their: Gift.buyer_id == their.user_id, {"code": ""}),
    Rule(
        ConsultationMessage,
        lambda their: ConsultationMessage.checkout_id.in_(their.checkouts),
        {"request_key": None},
    ),
    Rule(
        Reschedule,
        lambda their: Reschedule.booking_id.in_(their.bookings),
        {"reason": _if_any(Reschedule.reason), "answer": _if_any(Reschedule.answer)},
    ),
    Rule(
        Payout,
        lambda their: Payout.user_id == their.user_id,
        {"destination": GONE, "evidence": _if_any(Payout.evidence)},
    ),
    Rule(
        Proof,
        lambda their: Proof.attempt_id.in_(their.attempts),
        {**_NO_FILE, "note": "", "reason": _if_any(Proof.reason)},
    ),
    Rule(ReceiptCheck, lambda their: ReceiptCheck.attempt_id.in_(their.attempts), {"early": []}),
    Rule(SessionProof, lambda their: SessionProof.booking_id.in_(their.bookings), _NO_FILE),
    Rule(Checkout, lambda their: Checkout.client_id == their.user_id, {"request_key": None}),
    Rule(
        Attempt,
        lambda their: Attempt.checkout_id.in_(their.checkouts),
        {"phone": None, "request_key": None, "step": None},
    ),
    Rule(InboxEntry, _news, {"body": ""}),
    Rule(Review, lambda their: Review.attempt_id.in_(their.attempts), {"evidence": _if_any(Review.evidence)}),
    Rule(
        RefundWaiver,
        lambda their: RefundWaiver.refund_id.in_(select(Refund.id).where(Refund.attempt_id.in_(their.attempts))),
        {"evidence": GONE},
    ),
    Rule(DisputeAnswer, lambda their: DisputeAnswer.dispute_id.in_(_disputes(their)), {"note": GONE}),
    Rule(
        Delivery,
        lambda their: Delivery.notification_id.in_(
            select(Notification.id).where(Notification.user_id == their.user_id)
        ),
        {"sent_to": ""},
    ),
    Rule(Notification, lambda their: Notification.user_id == their.user_id, {"data": {}}),
)
# Rows that go as a whole.
DELETED: tuple[tuple[type[Base], Callable[[Theirs], ColumnElement[bool]]], ...] = (
    (Login, lambda their: Login.user_id == their.user_id),
    (Passkey, lambda their: Passkey.user_id == their.user_id),
    (CodeApp, lambda their: CodeApp.user_id == their.user_id),
    (RecoveryCode, lambda their: RecoveryCode.user_id == their.user_id),
    (Identity, lambda their: Identity.user_id == their.user_id),
    (
        MailedCode,
        lambda their: or_(
            MailedCode.user_id == their.user_id,
            MailedCode.address.in_(their.address),
            MailedCode.sign_up_id.in_(their.sign_ups),
        ),
    ),
    (SignUp, lambda their: SignUp.address.in_(their.address)),
    (Invitation, lambda their: Invitation.email.in_(their.address)),
    (ConsultationFile, lambda their: ConsultationFile.message_id.in_(their.written)),
    (DisputeAddition, lambda their: DisputeAddition.dispute_id.in_(_disputes(their))),
    (BookingNote, lambda their: BookingNote.booking_id.in_(their.bookings)),
)
# What a JSON column of theirs says under these keys is emptied or, where emptiness would contradict a gateway's news, left
# out; the rest is how money is recognised.
_COMPARED = ("details", "echo")
_PERSONAL: dict[type[Base], dict[str, frozenset[str]]] = {
    Checkout: {"draft": frozenset({"question", "notes", "names"})},
    Attempt: {"request": frozenset({"email", "phone", "name"}), "details": frozenset({"phone"})},
    InboxEntry: {"echo": frozenset({"phone"})},
}


def scrub(their: Theirs, pseudonym: str) -> None:
    """Nothing the client wrote, and nothing that names them, is left in what is theirs."""
    for rule in RULES:
        _run(update(rule.model).where(rule.whose(their)).values(**rule.values))
    for model, whose in DELETED:
        _run(delete(model).where(whose(their)))
    _run(update(Attendee).where(Attendee.booking_id.in_(their.bookings)).values(name=pseudonym))
    _run(update(Receipt).where(Receipt.client_id == their.user_id).values(client_name=pseudonym, title=""))
    mine = select(Notification.id).where(Notification.user_id == their.user_id)
    waits = Delivery.notification_id.in_(mine) & Delivery.done_at.is_(None)
    _run(update(Delivery).where(waits).values(done_at=clock.now(), outcome="off"))
    for model, columns in _PERSONAL.items():
        for row in db.session.scalars(select(model).where(_whose(model, their))):
            for column, keys in columns.items():
                _empty(row, column, keys)
    db.session.flush()


def scrub_news(their: Theirs) -> None:
    """Nothing that names them is left in what a gateway has said about their payments since."""
    _run(update(InboxEntry).where(_news(their)).values(body=""))
    for row in db.session.scalars(select(InboxEntry).where(_news(their))):
        _empty(row, "echo", _PERSONAL[InboxEntry]["echo"])
    db.session.flush()


def _whose(model: type[Base], their: Theirs) -> ColumnElement[bool]:
    return next(rule.whose(their) for rule in RULES if rule.model is model)


def _empty(row: Base, column: str, keys: frozenset[str]) -> None:
    known = getattr(row, column)
    if not known or not keys & known.keys():
        return
    kept = {key: value for key, value in known.items() if key not in keys}
    emptied = {key: _nothing(known[key]) for key in keys & known.keys()}
    setattr(row, column, kept if column in _COMPARED else kept | emptied)


def _nothing(value: Any) -> Any:
    return [] if isinstance(value, list) else None if value is None else ""


def _run(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})


def covered() -> dict[str, set[str]]:
    """Table by table, the columns that are overwritten or go with their row; for the test that no column is forgotten."""
    found: dict[str, set[str]] = {"attendees": {"name"}, "receipts": {"client_name", "title"}}
    for rule in RULES:
        found.setdefault(rule.model.__tablename__, set()).update(rule.values)
    for model, _ in DELETED:
        found[model.__tablename__] = {column.name for column in model.__table__.columns}
    for model, columns in _PERSONAL.items():
        found.setdefault(model.__tablename__, set()).update(columns)
    return found
