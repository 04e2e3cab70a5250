"""Every kind of message, one row each: who switches it, until when it is true, where it leads, how it goes out.

Its words are in words/notices, its mail is templates/mail/<kind>.txt, its SMS templates/sms/<kind>.txt, or for who has no
mail address templates/sms/_other.txt.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.lifecycle import (
    BookingStatus,
    CheckoutStatus,
    DisputeStatus,
    GiftStatus,
    ProofStatus,
    RatingStatus,
    RefundStatus,
    RescheduleStatus,
)
from app.models import Base, Checkout, Dispute, Gift, Proof, Rating, Refund, Reschedule, Role


class Group(StrEnum):
    """What people switch together; the codes are stored with their choices."""

    BOOKINGS = "bookings"
    REMINDERS = "reminders"
    MONEY = "money"
    PRACTICE = "practice"
    ALWAYS = "always"  # mailed whatever was chosen, and never an SMS


class Page(StrEnum):
    """Where a message leads; the doors know the address."""

    BOOKING = "booking"  # where it is about one
    BILL = "bill"
    CALENDARS = "calendars"
    CONVERSATION = "conversation"
    DISPUTE = "dispute"
    DOCTOR = "doctor"
    GIFTS = "gifts"
    MY_DATA = "my_data"
    OWN_PACKAGES = "own_packages"  # those the practitioner sells
    PACKAGES = "packages"
    PRACTITIONER = "practitioner"
    PROOFS = "proofs"
    RATE = "rate"
    RATINGS = "ratings"
    ROOM = "room"
    SECURITY = "security"
    STAFF_DISPUTE = "staff_dispute"
    STAFF_MONEY = "staff_money"
    WALLET = "wallet"


class Rule(StrEnum):
    """What decides beside statuses whether a message is still true (answered in backoffice/message_rules)."""

    ATTENDANCE_OPEN = "attendance_open"  # staff are to say who came to the session
    CAN_BE_ANSWERED = "can_be_answered"  # the question
    CAN_BE_NUDGED = "can_be_nudged"  # the payer of the bill
    FEED_FAILS = "feed_fails"
    FORMS_WAIT = "forms_wait"
    IS_UNREAD = "is_unread"  # what was written in the conversation


@dataclass(frozen=True)
class Row:
    """Another row than the booking, which the message names in its data, and the statuses it must have."""

    key: str
    model: type[Base]
    statuses: frozenset[StrEnum]


@dataclass(frozen=True)
class StillTrue:
    """What must hold when the message is sent, or it is dropped."""

    bookings: frozenset[BookingStatus] = frozenset(BookingStatus)  # the statuses its booking may have
    row: Row | None = None
    rule: Rule | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of message."""

    group: Group
    still_true: StillTrue
    page: Page = Page.BOOKING
    texted: bool = False  # worth an SMS
    must_be_mailed: bool = False  # whatever was chosen: a time that is not kept any more
    has_calendar: bool = False  # an invitation goes with the mail, or the end of one
    of_booking: bool = True  # whether it may name a booking

    @property
    def is_always_mailed(self) -> bool:
        """Whether nobody can switch its mail off: it is about money, or must be known in any case."""
        return self.must_be_mailed or self.group in (Group.MONEY, Group.ALWAYS)


ALWAYS_TRUE = StillTrue()
_G = Group
_B = BookingStatus
_R = RefundStatus
_BILL_OPEN = Row("checkout", Checkout, frozenset({CheckoutStatus.OPEN}))
_PROOF_WAITS = Row("proof", Proof, frozenset({ProofStatus.WAITING}))
_PROPOSAL_OPEN = Row("reschedule", Reschedule, frozenset({RescheduleStatus.OPEN}))
_GIFT_OPEN = Row("gift", Gift, frozenset({GiftStatus.OPEN}))
_RATING_SHOWN = Row("rating", Rating, frozenset({RatingStatus.SHOWN}))
_RATING_HIDDEN = Row("rating", Rating, frozenset({RatingStatus.HIDDEN}))
_REFUND_ASKED = Row("refund", Refund, frozenset({_R.ASKED}))
_REFUND_UNHEARD = Row("refund", Refund, frozenset({_R.ASKED, _R.SENT}))
_REFUND_GOES = Row("refund", Refund, frozenset({_R.ASKED, _R.SENT, _R.DONE}))
_DISPUTE_OPEN = Row("dispute", Dispute, frozenset({DisputeStatus.OPEN}))
_REFUND_FAILED = Row("refund", Refund, frozenset({_R.FAILED}))


