"""Every status and every legal move, as tables. The first file to read: nothing else decides what may follow what.

Two axes, never one enum: what was agreed (Booking) and what became of one try to pay (Attempt).
"""

from dataclasses import dataclass
from enum import StrEnum


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


class PayoutStatus(StrEnum):
    """What became of a wish to have credit paid out."""

    ASKED = "asked"
    DONE = "done"  # staff sent the money by hand
    REFUSED = "refused"  # it is in the wallet again


class ProofStatus(StrEnum):
    """What became of a payer's proof that money was sent by other means."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class DisputeStatus(StrEnum):
    """How far the payer's bank is with a challenged charge."""

    OPEN = "open"
    WON = "won"  # the money stays
    LOST = "lost"  # the bank took the money back


class GiftStatus(StrEnum):
    """What became of credit given away as a code; before it is paid there is none."""

    OPEN = "open"
    REDEEMED = "redeemed"  # it is in somebody's wallet
    CANCELLED = "cancelled"  # the money went back


class PackageStatus(StrEnum):
    """What became of sessions paid for at once; before they are paid there is none."""

    ACTIVE = "active"  # all of them may be used up all the same: a cancelled one comes back
    EXPIRED = "expired"  # the rest is the client's credit
    ENDED = "ended"  # the money of the rest went back


class ConsultationStatus(StrEnum):
    """What became of a question in writing; before it is paid there is none."""

    OPEN = "open"  # waits for the answer until its deadline
    ANSWERED = "answered"  # both may go on writing for some days
    CLOSED = "closed"  # answered, and nothing more is written
    DECLINED = "declined"  # by the practitioner: the money goes back
    EXPIRED = "expired"  # not answered in time: the money goes back


class RatingStatus(StrEnum):
    """Whether a rating counts; it is never deleted."""

    SHOWN = "shown"  # to everybody, or to those it was meant for
    HIDDEN = "hidden"  # by staff, with a reason: it counts nowhere


