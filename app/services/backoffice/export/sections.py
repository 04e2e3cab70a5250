"""What is in a person's export, part by part: whose rows, and which of their columns are left out and why."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.domain.checkout_kinds import OWED
from app.extensions import db
from app.models import (
    AccessToken,
    Attempt,
    Attendee,
    Booking,
    BookingNote,
    BusyFeed,
    Change,
    Checkout,
    Consultation,
    ConsultationMessage,
    DayException,
    Dispute,
    Gift,
    InboxEntry,
    LedgerEntry,
    LedgerTransaction,
    Notification,
    Package,
    Paper,
    Payout,
    Practitioner,
    Proof,
    Rating,
    Receipt,
    Refund,
    Reschedule,
    Review,
    Role,
    Service,
    SessionProof,
    SignedPaper,
    User,
    Wait,
    WeeklyHours,
)
from app.services.backoffice.erasure import Theirs
from app.services.backoffice.export.rows import More, plain, rows
from app.services.core import encryption, payment_methods
from app.services.core.errors import Unavailable
from app.services.ledger import journal

_OTHERS = frozenset({"client_id", "user_id"})  # the person's own number, or somebody else's


@dataclass(frozen=True)
class Section:
    """One part: its name (words.EXPORTED), who has it, and its rows. `keys`: the references to people it stands for."""

    name: str
    find: Callable[[User], Select[Any]]
    keys: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    more: More | None = None
    roles: frozenset[Role] = frozenset(Role)

    def rows(self, user: User) -> Iterator[dict[str, Any]]:
        """The person's rows, a few at a time."""
        return rows(self.find(user), self.without, self.more)


def of(user: User) -> list[Section]:
    """The parts this person has."""
    return [section for section in SECTIONS if user.role in section.roles]


# ------------------------------------------------------------------------------------------------ what stands elsewhere


def _of_booking(booking: Booking) -> dict[str, Any]:
    names = select(Attendee.name).where(Attendee.booking_id == booking.id).order_by(Attendee.created_at, Attendee.name)
    return {
        "practitioner": booking.practitioner.name,
        "attendees": list(db.session.scalars(names)),
        "history": _history(booking),
    }


def _history(booking: Booking) -> list[dict[str, Any]]:
    trail = select(Change).where(Change.booking_id == booking.id).order_by(Change.at, Change.id)
    return [
        {"at": c.at.isoformat(), "of": c.subject, "from": c.from_status, "to": c.to_status, "by": c.actor.value}
        for c in db.session.scalars(trail)
    ]


def _given(booking: Booking) -> dict[str, Any]:
    return {
        "client": booking.client.name,
        "session_notes": _opened(booking, "session_notes"),
        "history": _history(booking),
    }


def _opened(row: Booking | SignedPaper | ConsultationMessage, column: str) -> str | None:
    """What was sealed, in plain words; None while its key is missing."""
    try:
        return encryption.read(row, column)
    except Unavailable:
        return None


def _form(signed: SignedPaper) -> dict[str, Any]:
    text, version = _opened(signed, "content"), signed.version
    content = json.loads(text) if text else {"name": None, "answers": {}}
    asked = {question.key: question.label for question in version.questions}
    answers = [{"question": asked.get(key, key), "answer": answer} for key, answer in content["answers"].items()]
    return {
        "title": version.title,
        "text": version.body,
        "version": version.number,
        "name": content["name"],
        "answers": answers,
    }


def _messages(asked: Consultation, author_id: int | None = None) -> list[dict[str, Any]]:
    """What was written in a conversation, all of it or one side's own words."""
    return [
        {
            "at": each.written_at.isoformat(),
            "by": "client" if each.author_id == asked.client_id else "practitioner",
            "text": _opened(each, "text"),
            "files": [f"files/question-{file.id}-{file.file_name}" for file in each.files],
        }
        for each in asked.messages
        if author_id in (None, each.author_id)
    ]


def _has_gift(user: User) -> ColumnElement[bool]:
    return (Gift.buyer_id == user.id) | (Gift.redeemed_by == user.id)


def _message(notice: Notification) -> dict[str, Any]:
    data = {key: value for key, value in notice.data.items() if key != "token"}  # a key to the account, while it lasts
    sent = [
        {"by": d.channel.value, "at": d.done_at and d.done_at.isoformat(), "outcome": d.outcome}
        for d in notice.deliveries
    ]
    return {"data": data, "sent": sent}