def _while(*bookings: BookingStatus, row: Row | None = None, rule: Rule | None = None) -> StillTrue:
    """True while the booking has one of these statuses (without any: whatever it has)."""
    return StillTrue(frozenset(bookings or BookingStatus), row, rule)


KINDS: dict[str, Kind] = {
    # Bookings
    "request_sent": Kind(_G.BOOKINGS, _while(_B.PENDING_APPROVAL)),
    "request_declined": Kind(_G.BOOKINGS, _while(_B.DECLINED), texted=True),
    "place_offered": Kind(_G.BOOKINGS, _while(_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT)),
    "wait_over": Kind(_G.BOOKINGS, ALWAYS_TRUE, Page.PRACTITIONER, of_booking=False),
    "attendee_away": Kind(_G.BOOKINGS, _while(_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT, _B.CONFIRMED)),
    "attendee_comes": Kind(_G.BOOKINGS, _while(_B.PENDING_APPROVAL, _B.AWAITING_PAYMENT, _B.CONFIRMED)),
    "reschedule_proposed": Kind(_G.BOOKINGS, _while(_B.CONFIRMED, row=_PROPOSAL_OPEN)),
    "reschedule_rejected": Kind(_G.BOOKINGS, _while(_B.CONFIRMED)),
    "reschedule_unanswered": Kind(_G.BOOKINGS, _while(_B.CONFIRMED)),
    "booking_moved": Kind(_G.BOOKINGS, _while(_B.CONFIRMED, _B.IN_PROGRESS), must_be_mailed=True, has_calendar=True),
    "request_unanswered": Kind(_G.BOOKINGS, _while(_B.EXPIRED), texted=True),
    "booking_confirmed": Kind(
        _G.BOOKINGS,
        _while(_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED),
        texted=True,
        must_be_mailed=True,
        has_calendar=True,
    ),
    "booking_cancelled": Kind(_G.BOOKINGS, _while(_B.CANCELLED), texted=True, must_be_mailed=True, has_calendar=True),
    "booking_expired": Kind(_G.BOOKINGS, _while(_B.EXPIRED), texted=True),
    "question_sent": Kind(_G.BOOKINGS, ALWAYS_TRUE, Page.CONVERSATION, of_booking=False),
    "question_answered": Kind(_G.BOOKINGS, ALWAYS_TRUE, Page.CONVERSATION, of_booking=False),
    "question_message": Kind(_G.BOOKINGS, _while(rule=Rule.IS_UNREAD), Page.CONVERSATION, of_booking=False),
    "forms_to_fill": Kind(_G.BOOKINGS, _while(rule=Rule.FORMS_WAIT)),
    "form_signed": Kind(_G.BOOKINGS, ALWAYS_TRUE),
    "rating_received": Kind(_G.BOOKINGS, _while(row=_RATING_SHOWN), Page.RATINGS),
    "client_rated": Kind(_G.BOOKINGS, _while(row=_RATING_SHOWN)),
    "rating_answered": Kind(_G.BOOKINGS, _while(row=_RATING_SHOWN)),
    "session_started": Kind(_G.BOOKINGS, _while(_B.IN_PROGRESS), Page.ROOM, texted=True),
    "session_completed": Kind(_G.BOOKINGS, _while(_B.COMPLETED), Page.RATE),
    "session_no_show": Kind(_G.BOOKINGS, _while(_B.NO_SHOW)),
    "attendance_contested": Kind(_G.BOOKINGS, _while(rule=Rule.ATTENDANCE_OPEN), must_be_mailed=True),
    "meeting_link_changed": Kind(_G.BOOKINGS, _while(_B.CONFIRMED, _B.IN_PROGRESS), Page.ROOM),
    # Reminders
    "payment_nudge": Kind(
        _G.REMINDERS, _while(_B.AWAITING_PAYMENT, row=_BILL_OPEN, rule=Rule.CAN_BE_NUDGED), Page.BILL, texted=True
    ),
    "session_reminder": Kind(_G.REMINDERS, _while(_B.CONFIRMED), texted=True),
    "session_soon": Kind(_G.REMINDERS, _while(_B.CONFIRMED), texted=True),
    # Money
    "request_approved": Kind(_G.MONEY, _while(_B.AWAITING_PAYMENT), texted=True),
    "payment_returned": Kind(_G.MONEY, _while(row=_REFUND_GOES), Page.BILL),
    "refund_done": Kind(_G.MONEY, ALWAYS_TRUE, Page.BILL, texted=True),
    "question_declined": Kind(_G.MONEY, ALWAYS_TRUE, Page.CONVERSATION, of_booking=False),
    "question_unanswered": Kind(_G.MONEY, ALWAYS_TRUE, Page.CONVERSATION, of_booking=False),
    "payment_offer": Kind(_G.MONEY, _while(row=_REFUND_ASKED), Page.BILL, texted=True),
    "payment_credited": Kind(_G.MONEY, ALWAYS_TRUE, Page.WALLET),
    "refund_delayed": Kind(_G.MONEY, _while(row=_REFUND_FAILED), Page.BILL),
    "refund_in_hand": Kind(_G.MONEY, _while(row=_REFUND_FAILED), Page.BILL),
    "payment_due": Kind(_G.MONEY, _while(_B.COMPLETED, row=_BILL_OPEN), Page.BILL, texted=True),
    "fee_due": Kind(_G.MONEY, _while(_B.NO_SHOW, _B.CANCELLED, row=_BILL_OPEN), Page.BILL),
    "difference_due": Kind(_G.MONEY, _while(row=_BILL_OPEN), Page.BILL),
    "lost_credit_due": Kind(_G.MONEY, _while(row=_BILL_OPEN), Page.BILL, of_booking=False),
    "lost_credit_paid": Kind(_G.MONEY, ALWAYS_TRUE, Page.WALLET, of_booking=False),
    "debt_waived": Kind(_G.MONEY, ALWAYS_TRUE),
    "due_paid": Kind(_G.MONEY, ALWAYS_TRUE),
    "topped_up": Kind(_G.MONEY, ALWAYS_TRUE, Page.BILL, of_booking=False),
    "gift_bought": Kind(_G.MONEY, _while(row=_GIFT_OPEN), Page.GIFTS, of_booking=False),
    "gift_received": Kind(_G.MONEY, ALWAYS_TRUE, Page.WALLET, of_booking=False),
    "gift_redeemed": Kind(_G.MONEY, ALWAYS_TRUE, Page.GIFTS, of_booking=False),
    "package_bought": Kind(_G.MONEY, ALWAYS_TRUE, Page.PACKAGES, of_booking=False),
    "package_expired": Kind(_G.MONEY, ALWAYS_TRUE, Page.WALLET, of_booking=False),
    "session_returned": Kind(_G.MONEY, ALWAYS_TRUE),
    "payment_failed": Kind(_G.MONEY, ALWAYS_TRUE, Page.BILL),
    "reservation_lapsed": Kind(_G.MONEY, _while(_B.AWAITING_PAYMENT)),
    "reservation_released": Kind(_G.MONEY, ALWAYS_TRUE),
    "payout_done": Kind(_G.MONEY, ALWAYS_TRUE, Page.WALLET, of_booking=False),
    "payout_refused": Kind(_G.MONEY, ALWAYS_TRUE, Page.WALLET, of_booking=False),
    "proof_rejected": Kind(_G.MONEY, _while(row=_BILL_OPEN), Page.BILL, texted=True),
    # My practice
    "request_received": Kind(_G.PRACTICE, _while(_B.PENDING_APPROVAL), texted=True),
    "booking_confirmed_practitioner": Kind(
        _G.PRACTICE, _while(_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED), texted=True, has_calendar=True
    ),
    "payment_returned_practitioner": Kind(_G.PRACTICE, ALWAYS_TRUE),
    "question_received": Kind(_G.PRACTICE, _while(rule=Rule.CAN_BE_ANSWERED), Page.CONVERSATION, of_booking=False),
    "question_waits": Kind(_G.PRACTICE, _while(rule=Rule.CAN_BE_ANSWERED), Page.CONVERSATION, of_booking=False),
    "question_missed": Kind(_G.PRACTICE, ALWAYS_TRUE, Page.CONVERSATION, of_booking=False),
    "give_back": Kind(_G.PRACTICE, _while(row=_REFUND_FAILED)),
    "package_sold": Kind(_G.PRACTICE, ALWAYS_TRUE, Page.OWN_PACKAGES, of_booking=False),
    "proof_received": Kind(_G.PRACTICE, _while(row=_PROOF_WAITS), Page.PROOFS, texted=True),
    "proof_waiting": Kind(_G.PRACTICE, _while(row=_PROOF_WAITS), Page.PROOFS),
    "payment_challenged": Kind(_G.PRACTICE, _while(row=_DISPUTE_OPEN), Page.DISPUTE, must_be_mailed=True),
    "session_unmarked": Kind(_G.PRACTICE, _while(_B.CONFIRMED, _B.IN_PROGRESS), Page.ROOM),
    "group_emptied": Kind(
        _G.PRACTICE, _while(_B.CONFIRMED, _B.IN_PROGRESS, _B.COMPLETED), must_be_mailed=True, has_calendar=True
    ),
    "calendar_unread": Kind(
        _G.PRACTICE, _while(rule=Rule.FEED_FAILS), Page.CALENDARS, must_be_mailed=True, of_booking=False
    ),
    "booking_expired_practitioner": Kind(_G.PRACTICE, _while(_B.EXPIRED)),
    # Passwords, accounts, and what staff must know
    "refund_failed": Kind(_G.ALWAYS, _while(row=_REFUND_FAILED), Page.STAFF_MONEY),
    "attendance_review": Kind(_G.ALWAYS, _while(rule=Rule.ATTENDANCE_OPEN), Page.STAFF_MONEY),
    "review_opened": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_MONEY),
    "password_changed": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "identity_added": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "address_changed": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "second_factor_added": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "second_factor_removed": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "recovery_code_used": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "account_suspended": Kind(_G.ALWAYS, ALWAYS_TRUE, of_booking=False),
    "account_restored": Kind(_G.ALWAYS, ALWAYS_TRUE, of_booking=False),
    "role_changed": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.SECURITY, of_booking=False),
    "registration_attempt": Kind(_G.ALWAYS, ALWAYS_TRUE, of_booking=False),
    "prompt_unheard": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_MONEY),
    "refund_elsewhere": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_MONEY),
    "refund_silent": Kind(_G.ALWAYS, _while(row=_REFUND_UNHEARD), Page.STAFF_MONEY),
    "refund_unclear": Kind(_G.ALWAYS, _while(row=_REFUND_UNHEARD), Page.STAFF_MONEY),
    "refund_withheld": Kind(_G.ALWAYS, _while(row=_REFUND_ASKED), Page.STAFF_MONEY),
    "refund_no_balance": Kind(_G.ALWAYS, _while(row=_REFUND_ASKED), Page.STAFF_MONEY),
    "refund_no_access": Kind(_G.ALWAYS, _while(row=_REFUND_UNHEARD), Page.STAFF_MONEY),
    "refund_waived": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_MONEY),
    "dispute_opened": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_DISPUTE),
    "dispute_deadline": Kind(_G.ALWAYS, _while(row=_DISPUTE_OPEN), Page.STAFF_DISPUTE),
    "dispute_ended": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_DISPUTE),
    "callbacks_silent": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.DOCTOR, of_booking=False),
    "account_trouble": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.DOCTOR, of_booking=False),
    "webhooks_lost": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.DOCTOR, of_booking=False),
    "books_restored": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_MONEY, of_booking=False),
    "audit_breach": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.STAFF_MONEY, of_booking=False),
    "rating_hidden": Kind(_G.ALWAYS, _while(row=_RATING_HIDDEN)),
    "rating_shown": Kind(_G.ALWAYS, _while(row=_RATING_SHOWN)),
    "account_erased": Kind(_G.ALWAYS, ALWAYS_TRUE, of_booking=False),
    "account_unused": Kind(_G.ALWAYS, ALWAYS_TRUE, Page.MY_DATA, of_booking=False),
}

_OF_STAFF = frozenset({Page.STAFF_DISPUTE, Page.STAFF_MONEY, Page.DOCTOR})


def hidden_from(role: Role) -> list[str]:
    """Kinds that were told to a part which somebody in this role does not play, or not any more (SEC-19)."""
    if role is Role.STAFF:
        return []
    staffs = [kind for kind, row in KINDS.items() if row.page in _OF_STAFF]
    practices = [kind for kind, row in KINDS.items() if row.group is Group.PRACTICE]
    return staffs if role is Role.PRACTITIONER else staffs + practices


# Rows of a kind that is not told any more stay in the list and go out as they were meant.
_FORGOTTEN = Kind(Group.ALWAYS, ALWAYS_TRUE)


def of(kind: str) -> Kind:
    """Return the kind's row."""
    return KINDS.get(kind, _FORGOTTEN)
