"""What comes back of a booking's payments, and which way, or is owed: what is said before is what is then done (ROW-3).

The terms count from what was agreed: what was paid, and what is asked for and not paid yet (bookings 4).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.domain.lifecycle import TABS, AttemptStatus, RefundMeans
from app.domain.money import Money
from app.models import Attempt, Booking, Checkout, Refund
from app.services.bookings.booking_queries import attempts_of, paid_of
from app.services.core import payment_methods
from app.services.core.transaction import Who
from app.services.ledger import attendance_reviews, balance_due, checkouts, journal, refunds

Share = Callable[[Money], Money]  # what of the money that was agreed the terms give back


@dataclass(frozen=True)
class Part:
    """What comes back of one payment, and the way it goes."""

    attempt: Attempt
    money: Money
    means: RefundMeans

    @property
    def word(self) -> str:
        """How the way is said, a key of words.COMING_BACK."""
        return refunds.way_word(self.attempt, self.money, self.attempt.charge_ref or "")


@dataclass(frozen=True)
class Outcome:
    """What ending a booking now would do to its money."""

    back: Money | None  # in all; None where nothing was paid
    owed: Money | None  # what is to be paid then; None where nothing
    released: Money | None = None  # reserved on a card, and let go; None where nothing is
    parts: list[Part] = field(default_factory=list)  # of `back`, one for each payment
    dropped: Money | None = None  # asked for, not paid, and not to be paid any more; None where nothing
    kept: Money | None = None  # of what was paid, what stays; None where nothing was paid

    @property
    def means(self) -> dict[RefundMeans, Money]:
        """How much goes each way, in the order of the payments."""
        found: dict[RefundMeans, Money] = {}
        for part in self.parts:
            found[part.means] = found[part.means] + part.money if part.means in found else part.money
        return found


def difference_of(booking: Booking) -> Checkout | None:
    """The bill for what a session that is not settled yet costs more since it was moved, while it is not paid."""
    bill = checkouts.open_for(booking) if _is_unsettled(booking) else None
    return bill if bill is not None and checkouts.is_owed(bill) else None


def _is_unsettled(booking: Booking) -> bool:
    """Whether the terms have still to be followed: the session stands, or staff are to say who came."""
    return booking.status in TABS["upcoming"] or attendance_reviews.is_open(booking.id)


def _asked_for(booking: Booking, bill: Checkout | None) -> Money:
    """What of the price of a session that is not settled yet is not paid and will be asked for, or is."""
    if booking.mode.is_paid_after and _is_unsettled(booking):
        return booking.price
    return bill.money if bill is not None else Money(0, booking.currency)


def _parts(paid: list[Attempt], kept: Money) -> list[Part]:
    """What comes back of each payment so that `kept` stays of all: in proportion, and to the unit."""
    left = [refunds.left_of(attempt) for attempt in paid]
    whole = sum(money.amount for money in left)
    back = max(0, whole - kept.amount)
    found = []
    counted = given = 0
    for attempt, money in zip(paid, left, strict=True):
        counted += money.amount
        part = -(-back * counted // whole) - given if whole else 0
        given += part
        if part > 0:
            found.append(_part(attempt, Money(part, money.currency)))
    return found


def _part(attempt: Attempt, money: Money) -> Part:
    return Part(attempt, money, refunds.means_of(attempt, money, attempt.charge_ref or ""))


def ask(planned: Iterable[Part], why: str, who: Who) -> list[Refund]:
    """Each part is on its way back, or in the wallet. In the caller's transaction."""
    return [refunds.ask(part.attempt, part.attempt.charge_ref or "", part.money, why, who) for part in planned]


def outcome(booking: Booking, share: Share) -> Outcome:
    """What giving back that share of what was agreed comes to, when the session does not take place."""
    tries = attempts_of(booking)
    paid = paid_of(tries)
    nothing = Money(0, booking.currency)
    bill = difference_of(booking)
    here = _here(booking, paid)
    agreed = here + _asked_for(booking, bill)
    kept = agreed - share(agreed)
    planned = _parts(paid, kept)
    owed = _owed(kept, here)
    # Money of another amount than was asked for that staff sent back has paid for nothing.
    was_paid = bool(planned) or any(journal.is_allocated(attempt.id) for attempt in paid)
    back = sum((part.money for part in planned), nothing) if was_paid else None
    reserved = [attempt.money for attempt in tries if attempt.status is AttemptStatus.AUTHORISED]
    dropped = bill.money if bill is not None and bill.money != owed else None
    stays = here - back if back is not None else None
    return Outcome(back, owed, sum(reserved, nothing) if reserved else None, planned, dropped, stays)


def due_after_all(booking: Booking) -> Money | None:
    """What is to be paid of a session paid for afterwards that was noted as missed and took place; None where nothing is.

    It is the rest of its price. Who was forgiven what not coming cost them owes nothing.
    """
    if not booking.mode.is_paid_after or balance_due.was_fee_forgiven(booking):
        return None
    here = _here(booking, paid_of(attempts_of(booking)))
    return _owed(booking.price, here) if here.amount else booking.price


def _here(booking: Booking, paid: list[Attempt]) -> Money:
    """What was paid for the booking and has not gone back."""
    return sum((refunds.left_of(attempt) for attempt in paid), Money(0, booking.currency))


def _owed(kept: Money, here: Money) -> Money | None:
    """What is still to be paid of what the terms keep, as far as it can be paid; None where nothing is."""
    if kept.amount <= here.amount:
        return None
    owed = payment_methods.collectable(kept - here)
    return owed if owed.amount else None