def _file(name: str) -> More:
    return lambda proof: {"file": f"files/{name}-{proof.id}-{proof.file_name}"}


def _moved(entry: LedgerEntry) -> dict[str, Any]:
    return {"at": entry.transaction.at.isoformat(), "kind": entry.transaction.kind}


def _paper(paper: Paper) -> dict[str, Any]:
    return {"versions": [plain(version) for version in paper.versions]}


# ------------------------------------------------------------------------------------------------ whose rows


def _own(model: Any, column: Any, order: Any) -> Callable[[User], Select[Any]]:
    return lambda user: select(model).where(column == user.id).order_by(order)


def _paid(model: Any, order: Any) -> Callable[[User], Select[Any]]:
    return lambda user: select(model).where(model.attempt_id.in_(Theirs(user.id).attempts)).order_by(order)


def _booked(model: Any, order: Any) -> Callable[[User], Select[Any]]:
    return lambda user: select(model).where(model.booking_id.in_(Theirs(user.id).bookings)).order_by(order)


def _practice(model: Any, order: Any) -> Callable[[User], Select[Any]]:
    def find(user: User) -> Select[Any]:
        mine = select(Practitioner.id).where(Practitioner.user_id == user.id)
        return select(model).where(model.practitioner_id.in_(mine)).order_by(order)

    return find


def _entries(account: str) -> Callable[[User], Select[Any]]:
    """What came and went in the wallet, or of what a practitioner has earned."""

    def find(user: User) -> Select[Any]:
        practices = db.session.scalars(select(Practitioner.id).where(Practitioner.user_id == user.id)).all()
        owners = [str(user.id)] if account == "wallet" else [str(key) for key in practices]
        mine = (LedgerEntry.account == account) & LedgerEntry.owner.in_(owners)
        if account == "practitioner":  # and what they hold
            mine |= (LedgerEntry.account == "gateway") & LedgerEntry.owner.in_(
                [journal.in_hand(code, k).owner for code in payment_methods.codes_by_hand() for k in practices]
            )
        return select(LedgerEntry).join(LedgerTransaction).where(mine).order_by(LedgerEntry.id)

    return find


def _owed(user: User) -> Select[Any]:
    owed = Checkout.kind.in_(OWED)
    return select(Checkout).where(Checkout.client_id == user.id, owed).order_by(Checkout.created_at)


def _news(user: User) -> Select[Any]:
    return select(InboxEntry).where(InboxEntry.attempt_id.in_(Theirs(user.id).attempts)).order_by(InboxEntry.id)


def _attempts(user: User) -> Select[Any]:
    return select(Attempt).where(Attempt.checkout_id.in_(Theirs(user.id).checkouts)).order_by(Attempt.created_at)


_CLIENT, _PRACTICE = frozenset({Role.CLIENT}), frozenset({Role.PRACTITIONER})
_INSIDE = frozenset({"request_key", "session_notes", "meeting_where", "fee_amount", "slot_id", "version", *_OTHERS})
_MACHINERY = frozenset({"request_key", "step", "details", "held_by", "request", "cross_checked", "ending", "look_ups"})

