"""The smaller lifecycles: what becomes of payouts, proofs, disputes, gifts, packages, questions, ratings, moves and waits.

Each is a status and a table of moves in one shape: action -> {status now: status after}. A pair that is missing is no move.
`lifecycle` has the two great ones, and gives these on.
"""

from enum import StrEnum
from typing import TypeVar

_Status = TypeVar("_Status", bound=StrEnum)
Moves = dict[str, dict[_Status, _Status]]  # action or fact -> {status now: status after}


class PayoutStatus(StrEnum):
    """What became of a wish to have credit paid out."""

    ASKED = "asked"
    DONE = "done"  # staff sent the money by hand
    REFUSED = "refused"  # it is in the wallet again


# By staff, who send the money with their own hands.
PAYOUT_MOVES: Moves[PayoutStatus] = {
    "settle": {PayoutStatus.ASKED: PayoutStatus.DONE},
    "refuse": {PayoutStatus.ASKED: PayoutStatus.REFUSED},
}


class ProofStatus(StrEnum):
    """What became of a payer's proof that money was sent by other means."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


# By whoever verifies: staff, or the practitioner who was paid.
PROOF_MOVES: Moves[ProofStatus] = {
    "accept": {ProofStatus.WAITING: ProofStatus.ACCEPTED},
    "reject": {ProofStatus.WAITING: ProofStatus.REJECTED},
}


class ReceiptSource(StrEnum):
    """Who says that a gateway's receipt is of this payment."""

    CLIENT = "client"
    STAFF = "staff"
    MENU = "menu"  # the gateway itself, unsigned: whoever paid from its menu typed our reference
    CALLBACK = "callback"  # the gateway itself, unsigned, at the payment's own address


class ReceiptCheckStatus(StrEnum):
    """What became of a receipt that somebody says is of a payment here."""

    OPEN = "open"  # the gateway is asked
    LANDED = "landed"  # it was paid, and the money is in the books
    REFUSED = "refused"  # it pays nothing here
    REVIEW = "review"  # nobody can know but a person


# By the gateway's answer and by staff; a receipt that was refused may be shown again, and what was doubted may become clear.
RECEIPT_CHECK_MOVES: Moves[ReceiptCheckStatus] = {
    "ask": dict.fromkeys((ReceiptCheckStatus.REFUSED, ReceiptCheckStatus.REVIEW), ReceiptCheckStatus.OPEN),
    "land": dict.fromkeys((ReceiptCheckStatus.OPEN, ReceiptCheckStatus.REVIEW), ReceiptCheckStatus.LANDED),
    "refuse": dict.fromkeys((ReceiptCheckStatus.OPEN, ReceiptCheckStatus.REVIEW), ReceiptCheckStatus.REFUSED),
    "doubt": {ReceiptCheckStatus.OPEN: ReceiptCheckStatus.REVIEW},
}


class DisputePhase(StrEnum):
    """How far a payer's bank has gone with a challenged charge, from first to last."""

    ENQUIRY = "enquiry"  # it only asks, and nothing is taken: Stripe's warning_…, Razorpay's fraud and retrieval
    CHARGEBACK = "chargeback"
    PRE_ARBITRATION = "pre_arbitration"  # challenged again after it was won
    ARBITRATION = "arbitration"

    @property
    def rank(self) -> int:
        """The further, the higher."""
        return list(DisputePhase).index(self)


class DisputeStatus(StrEnum):
    """How far the payer's bank is with a challenged charge."""

    OPEN = "open"
    WON = "won"  # the money stays
    LOST = "lost"  # the bank took the money back


# A bank may decide again; a later word replaces the earlier one, but a dispute never opens again by old news: only by
# news of a later phase.
DISPUTE_MOVES: Moves[DisputeStatus] = {
    "escalated": {DisputeStatus.WON: DisputeStatus.OPEN},
    "won": {DisputeStatus.OPEN: DisputeStatus.WON},
    "lost": dict.fromkeys((DisputeStatus.OPEN, DisputeStatus.WON), DisputeStatus.LOST),
}


class GiftStatus(StrEnum):
    """What became of credit given away as a code; before it is paid there is none."""

    OPEN = "open"
    REDEEMED = "redeemed"  # it is in somebody's wallet
    CANCELLED = "cancelled"  # the money went back


# Redeemed by whoever has the code; cancelled by the buyer, by staff or by the payer's bank, until then.
GIFT_MOVES: Moves[GiftStatus] = {
    "redeem": {GiftStatus.OPEN: GiftStatus.REDEEMED},
    "cancel": {GiftStatus.OPEN: GiftStatus.CANCELLED},
}


class PackageStatus(StrEnum):
    """What became of sessions paid for at once; before they are paid there is none."""

    ACTIVE = "active"  # all of them may be used up all the same: a cancelled one comes back
    EXPIRED = "expired"  # the rest is the client's credit
    ENDED = "ended"  # the money of the rest went back


