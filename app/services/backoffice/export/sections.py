"""What is in a person's export, part by part: whose rows, and which of their columns are left out and why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from app.models import (
    AttendanceReview,
    Booking,
    BookingNote,
    BusyFeed,
    Change,
    Checkout,
    CodeApp,
    Consultation,
    DayException,
    Dispute,
    DisputeAddition,
    Identity,
    Login,
    Notification,
    Package,
    Paper,
    Passkey,
    Payout,
    Practitioner,
    Proof,
    Rating,
    Receipt,
    ReceiptCheck,
    RecoveryCode,
    Refund,
    Reschedule,
    Review,
    Role,
    Service,
    SessionProof,
    SignedPaper,
    TimeOff,
    User,
    Wait,
    WeeklyHours,
)
from app.services.backoffice.export import row_details, row_owners
from app.services.backoffice.export.rows import More, rows

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


_CLIENT = frozenset({Role.CLIENT})
_PRACTICE = frozenset({Role.PRACTITIONER})
_INSIDE = frozenset(
    {"request_key", "session_notes", "meeting_where", "fee_amount", "slot_id", "version", "uid_host", *_OTHERS}
)
_MACHINERY = frozenset(
    {"request_key", "step", "details", "held_by", "request", "cross_checked", "pending_operation", "look_ups"}
)

SECTIONS: tuple[Section, ...] = (
    Section(
        "account",
        lambda user: select(User).where(User.id == user.id),
        without=frozenset({"password_hash", "session_version", "active", "erased_at", "feed_key"}),
    ),
    Section(
        "tokens",
        row_owners.own(Login, Login.user_id, Login.id),
        ("logins.user_id",),
        frozenset({"digest", "version", *_OTHERS}),
    ),
    Section("identities", row_owners.own(Identity, Identity.user_id, Identity.id), ("identities.user_id",), _OTHERS),
    Section(
        "passkeys",
        row_owners.own(Passkey, Passkey.user_id, Passkey.id),
        ("passkeys.user_id",),
        frozenset({"handle", "credential_id", "sign_count", *_OTHERS}),
    ),
    Section(
        "code_apps",
        row_owners.own(CodeApp, CodeApp.user_id, CodeApp.id),
        ("code_apps.user_id",),
        frozenset({"secret", "last_step", *_OTHERS}),
    ),
    Section(
        "recovery_codes",
        row_owners.own(RecoveryCode, RecoveryCode.user_id, RecoveryCode.id),
        ("recovery_codes.user_id",),
        frozenset({"digest", *_OTHERS}),
    ),
    Section(
        "messages",
        row_owners.own(Notification, Notification.user_id, Notification.id),
        ("notifications.user_id",),
        frozenset({"dedupe_key", "data", *_OTHERS}),
        row_details.of_message,
    ),
    Section("acts", row_owners.own(Change, Change.actor_id, Change.id), ("changes.actor_id",), frozenset({"actor_id"})),
    Section(
        "bookings",
        row_owners.own(Booking, Booking.client_id, Booking.starts_at),
        ("bookings.client_id",),
        _INSIDE,
        row_details.of_booking,
        _CLIENT,
    ),
    Section("attendance", row_owners.booked(AttendanceReview, AttendanceReview.opened_at), roles=_CLIENT),
    Section("moves", row_owners.booked(Reschedule, Reschedule.created_at), roles=_CLIENT),
    Section(
        "waits", row_owners.own(Wait, Wait.client_id, Wait.created_at), ("waits.client_id",), _OTHERS, roles=_CLIENT
    ),
    Section(
        "forms",
        row_owners.own(SignedPaper, SignedPaper.user_id, SignedPaper.signed_at),
        ("signed_papers.user_id",),
        frozenset({"content", "version_id", *_OTHERS}),
        row_details.of_signed_form,
        _CLIENT,
    ),
    Section(
        "ratings",
        row_owners.own(Rating, Rating.user_id, Rating.created_at),
        ("ratings.user_id",),
        _OTHERS,
    ),
    Section("ratings_of_you", row_owners.rated, (), _OTHERS, roles=_CLIENT),
    Section(
        "notes",
        row_owners.own(BookingNote, BookingNote.user_id, BookingNote.written_at),
        ("booking_notes.user_id",),
        _OTHERS,
    ),
    Section(
        "questions",
        row_owners.own(Consultation, Consultation.client_id, Consultation.asked_at),
        ("consultations.client_id", "consultation_messages.author_id"),
        frozenset({"fee_amount", *_OTHERS}),
        lambda asked: {"practitioner": asked.practitioner.name, "messages": row_details.conversation(asked)},
        _CLIENT,
    ),
    Section(
        "gifts",
        row_owners.gifts,
        ("gifts.buyer_id", "gifts.redeemed_by"),
        # The code is on the buyer's page; who redeemed it need not know who gave it.
        frozenset({"digest", "code", "buyer_id", "redeemed_by", "checkout_id"}),
        roles=_CLIENT,
    ),
    Section(
        "receipts",
        row_owners.own(Receipt, Receipt.client_id, Receipt.issued_at),
        ("receipts.client_id",),
        _OTHERS,
        roles=_CLIENT,
    ),
    Section(
        "packages",
        row_owners.own(Package, Package.client_id, Package.bought_at),
        ("packages.client_id",),
        _OTHERS,
        roles=_CLIENT,
    ),
    Section(
        "bills",
        row_owners.own(Checkout, Checkout.client_id, Checkout.created_at),
        ("checkouts.client_id",),
        frozenset({"request_key", *_OTHERS}),
        roles=_CLIENT,
    ),
    Section("debts", row_owners.owed, without=frozenset({"request_key", *_OTHERS}), roles=_CLIENT),
    Section("payments", row_owners.attempts, without=_MACHINERY, roles=_CLIENT),
    Section("news", row_owners.news, without=frozenset({"event_key", "tries"}), roles=_CLIENT),
    Section("refunds", row_owners.paid(Refund, Refund.asked_at), without=frozenset({"key", "tries"}), roles=_CLIENT),
    Section("disputes", row_owners.paid(Dispute, Dispute.opened_at), roles=_CLIENT),
    Section("reviews", row_owners.paid(Review, Review.opened_at), roles=_CLIENT),
    Section(
        "proofs",
        row_owners.paid(Proof, Proof.sent_at),
        (),
        frozenset({"decided_by"}),
        row_details.with_file("proof"),
        _CLIENT,
    ),
    Section(
        "codes",
        row_owners.paid(ReceiptCheck, ReceiptCheck.asked_at),
        without=frozenset({"conversations", "early", "tries", "next_try_at"}),
        roles=_CLIENT,
    ),
    Section("wallet", row_owners.entries("wallet"), more=row_details.of_entry, roles=_CLIENT),
    Section(
        "payouts", row_owners.own(Payout, Payout.user_id, Payout.asked_at), ("payouts.user_id",), _OTHERS, roles=_CLIENT
    ),
    Section(
        "practice",
        lambda user: select(Practitioner).where(Practitioner.user_id == user.id),
        ("practitioners.user_id",),
        _OTHERS,
        roles=_PRACTICE,
    ),
    Section("services", row_owners.practice(Service, Service.id), roles=_PRACTICE),
    Section("hours", row_owners.practice(WeeklyHours, WeeklyHours.id), roles=_PRACTICE),
    Section("time_off", row_owners.practice(TimeOff, TimeOff.id), roles=_PRACTICE),
    Section("exceptions", row_owners.practice(DayException, DayException.id), roles=_PRACTICE),
    Section("own_forms", row_owners.practice(Paper, Paper.id), more=row_details.of_form, roles=_PRACTICE),
    Section(
        "sessions",
        row_owners.practice(Booking, Booking.starts_at),
        (),
        frozenset({"request_key", "notes", "reason", "session_notes", *_OTHERS}),
        row_details.of_session,
        _PRACTICE,
    ),
    Section(
        "session_proofs",
        row_owners.own(SessionProof, SessionProof.sent_by, SessionProof.sent_at),
        ("session_proofs.sent_by",),
        frozenset({"sent_by"}),
        row_details.with_file("session"),
        _PRACTICE,
    ),
    Section("received", row_owners.rated_practice, (), _OTHERS, roles=_PRACTICE),
    Section(
        "answers",
        row_owners.practice(Consultation, Consultation.asked_at),
        (),
        _OTHERS,
        lambda asked: {"messages": row_details.conversation(asked, asked.practitioner.user_id)},
        _PRACTICE,
    ),
    Section(
        "said_to_banks",
        row_owners.own(DisputeAddition, DisputeAddition.added_by, DisputeAddition.added_at),
        ("dispute_additions.added_by",),
        frozenset({"text", "added_by"}),
        row_details.of_addition,
        _PRACTICE,
    ),
    Section("sold", row_owners.practice(Package, Package.bought_at), (), _OTHERS, roles=_PRACTICE),
    Section("calendars", row_owners.practice(BusyFeed, BusyFeed.id), roles=_PRACTICE),
    Section("earnings", row_owners.entries("practitioner"), more=row_details.of_entry, roles=_PRACTICE),
)
