"""Statuses in words and colour, one row each: in lists and the trail, on a badge, in people's timeline."""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.domain.lifecycle import (
    AttemptStatus,
    BookingStatus,
    CheckoutStatus,
    ProofStatus,
    RefundStatus,
    RescheduleStatus,
    WaitStatus,
)
from app.words.sessions import ATTENDANCE_DECISIONS

Story = tuple[LazyString, str]  # a sentence and its colour
_Status = TypeVar("_Status", bound=str)


class Shown(NamedTuple):
    """How a status, or a word that a service computed, is shown."""

    label: LazyString  # in lists and in the trail
    colour: str = ""  # ok | info | warn | bad, of the CSS classes is-*; empty: grey
    icon: str = "dots"
    badge: LazyString | None = None  # where a badge says it otherwise
    story: Story | None = None  # in the timeline; None: a step that nobody needs to follow


_B = BookingStatus
_A = AttemptStatus
_R = RefundStatus
_P = ProofStatus
_M = RescheduleStatus

BOOKINGS: dict[BookingStatus, Shown] = {
    _B.PENDING_APPROVAL: Shown(_l("Waiting for approval"), "info", "hourglass", story=(_l("Request sent"), "info")),
    _B.AWAITING_PAYMENT: Shown(
        _l("Payment pending"), "warn", "coins", _l("Payment needed"), (_l("Waiting for payment"), "warn")
    ),
    _B.CONFIRMED: Shown(_l("Confirmed"), "ok", "check", story=(_l("Booking confirmed"), "ok")),
    _B.IN_PROGRESS: Shown(_l("In progress"), "ok", "play", _l("Under way"), (_l("Session started"), "ok")),
    _B.COMPLETED: Shown(_l("Completed"), "", "double-check", story=(_l("Session completed"), "ok")),
    _B.NO_SHOW: Shown(_l("No-show"), "bad", "absent", _l("Did not attend"), (_l("Client did not come"), "bad")),
    _B.DECLINED: Shown(_l("Declined"), "bad", "x", story=(_l("Request declined"), "bad")),
    _B.CANCELLED: Shown(_l("Cancelled"), "", "stop", story=(_l("Booking cancelled"), "bad")),
    _B.EXPIRED: Shown(_l("Expired"), "", "clock", story=(_l("Time ran out: the place is free again"), "bad")),
}

CHECKOUTS: dict[CheckoutStatus, Shown] = {
    CheckoutStatus.OPEN: Shown(_l("Opened")),
    CheckoutStatus.PAID: Shown(_l("Paid")),
    CheckoutStatus.CANCELLED: Shown(_l("Cancelled")),
    CheckoutStatus.EXPIRED: Shown(_l("Expired")),
}

ATTEMPTS: dict[AttemptStatus, Shown] = {
    _A.CREATED: Shown(_l("Started"), "info", story=(_l("Payment started"), "")),
    _A.PROCESSING: Shown(_l("Under way"), "info"),
    _A.AUTHORISED: Shown(_l("Authorised"), "info", "lock", story=(_l("Amount authorised"), "info")),
    _A.PAID: Shown(_l("Paid"), "ok", "check", story=(_l("Payment received"), "ok")),
    _A.FAILED: Shown(_l("Failed"), "bad", "x", story=(_l("Payment unsuccessful"), "warn")),
    _A.ABANDONED: Shown(_l("Abandoned"), "", "stop", story=(_l("Payment abandoned"), "")),
}

REFUNDS: dict[RefundStatus, Shown] = {
    _R.ASKED: Shown(_l("Requested"), "warn", "back", story=(_l("Refund requested"), "warn")),
    _R.SENT: Shown(_l("Sent"), "warn", "back"),
    _R.DONE: Shown(_l("Done"), "ok", "check", story=(_l("Money refunded"), "ok")),
    _R.FAILED: Shown(_l("Failed"), "bad", "x", story=(_l("The payment provider did not make the refund"), "bad")),
}

PROOFS: dict[ProofStatus, Shown] = {
    _P.WAITING: Shown(_l("Shown"), story=(_l("Proof of payment sent"), "info")),
    _P.ACCEPTED: Shown(_l("Accepted"), story=(_l("Payment verified by hand"), "ok")),
    _P.REJECTED: Shown(_l("Not accepted"), story=(_l("Proof of payment not accepted"), "warn")),
}

RESCHEDULES: dict[RescheduleStatus, Shown] = {
    _M.OPEN: Shown(_l("Proposed"), story=(_l("Another time proposed"), "info")),
    _M.ACCEPTED: Shown(_l("Accepted"), story=(_l("Moved to another time"), "ok")),
    _M.REJECTED: Shown(_l("Rejected"), story=(_l("Time unchanged"), "")),
    _M.WITHDRAWN: Shown(_l("Taken back"), story=(_l("Proposal withdrawn"), "")),
    _M.EXPIRED: Shown(_l("Expired"), story=(_l("Proposal not answered"), "")),
}

