"""What can be paid for, as a table. What differs between kinds of checkout is a column here, never an if elsewhere.

A new kind is a member and its row here, a file and its line in services/payments/payables, and its sentences in words/.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.lifecycle import BookingStatus


class CheckoutKind(StrEnum):
    """What the payer pays for."""

    BOOKING = "booking"  # a booking that exists and waits for its money
    DRAFT_BOOKING = "draft_booking"  # a booking that comes into being with the money
    DUE = "due"  # a session that took place and is paid for afterwards
    FEE = "fee"  # what the terms keep of a session that was cancelled late or not kept
    DIFFERENCE = "difference"  # what a session costs more since it was moved
    LOST_CREDIT = "lost_credit"  # credit that was spent, and that the payer's bank took back
    CONSULTATION = "consultation"  # a question in writing
    TOP_UP = "top_up"  # credit for the client's own wallet
    GIFT = "gift"  # credit to give away as a code
    PACKAGE = "package"  # several sessions at once
    LOST = "lost"  # nobody knows: a restored backup does not have it, and its money waits for staff


class Proceeds(StrEnum):
    """Whose the money is once it has paid for what it was meant for."""

    SESSION = "session"  # the practitioner's and the platform's, in proportion to what is kept for the booking
    QUESTION = "question"  # the practitioner's and the platform's, in proportion to what is kept for the question
    WALLET = "wallet"  # the client's credit
    GIFT = "gift"  # with the gift until somebody redeems it
    PACKAGE = "package"  # with the package until its sessions are used
    LOSS = "loss"  # nobody's: it makes up for what was written off


class Drafted(StrEnum):
    """What a checkout's `draft` describes."""

    NOTHING = "nothing"  # what is paid for is a row already, or needs no description
    SESSION = "session"  # a service, a start, places and what the client wrote
    QUESTION = "question"  # a practitioner, and what was promised about the answer
    PACKAGE = "package"  # an offer of the practitioner's, and its terms as they were shown


@dataclass(frozen=True)
class CheckoutRules:
    """What is true of every checkout of one kind."""

    proceeds: Proceeds
    gone: str  # why money goes back that cannot have what it was meant for: a word of words.REFUND_REASONS
    drafted: Drafted = Drafted.NOTHING
    payable_while: frozenset[BookingStatus] = frozenset()  # the statuses of its booking in which a try to pay may begin
    is_owed: bool = False  # a debt, not an offer: it does not lapse and is not given up
    owed_notice: str = ""  # the message that tells the client of a debt, and reminds them
    keeps_place: bool = False  # a place is kept for the payer until the deadline
    may_reserve: bool = False  # where the booking's mode says so, the card only reserves the amount at first
    takes_credit: bool = True  # it can be paid from the wallet
    takes_package: bool = False  # it is one whole session, which a package can pay
    waits_for_staff: bool = False  # nobody knows what its money is for: staff decide
    shows_split: bool = False  # the payer is shown what of it is the practitioner's and what is the platform's


_B = BookingStatus

CHECKOUT_KINDS: dict[CheckoutKind, CheckoutRules] = {
    CheckoutKind.BOOKING: CheckoutRules(
        Proceeds.SESSION,
        "too_late",
        payable_while=frozenset({_B.AWAITING_PAYMENT}),
        keeps_place=True,
        may_reserve=True,
        takes_package=True,
    ),
    CheckoutKind.DRAFT_BOOKING: CheckoutRules(
        Proceeds.SESSION, "too_late", drafted=Drafted.SESSION, takes_package=True
    ),
    CheckoutKind.DUE: CheckoutRules(
        Proceeds.SESSION,
        "not_owed",
        payable_while=frozenset({_B.COMPLETED}),
        is_owed=True,
        owed_notice="payment_due",
        takes_package=True,
        shows_split=True,
    ),
    CheckoutKind.FEE: CheckoutRules(
        Proceeds.SESSION,
        "not_owed",
        payable_while=frozenset({_B.CANCELLED, _B.NO_SHOW}),
        is_owed=True,
        owed_notice="fee_due",
    ),
    CheckoutKind.DIFFERENCE: CheckoutRules(
        Proceeds.SESSION,
        "not_owed",
        payable_while=frozenset({_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED, _B.NO_SHOW}),
        is_owed=True,
        owed_notice="difference_due",
    ),
    CheckoutKind.LOST_CREDIT: CheckoutRules(Proceeds.LOSS, "not_owed", is_owed=True, owed_notice="lost_credit_due"),
    CheckoutKind.CONSULTATION: CheckoutRules(Proceeds.QUESTION, "not_asked", drafted=Drafted.QUESTION),
    CheckoutKind.TOP_UP: CheckoutRules(Proceeds.WALLET, "too_late", takes_credit=False),
    CheckoutKind.GIFT: CheckoutRules(Proceeds.GIFT, "not_bought"),
    CheckoutKind.PACKAGE: CheckoutRules(Proceeds.PACKAGE, "not_bought", drafted=Drafted.PACKAGE),
    CheckoutKind.LOST: CheckoutRules(Proceeds.LOSS, "unknown", takes_credit=False, waits_for_staff=True),
}

OWED = frozenset(kind for kind, rules in CHECKOUT_KINDS.items() if rules.is_owed)  # the debts