class RescheduleStatus(StrEnum):
    """What became of a proposal to hold a session at another time."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by who proposed it, or because the session ended or was proposed otherwise
    EXPIRED = "expired"


class WaitStatus(StrEnum):
    """How far somebody is who waits for a place at a time that is full."""

    WAITING = "waiting"
    OFFERED = "offered"  # a place is held for them, to be paid or answered until a deadline
    TAKEN = "taken"
    LAPSED = "lapsed"  # the offer or the time itself has passed
    LEFT = "left"


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


_B, _A = BookingStatus, Actor
_PRACTICE = frozenset({_A.PRACTITIONER, _A.STAFF})
_PARTICIPANTS = _PRACTICE | {_A.CLIENT}


@dataclass(frozen=True)
class Move:
    """One legal change of a booking: from any of `sources` to `target`, by any of `actors`."""

    action: str
    sources: frozenset[BookingStatus]
    target: BookingStatus
    actors: frozenset[Actor]


BOOKING_MOVES: dict[str, Move] = {
    move.action: move
    for move in (
        Move("approve", frozenset({_B.PENDING_APPROVAL}), _B.AWAITING_PAYMENT, _PRACTICE),
        Move("decline", frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT}), _B.DECLINED, _PRACTICE),
        # The card is charged only after a yes: the amount is reserved first, and the request goes to the practitioner.
        Move("authorise", frozenset({_B.AWAITING_PAYMENT}), _B.PENDING_APPROVAL, frozenset({_A.GATEWAY})),
        Move("lapse", frozenset({_B.PENDING_APPROVAL}), _B.AWAITING_PAYMENT, frozenset({_A.GATEWAY, _A.CLOCK})),
        # EXPIRED: the late payer whose place is still free.
        Move("confirm", frozenset({_B.AWAITING_PAYMENT, _B.EXPIRED}), _B.CONFIRMED, frozenset({_A.GATEWAY})),
        Move("expire", frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT}), _B.EXPIRED, frozenset({_A.CLOCK})),
        Move(
            "cancel",
            frozenset({_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT, _B.CONFIRMED}),
            _B.CANCELLED,
            _PARTICIPANTS,
        ),
        Move("start", frozenset({_B.CONFIRMED}), _B.IN_PROGRESS, _PARTICIPANTS),
        Move("complete", frozenset({_B.IN_PROGRESS}), _B.COMPLETED, _PRACTICE),
        Move("no-show", frozenset({_B.CONFIRMED, _B.IN_PROGRESS}), _B.NO_SHOW, _PRACTICE),
    )
}


def booking_rule(status: BookingStatus, action: str, actor: Actor) -> BookingStatus:
    """The status that follows when `actor` does `action`. Raises NotAllowed."""
    move = BOOKING_MOVES[action]
    if status not in move.sources or actor not in move.actors:
        raise NotAllowed(action, status)
    return move.target


def allowed_actions(status: BookingStatus, actor: Actor) -> list[str]:
    """The actions `actor` may take now, in the order of the table."""
    return [m.action for m in BOOKING_MOVES.values() if status in m.sources and actor in m.actors]


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
ATTEMPT_MOVES: dict[str, dict[AttemptStatus, AttemptStatus]] = {
    "pending": {_S.CREATED: _S.PROCESSING},
    "authorised": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.FAILED, _S.ABANDONED), _S.AUTHORISED),
    "failed": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.AUTHORISED, _S.ABANDONED), _S.FAILED),
    "confirmed": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.AUTHORISED, _S.FAILED, _S.ABANDONED), _S.PAID),
    # Ours, not a vendor's: the payer tries the same page again, or nobody waits any longer.
    "retried": {_S.FAILED: _S.PROCESSING},
    "abandoned": dict.fromkeys((_S.CREATED, _S.PROCESSING), _S.ABANDONED),
}


def rule(status: AttemptStatus, fact: str) -> AttemptStatus | None:
    """Where `fact` moves an attempt, or None when it is a repetition, comes out of order or is overtaken."""
    return ATTEMPT_MOVES[fact].get(status)


_R = RefundStatus
REFUND_MOVES: dict[str, dict[RefundStatus, RefundStatus]] = {
    "pending": {_R.ASKED: _R.SENT},
    "refunded": dict.fromkeys((_R.ASKED, _R.SENT, _R.FAILED), _R.DONE),
    # Stripe: a refund that succeeded can fail later, when the bank sends the money back.
    "refundfailed": dict.fromkeys((_R.ASKED, _R.SENT, _R.DONE), _R.FAILED),
    "retried": {_R.FAILED: _R.ASKED},
    # Ours, not a vendor's: given as credit, or sent by staff by other means.
    "credited": dict.fromkeys((_R.ASKED, _R.FAILED), _R.DONE),
    "settled": dict.fromkeys((_R.ASKED, _R.SENT, _R.FAILED), _R.DONE),
}


def refund_rule(status: RefundStatus, fact: str) -> RefundStatus | None:
    """Where `fact` moves a refund, or None when it changes nothing."""
    return REFUND_MOVES[fact].get(status)


# What staff may do with a wish to be paid out, and whoever verifies with a proof.
PAYOUT_MOVES: dict[str, dict[PayoutStatus, PayoutStatus]] = {
    "settle": {PayoutStatus.ASKED: PayoutStatus.DONE},
    "refuse": {PayoutStatus.ASKED: PayoutStatus.REFUSED},
}
PROOF_MOVES: dict[str, dict[ProofStatus, ProofStatus]] = {
    "accept": {ProofStatus.WAITING: ProofStatus.ACCEPTED},
    "reject": {ProofStatus.WAITING: ProofStatus.REJECTED},
}
# What becomes of credit given away, and of sessions paid for at once.
GIFT_MOVES: dict[str, dict[GiftStatus, GiftStatus]] = {
    "redeem": {GiftStatus.OPEN: GiftStatus.REDEEMED},
    "cancel": {GiftStatus.OPEN: GiftStatus.CANCELLED},
}
PACKAGE_MOVES: dict[str, dict[PackageStatus, PackageStatus]] = {
    "expire": {PackageStatus.ACTIVE: PackageStatus.EXPIRED},
    "end": {PackageStatus.ACTIVE: PackageStatus.ENDED},
}
# What becomes of a question in writing: all but "expire" is for the practitioner to do; the clock closes, too.
_Q = ConsultationStatus
CONSULTATION_MOVES: dict[str, dict[ConsultationStatus, ConsultationStatus]] = {
    "answer": {_Q.OPEN: _Q.ANSWERED},
    "decline": {_Q.OPEN: _Q.DECLINED},
    "close": {_Q.ANSWERED: _Q.CLOSED},
    "expire": {_Q.OPEN: _Q.EXPIRED},
}
# While a question has one of these, its client may write; its practitioner too, whose first message is the answer.
WRITABLE = frozenset({_Q.OPEN, _Q.ANSWERED})
UNANSWERED = frozenset({_Q.DECLINED, _Q.EXPIRED})  # it keeps nobody's money
# What staff may do with a rating.
RATING_MOVES: dict[str, dict[RatingStatus, RatingStatus]] = {
    "hide": {RatingStatus.SHOWN: RatingStatus.HIDDEN},
    "show": {RatingStatus.HIDDEN: RatingStatus.SHOWN},
}
OPEN_WAITS = frozenset({WaitStatus.WAITING, WaitStatus.OFFERED})
WAIT_MOVES: dict[str, dict[WaitStatus, WaitStatus]] = {
    "offer": {WaitStatus.WAITING: WaitStatus.OFFERED},
    "take": {WaitStatus.OFFERED: WaitStatus.TAKEN},
    "lapse": dict.fromkeys(OPEN_WAITS, WaitStatus.LAPSED),
    "leave": {WaitStatus.WAITING: WaitStatus.LEFT},
}
# What becomes of a proposal to move a session: only an open one moves, and once.
RESCHEDULE_MOVES: dict[str, dict[RescheduleStatus, RescheduleStatus]] = {
    "accept": {RescheduleStatus.OPEN: RescheduleStatus.ACCEPTED},
    "reject": {RescheduleStatus.OPEN: RescheduleStatus.REJECTED},
    "withdraw": {RescheduleStatus.OPEN: RescheduleStatus.WITHDRAWN},
    "expire": {RescheduleStatus.OPEN: RescheduleStatus.EXPIRED},
}
# A bank may decide again; a later word replaces the earlier one, but a dispute never opens again by old news.
DISPUTE_MOVES: dict[str, dict[DisputeStatus, DisputeStatus]] = {
    "won": {DisputeStatus.OPEN: DisputeStatus.WON},
    "lost": dict.fromkeys((DisputeStatus.OPEN, DisputeStatus.WON), DisputeStatus.LOST),
}


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
    attempts: list[AttemptStatus], refunds: list[RefundStatus], open_reviews: int, kept: int, price: int
) -> str:
    """A booking's one word about its money; computed from the rows, never stored.

    `kept` is what the books say is kept for it, `price` what it cost; both in minor units.
    """
    if open_reviews:
        return "needs_review"
    if any(r in (_R.ASKED, _R.SENT, _R.FAILED) for r in refunds):
        return "refund_pending"
    if _R.DONE in refunds and kept < price:
        return "partly_refunded" if kept > 0 else "refunded"
    for status, word in ((_S.PAID, "paid"), (_S.AUTHORISED, "authorised"), (_S.PROCESSING, "processing")):
        if status in attempts:
            return word
    return "processing" if _S.CREATED in attempts else "none"