WAITS: dict[WaitStatus, Shown] = {
    WaitStatus.WAITING: Shown(_l("Waiting")),
    WaitStatus.OFFERED: Shown(_l("Place offered")),
    WaitStatus.TAKEN: Shown(_l("Place taken")),
    WaitStatus.LAPSED: Shown(_l("Lapsed")),
    WaitStatus.LEFT: Shown(_l("Left the list")),
}

# What services say of a booking's status (bookings.word) and of its money (bookings.money_shown).
BOOKING_WORDS: dict[str, Shown] = {
    **{status.value: shown for status, shown in BOOKINGS.items()},
    "ready": Shown(_l("Ready to join"), "ok", "video"),
}
MONEY_WORDS: dict[str, Shown] = {
    "none": Shown(_l("Not paid"), "", "dash"),
    "processing": Shown(_l("Checking payment"), "info", "dots", _l("Checking the payment")),
    "authorised": Shown(_l("Authorised on card"), "info", "lock", _l("Amount authorised")),
    "paid": Shown(_l("Paid"), "ok", "check"),
    "refund_pending": Shown(_l("Refund on its way"), "warn", "back"),
    "refunded": Shown(_l("Refunded"), "", "back"),
    "partly_refunded": Shown(_l("Partly refunded"), "", "back"),
    "needs_review": Shown(_l("Being checked"), "warn", "eye", _l("We are looking into it")),
    # finer words, for people only
    "due": Shown(_l("To be paid"), "warn", "coins"),
    "refund_offered": Shown(_l("Waiting for a choice"), "warn", "back"),
    "refund_failed": Shown(_l("Refund delayed"), "warn", "back"),
    "in_hand": Shown(_l("Refund by hand"), "warn", "coins"),
    "credited": Shown(_l("Given as credit"), "ok", "wallet"),
    "session_back": Shown(_l("Back in the package"), "ok", "back"),
}


def labels(rows: Mapping[_Status, Shown]) -> dict[str, LazyString]:
    """Return the word of each status for lists and the trail."""
    return {str(status): shown.label for status, shown in rows.items()}


def _stories(subject: str, rows: Mapping[_Status, Shown]) -> dict[tuple[str, str], Story]:
    return {(subject, str(status)): shown.story for status, shown in rows.items() if shown.story}


MONEY = labels(MONEY_WORDS)

# A status whose subject has no words of its own for it.
STATUSES: dict[str, LazyString] = {
    **labels(BOOKINGS),
    **labels(CHECKOUTS),
    **labels(ATTEMPTS),
    **labels(REFUNDS),
    "waiting": WAITS[WaitStatus.WAITING].label,
    "accepted": RESCHEDULES[_M.ACCEPTED].label,
    "rejected": RESCHEDULES[_M.REJECTED].label,
    "answered": _l("Answered"),
    "closed": _l("Closed"),
}

# A booking's timeline for those who take part, by subject and new status. What is not here is left out.
STORY: dict[tuple[str, str], Story] = {
    **_stories("booking", BOOKINGS),
    ("booking", "approved"): (
        _l("Request approved, payment due"),
        "ok",
    ),  # awaiting payment, on the practitioner's word
    ("call", "started"): (_l("Call started"), ""),
    ("call", "ended"): (_l("Call ended"), ""),
    **_stories("attempt", ATTEMPTS),
    **_stories("refund", REFUNDS),
    ("refund", "credited"): (_l("Money added to wallet"), "ok"),
    **_stories("proof", PROOFS),
    **_stories("reschedule", RESCHEDULES),
    ("paper", "signed"): (_l("Form signed"), "ok"),
    ("review", "open"): (_l("Our staff are checking a payment"), "warn"),
    ("attendance", "open"): (_l("Disagreement about who came"), "warn"),
    ("side", "said"): (_l("Told our staff what happened"), ""),
    **{("attendance", code): (said, "") for code, (said, _) in ATTENDANCE_DECISIONS.items()},
}

# The steps whose reason was written for the other side: it stands in the timeline of all who take part.
TOLD_WHY = frozenset(
    {
        *(("booking", status.value) for status in (_B.DECLINED, _B.CANCELLED, _B.NO_SHOW)),
        *(("reschedule", status.value) for status in (_M.OPEN, _M.REJECTED, _M.WITHDRAWN)),
        ("proof", _P.REJECTED.value),
    }
)