# The clock expires it; the practitioner or staff end it, who give the rest back, or the payer's bank, which takes it.
PACKAGE_MOVES: Moves[PackageStatus] = {
    "expire": {PackageStatus.ACTIVE: PackageStatus.EXPIRED},
    "end": {PackageStatus.ACTIVE: PackageStatus.ENDED},
}


class ConsultationStatus(StrEnum):
    """What became of a question in writing; before it is paid there is none."""

    OPEN = "open"  # waits for the answer until its deadline
    ANSWERED = "answered"  # both may go on writing for some days
    CLOSED = "closed"  # answered, and nothing more is written
    DECLINED = "declined"  # by the practitioner: the money goes back
    EXPIRED = "expired"  # not answered in time: the money goes back


# All but "expire" is for the practitioner to do; the clock closes, too.
CONSULTATION_MOVES: Moves[ConsultationStatus] = {
    "answer": {ConsultationStatus.OPEN: ConsultationStatus.ANSWERED},
    "decline": {ConsultationStatus.OPEN: ConsultationStatus.DECLINED},
    "close": {ConsultationStatus.ANSWERED: ConsultationStatus.CLOSED},
    "expire": {ConsultationStatus.OPEN: ConsultationStatus.EXPIRED},
}
# While a question has one of these, its client may write; its practitioner too, whose first message is the answer.
WRITABLE = frozenset({ConsultationStatus.OPEN, ConsultationStatus.ANSWERED})
UNANSWERED = frozenset({ConsultationStatus.DECLINED, ConsultationStatus.EXPIRED})  # it keeps nobody's money


class RatingStatus(StrEnum):
    """Whether a rating counts; it is never deleted."""

    SHOWN = "shown"  # to everybody, or to those it was meant for
    HIDDEN = "hidden"  # by staff, with a reason: it counts nowhere


# By staff.
RATING_MOVES: Moves[RatingStatus] = {
    "hide": {RatingStatus.SHOWN: RatingStatus.HIDDEN},
    "show": {RatingStatus.HIDDEN: RatingStatus.SHOWN},
}


class RescheduleStatus(StrEnum):
    """What became of a proposal to hold a session at another time."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by who proposed it, or because the session ended or was proposed otherwise
    EXPIRED = "expired"


# Only an open proposal moves, and once.
RESCHEDULE_MOVES: Moves[RescheduleStatus] = {
    "accept": {RescheduleStatus.OPEN: RescheduleStatus.ACCEPTED},
    "reject": {RescheduleStatus.OPEN: RescheduleStatus.REJECTED},
    "withdraw": {RescheduleStatus.OPEN: RescheduleStatus.WITHDRAWN},
    "expire": {RescheduleStatus.OPEN: RescheduleStatus.EXPIRED},
}


class AttendanceClaim(StrEnum):
    """What somebody says about who came, against what the other side says or does."""

    NOBODY_CAME = "nobody_came"  # the client: the practitioner stayed away
    HAD_STARTED = "had_started"  # the client was noted as absent, and had started the session or its call
    WAS_THERE = "was_there"  # the client, of a session that is noted as missed already: they were there


class AttendanceStatus(StrEnum):
    """What became of staff's look at who came; the words are those of the moves that decide it."""

    OPEN = "open"
    GIVE_BACK = "give-back"  # everything goes back
    TOOK_PLACE = "took-place"
    ABSENT = "absent"  # the client was absent


# Decided once, by the booking's move of that name.
ATTENDANCE_MOVES: Moves[AttendanceStatus] = {
    end.value: {AttendanceStatus.OPEN: end} for end in AttendanceStatus if end is not AttendanceStatus.OPEN
}


class WaitStatus(StrEnum):
    """How far somebody is who waits for a place at a time that is full."""

    WAITING = "waiting"
    OFFERED = "offered"  # a place is held for them, to be paid or answered until a deadline
    TAKEN = "taken"
    LAPSED = "lapsed"  # the offer or the time itself has passed
    LEFT = "left"


# Who was offered a place takes it or lets it lapse; only who was not yet leaves. Who books by themselves has taken it, and who
# was offered one that the practitioner never answered about waits again.
OPEN_WAITS = frozenset({WaitStatus.WAITING, WaitStatus.OFFERED})
WAIT_MOVES: Moves[WaitStatus] = {
    "offer": {WaitStatus.WAITING: WaitStatus.OFFERED},
    "take": dict.fromkeys(OPEN_WAITS, WaitStatus.TAKEN),
    "return": {WaitStatus.OFFERED: WaitStatus.WAITING},
    "lapse": dict.fromkeys(OPEN_WAITS, WaitStatus.LAPSED),
    "leave": {WaitStatus.WAITING: WaitStatus.LEFT},
}
