"""Every status and every legal move, as tables. The first file to read: nothing else decides what may follow what.

Two axes, never one enum: what was agreed (Booking) and what became of one try to pay (Attempt). What became of gifts,
packages, questions, proofs, disputes and the like stands in `minor_lifecycles` and is given on from here.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.minor_lifecycles import *  # noqa: F403  (one address for every status: nobody has to know which are small)
from app.domain.minor_lifecycles import Moves


class BookingStatus(StrEnum):
    """What was agreed between client and practitioner."""

    PENDING_APPROVAL = "pending_approval"
    AWAITING_PAYMENT = "awaiting_payment"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class CheckoutStatus(StrEnum):
    """Whether something still has to be paid."""

    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class AttemptStatus(StrEnum):
    """What became of one try to pay at one gateway."""

    CREATED = "created"  # our row is committed; whether the vendor heard of it is not known
    PROCESSING = "processing"  # under way at the vendor
    AUTHORISED = "authorised"  # money reserved, not ours yet
    PAID = "paid"
    FAILED = "failed"  # on the vendor's word; late money may still come
    ABANDONED = "abandoned"  # we stopped waiting, or the payer chose another way; late money may still come


class PendingOperation(StrEnum):
    """What the gateway is still to be asked to do with money that is reserved on a card."""

    NONE = ""
    CAPTURE = "capture"  # take it: the practitioner said yes
    VOID = "void"  # let it go: they said no, or it came too late


class RefundStatus(StrEnum):
    """How far money is on its way back."""

    ASKED = "asked"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


class RefundMeans(StrEnum):
    """The way money goes back."""

    GATEWAY = "gateway"  # to where it was paid from
    WALLET = "wallet"  # as credit, where the gateway cannot or the client prefers it
    BY_HAND = "by_hand"  # staff sent it by other means and said how
    PACKAGE = "package"  # the session is in the package again that it was paid with
    BANK = "bank"  # the payer's bank took it back itself, by a dispute that was lost
    BEFORE = "before"  # it had gone back already, as staff could see
    NOT_OWED = "not_owed"  # staff found that nobody waits for it


class InboxState(StrEnum):
    """What became of one piece of news from a gateway."""

    RECEIVED = "received"  # stored, not believed yet
    APPLIED = "applied"
    IGNORED = "ignored"  # genuine, and nothing changed by it
    UNMATCHED = "unmatched"  # about a payment we do not know (yet)
    REVIEW = "review"  # contradicts what we asked for; a person must look


class Actor(StrEnum):
    """Who causes a change."""

    CLIENT = "client"
    PRACTITIONER = "practitioner"
    STAFF = "staff"
    GATEWAY = "gateway"
    CLOCK = "clock"


class NotAllowed(Exception):
    """A move that the tables do not have: nothing was changed."""

    def __init__(self, action: str, status: str) -> None:
        super().__init__(f"{action} is not possible while {status}")
        self.action = action
        self.status = status


_B = BookingStatus
_A = Actor
_PRACTICE = frozenset({_A.PRACTITIONER, _A.STAFF})
_PARTICIPANTS = _PRACTICE | {_A.CLIENT}
_HELD = frozenset({_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED})  # a session that stands, or stood


@dataclass(frozen=True)
class Move:
    """One legal change of a booking: from any of `sources` to `target`, by any of `actors`.

    While staff look at who came, only by `in_review`.
    """

    action: str
    sources: frozenset[BookingStatus]
    target: BookingStatus
    actors: frozenset[Actor]
    in_review: frozenset[Actor] = frozenset()


BOOKING_MOVES: dict[str, Move] = {
    move.action: move
    for move in (
        # A yes to a request; what is to be paid is paid now.
        Move("approve", frozenset({_B.PENDING_APPROVAL}), _B.AWAITING_PAYMENT, _PRACTICE),
        # A no, also to what was approved and is not paid yet: nobody is held to a session that nobody has paid.
        Move("decline", frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT}), _B.DECLINED, _PRACTICE),
        # The card is charged only after a yes: the amount is reserved first, and the request goes to the practitioner.
        Move("authorise", frozenset({_B.AWAITING_PAYMENT}), _B.PENDING_APPROVAL, frozenset({_A.GATEWAY})),
        # The reservation ended at the bank before there was an answer: the request needs a new one.
        Move("lapse", frozenset({_B.PENDING_APPROVAL}), _B.AWAITING_PAYMENT, frozenset({_A.GATEWAY, _A.CLOCK})),
        # The money is here. EXPIRED: the late payer whose place is still free.
        Move("confirm", frozenset({_B.AWAITING_PAYMENT, _B.EXPIRED}), _B.CONFIRMED, frozenset({_A.GATEWAY})),
        # Time to answer or to pay ran out. Only the clock says so, and never of what is paid.
        Move("expire", frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT}), _B.EXPIRED, frozenset({_A.CLOCK})),
        # Either side, until the session begins; what comes back of the money is the policy's to say.
        Move(
            "cancel",
            frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT, _B.CONFIRMED}),
            _B.CANCELLED,
            _PARTICIPANTS,
        ),
        # Either side opens the room first.
        Move("start", frozenset({_B.CONFIRMED}), _B.IN_PROGRESS, _PARTICIPANTS),
        # The practitioner's word that it took place; where one pays after, the bill is made by it.
        Move("complete", frozenset({_B.IN_PROGRESS}), _B.COMPLETED, _PRACTICE),
        # Nobody has said how it went, and the days for that are over; where one pays after, the bill is made by it.
        Move("settle", frozenset({_B.CONFIRMED, _B.IN_PROGRESS}), _B.COMPLETED, frozenset({_A.CLOCK})),
        # The client did not come, also where the practitioner started and waited: the policy says what comes back.
        Move("no-show", frozenset({_B.CONFIRMED, _B.IN_PROGRESS}), _B.NO_SHOW, _PRACTICE),
        # How it ends when one side's word is contested. Everything goes back: the practitioner agrees, or staff decide so.
        Move("give-back", _HELD | {_B.NO_SHOW}, _B.CANCELLED, frozenset(), in_review=_PRACTICE),
        # It took place, also where the client was noted as absent, and stays paid or is to be paid.
        Move("took-place", _HELD | {_B.NO_SHOW}, _B.COMPLETED, frozenset(), in_review=frozenset({_A.STAFF})),
        # The client did not come after all: the terms say what comes back.
        Move("absent", _HELD | {_B.NO_SHOW}, _B.NO_SHOW, frozenset(), in_review=frozenset({_A.STAFF})),
    )
}

# Where staff may be looking at who came; in no other status is that open.
CONTESTABLE: frozenset[BookingStatus] = frozenset().union(*(m.sources for m in BOOKING_MOVES.values() if m.in_review))


def booking_rule(status: BookingStatus, action: str, actor: Actor, *, in_review: bool = False) -> BookingStatus:
    """The status that follows when `actor` does `action`; `in_review`: staff look at who came. Raises NotAllowed."""
    if action not in allowed_actions(status, actor, in_review=in_review):
        raise NotAllowed(action, status)
    return BOOKING_MOVES[action].target


def allowed_actions(status: BookingStatus, actor: Actor, *, in_review: bool = False) -> list[str]:
    """The actions `actor` may take now, in the order of the table; `in_review`: staff look at who came."""
    may = ((move, move.in_review if in_review else move.actors) for move in BOOKING_MOVES.values())
    return [move.action for move, actors in may if status in move.sources and actor in actors]


# What money does when it arrives for a booking in each status. True: take the place (again) and confirm;
# False: it comes too late and goes back. A pending approval is never bypassed by paying.
MONEY_CONFIRMS: dict[BookingStatus, bool] = {
    _B.AWAITING_PAYMENT: True,
    _B.EXPIRED: True,
    _B.PENDING_APPROVAL: False,
    _B.CONFIRMED: False,
    _B.IN_PROGRESS: False,
    _B.COMPLETED: False,
    _B.NO_SHOW: False,
    _B.DECLINED: False,
    _B.CANCELLED: False,
}

_S = AttemptStatus
LIVE_ATTEMPTS = frozenset({_S.CREATED, _S.PROCESSING, _S.AUTHORISED})

# fact -> {status now: status after}. A pair that is missing changes nothing: news only ever moves a payment forward.
ATTEMPT_MOVES: Moves[AttemptStatus] = {
    # The vendor has it and nothing is decided: never an end, and never a way back.
    "pending": {_S.CREATED: _S.PROCESSING},
    # The amount is reserved, also by who was declined before on the same page, or paid after we stopped waiting.
    "authorised": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.FAILED, _S.ABANDONED), _S.AUTHORISED),
    # On the vendor's explicit word alone. Never from PAID: no later news takes money back, a refund does.
    "failed": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.AUTHORISED, _S.ABANDONED), _S.FAILED),
    # Money wins over everything: who paid late, or on the second try, has paid.
    "confirmed": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.AUTHORISED, _S.FAILED, _S.ABANDONED), _S.PAID),
    # Ours, not a vendor's: the payer goes back to the same page, which can still be paid.
    "retried": {_S.FAILED: _S.PROCESSING},
    # Unsigned news says that it was paid after all: the gateway is asked, and nothing else may be charged until it answers.
    "claimed": dict.fromkeys((_S.FAILED, _S.ABANDONED), _S.PROCESSING),
    # Ours: nobody waits any longer, or the payer chose another way. Not from AUTHORISED: reserved money is let go first.
    "abandoned": dict.fromkeys((_S.CREATED, _S.PROCESSING), _S.ABANDONED),
}


def rule(status: AttemptStatus, fact: str) -> AttemptStatus | None:
    """Where `fact` moves an attempt, or None when it is a repetition, comes out of order or is overtaken."""
    return ATTEMPT_MOVES[fact].get(status)


_R = RefundStatus
REFUND_MOVES: Moves[RefundStatus] = {
    # The vendor has taken it on and has not finished.
    "pending": {_R.ASKED: _R.SENT},
    # On the vendor's word; also after it said no first.
    "refunded": dict.fromkeys((_R.ASKED, _R.SENT, _R.FAILED), _R.DONE),
    # Stripe: a refund that succeeded can fail later, when the bank sends the money back.
    "refundfailed": dict.fromkeys((_R.ASKED, _R.SENT, _R.DONE), _R.FAILED),
    # Staff have it sent once more.
    "retried": {_R.FAILED: _R.ASKED},
    # Ours, not a vendor's: given as credit. Not from SENT: it may arrive yet.
    "credited": dict.fromkeys((_R.ASKED, _R.FAILED), _R.DONE),
    # Ours: staff sent it by other means, and know that the vendor's way came to nothing.
    "settled": dict.fromkeys((_R.ASKED, _R.SENT, _R.FAILED), _R.DONE),
    # The payer's bank has taken the same money. Not from SENT: it may arrive yet, and what then is twice is staff's to see.
    "set_off": dict.fromkeys((_R.ASKED, _R.FAILED), _R.DONE),
    # Ours: staff found, and somebody else of them agreed, that it is not owed any more.
    "waived": dict.fromkeys((_R.ASKED, _R.SENT, _R.FAILED), _R.DONE),
}


def refund_rule(status: RefundStatus, fact: str) -> RefundStatus | None:
    """Where `fact` moves a refund, or None when it changes nothing."""
    return REFUND_MOVES[fact].get(status)


# Every status stands in exactly one tab of "My bookings" (report S0-2: bookings that appeared in no list).
TABS: dict[str, tuple[BookingStatus, ...]] = {
    "waiting": (_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT),
    "upcoming": (_B.CONFIRMED, _B.IN_PROGRESS),
    "past": (_B.COMPLETED, _B.NO_SHOW),
    "cancelled": (_B.DECLINED, _B.CANCELLED, _B.EXPIRED),
}

# The wire code and label of each status (report S0-7, S0-21).
WIRE: dict[BookingStatus, tuple[int, str]] = {
    _B.PENDING_APPROVAL: (0, "Pending Approval"),
    _B.AWAITING_PAYMENT: (0, "Pending Payment"),
    _B.CONFIRMED: (1, "Confirmed"),
    _B.IN_PROGRESS: (1, "In Progress"),
    _B.COMPLETED: (2, "Completed"),
    _B.DECLINED: (3, "Declined"),
    _B.CANCELLED: (3, "Cancelled"),
    _B.EXPIRED: (3, "Expired"),
    _B.NO_SHOW: (4, "No Show"),
}


def money_word(
    attempts: list[AttemptStatus],
    refunds: list[RefundStatus],
    open_reviews: int,
    kept: int,
    price: int,
    *,
    owed: bool = False,
) -> str:
    """A booking's, or a bill's, one word about its money; computed from the rows, never stored.

    `kept` is what the books say is kept for it, `price` what it cost; both in minor units. `owed`: a debt is open.
    """
    went_back = _R.DONE in refunds and kept < price
    under_way = _S.PROCESSING in attempts or _S.CREATED in attempts
    words = (
        (open_reviews, "needs_review"),
        (any(r in (_R.ASKED, _R.SENT, _R.FAILED) for r in refunds), "refund_pending"),
        # What went back may be paid for once more, or be still to be paid.
        (went_back and not (under_way or owed), "partly_refunded" if kept > 0 else "refunded"),
        (_S.PAID in attempts and not went_back, "paid"),
        (_S.AUTHORISED in attempts, "authorised"),
        (under_way, "processing"),
        (owed, "due"),
    )
    return next((word for is_true, word in words if is_true), "none")
