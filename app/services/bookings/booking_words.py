"""What pages say about a booking, computed from its rows: where its money is, and whose turn it is."""

from app.domain.lifecycle import TABS, Actor, BookingStatus
from app.models import Booking, Checkout, User
from app.services.bookings.booking_queries import is_owed, money_of, to_pay
from app.services.bookings.status_changes import role_in, status_now
from app.services.ledger import checkouts, money_words, refunds

_B = BookingStatus
_BACK = frozenset({"refund_failed", "in_hand", "refund_offered", "refund_pending", "credited"})


def money_shown(booking: Booking) -> str:
    """The word about the booking's money, finer than money_of: a key of words.MONEY."""
    word = money_of(booking)
    return word if word in ("none", "due") else money_words.finer(word, refunds.of_booking(booking.id))


def is_over(booking: Booking) -> bool:
    """Whether the booking has ended without a session."""
    return status_now(booking) in TABS["cancelled"]


def situation(booking: Booking, user: User) -> str:
    """Whose move it is, in a word: a key of booking_states.BOOKINGS; empty where the facts say it all.

    Raises NotFound.
    """
    money = money_shown(booking)
    bill = to_pay(booking, user)
    over = is_over(booking)
    if over and money in _BACK:
        return money
    if bill is not None:
        return "go_on" if money == "processing" else _to_pay_word(bill)
    if money == "needs_review":
        return "review"
    return _by_status(booking, role_in(booking, user), money)


def _to_pay_word(bill: Checkout) -> str:
    return f"pay_{bill.kind}" if checkouts.is_owed(bill) else "pay"


def _by_status(booking: Booking, part: Actor, money: str) -> str:
    status = status_now(booking)
    if status is _B.PENDING_APPROVAL:
        return ("asked" if part is Actor.CLIENT else "to_answer") + ("_reserved" if booking.mode.reserves else "")
    if status is _B.CONFIRMED:
        later = "confirmed_pay_later" if booking.mode.is_paid_after else "confirmed"
        return "confirmed_paid" if money == "paid" else later
    if status is _B.AWAITING_PAYMENT:
        return {"processing": "checking", "authorised": "charging"}.get(money, "waits_for_client")
    if is_owed(booking):
        return "owed"
    return "expired" if status is _B.EXPIRED else ""