SECTIONS: tuple[Section, ...] = (
    Section(
        "account",
        lambda user: select(User).where(User.id == user.id),
        without=frozenset({"password_hash", "session_version", "active", "erased_at", "feed_key"}),
    ),
    Section(
        "tokens",
        _own(AccessToken, AccessToken.user_id, AccessToken.id),
        ("access_tokens.user_id",),
        frozenset({"digest", *_OTHERS}),
    ),
    Section(
        "messages",
        _own(Notification, Notification.user_id, Notification.id),
        ("notifications.user_id",),
        frozenset({"dedupe_key", "data", *_OTHERS}),
        _message,
    ),
    Section("acts", _own(Change, Change.actor_id, Change.id), ("changes.actor_id",), frozenset({"actor_id"})),
    Section(
        "bookings",
        _own(Booking, Booking.client_id, Booking.starts_at),
        ("bookings.client_id",),
        _INSIDE,
        _of_booking,
        _CLIENT,
    ),
    Section("moves", _booked(Reschedule, Reschedule.created_at), roles=_CLIENT),
    Section("waits", _own(Wait, Wait.client_id, Wait.created_at), ("waits.client_id",), _OTHERS, roles=_CLIENT),
    Section(
        "forms",
        _own(SignedPaper, SignedPaper.user_id, SignedPaper.signed_at),
        ("signed_papers.user_id",),
        frozenset({"content", "version_id", *_OTHERS}),
        _form,
        _CLIENT,
    ),
    Section("ratings", _own(Rating, Rating.user_id, Rating.created_at), ("ratings.user_id",), _OTHERS, roles=_CLIENT),
    Section(
        "notes", _own(BookingNote, BookingNote.user_id, BookingNote.written_at), ("booking_notes.user_id",), _OTHERS
    ),
    Section(
        "questions",
        _own(Consultation, Consultation.client_id, Consultation.asked_at),
        ("consultations.client_id", "consultation_messages.author_id"),
        frozenset({"fee_amount", *_OTHERS}),
        lambda asked: {"practitioner": asked.practitioner.name, "messages": _messages(asked)},
        _CLIENT,
    ),
    Section(
        "gifts",
        lambda user: select(Gift).where(_has_gift(user)).order_by(Gift.bought_at),
        ("gifts.buyer_id", "gifts.redeemed_by"),
        # The code is on the buyer's page; who redeemed it need not know who gave it.
        frozenset({"digest", "code", "buyer_id", "redeemed_by", "checkout_id"}),
        roles=_CLIENT,
    ),
    Section(
        "receipts", _own(Receipt, Receipt.client_id, Receipt.issued_at), ("receipts.client_id",), _OTHERS, roles=_CLIENT
    ),
    Section(
        "packages", _own(Package, Package.client_id, Package.bought_at), ("packages.client_id",), _OTHERS, roles=_CLIENT
    ),
    Section(
        "bills",
        _own(Checkout, Checkout.client_id, Checkout.created_at),
        ("checkouts.client_id",),
        frozenset({"request_key", *_OTHERS}),
        roles=_CLIENT,
    ),
    Section("debts", _owed, without=frozenset({"request_key", *_OTHERS}), roles=_CLIENT),
    Section("payments", _attempts, without=_MACHINERY, roles=_CLIENT),
    Section("news", _news, without=frozenset({"event_key", "tries"}), roles=_CLIENT),
    Section("refunds", _paid(Refund, Refund.asked_at), without=frozenset({"key", "tries"}), roles=_CLIENT),
    Section("disputes", _paid(Dispute, Dispute.opened_at), roles=_CLIENT),
    Section("reviews", _paid(Review, Review.opened_at), roles=_CLIENT),
    Section("proofs", _paid(Proof, Proof.sent_at), (), frozenset({"decided_by"}), _file("proof"), _CLIENT),
    Section("wallet", _entries("wallet"), more=_moved, roles=_CLIENT),
    Section("payouts", _own(Payout, Payout.user_id, Payout.asked_at), ("payouts.user_id",), _OTHERS, roles=_CLIENT),
    Section(
        "practice",
        lambda user: select(Practitioner).where(Practitioner.user_id == user.id),
        ("practitioners.user_id",),
        _OTHERS,
        roles=_PRACTICE,
    ),
    Section("services", _practice(Service, Service.id), roles=_PRACTICE),
    Section("hours", _practice(WeeklyHours, WeeklyHours.id), roles=_PRACTICE),
    Section("exceptions", _practice(DayException, DayException.id), roles=_PRACTICE),
    Section("own_forms", _practice(Paper, Paper.id), more=_paper, roles=_PRACTICE),
    Section(
        "sessions",
        _practice(Booking, Booking.starts_at),
        (),
        frozenset({"request_key", "notes", "reason", "session_notes", *_OTHERS}),
        _given,
        _PRACTICE,
    ),
    Section(
        "session_proofs",
        _own(SessionProof, SessionProof.sent_by, SessionProof.sent_at),
        ("session_proofs.sent_by",),
        frozenset({"sent_by"}),
        _file("session"),
        _PRACTICE,
    ),
    Section("received", _practice(Rating, Rating.created_at), (), _OTHERS, roles=_PRACTICE),
    Section(
        "answers",
        _practice(Consultation, Consultation.asked_at),
        (),
        _OTHERS,
        lambda asked: {"messages": _messages(asked, asked.practitioner.user_id)},
        _PRACTICE,
    ),
    Section("sold", _practice(Package, Package.bought_at), (), _OTHERS, roles=_PRACTICE),
    Section("calendars", _practice(BusyFeed, BusyFeed.id), roles=_PRACTICE),
    Section("earnings", _entries("practitioner"), more=_moved, roles=_PRACTICE),
)
