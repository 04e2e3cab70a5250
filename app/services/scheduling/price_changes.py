"""A session that comes to cost something else: what is owed for more, and credit for less.

In the caller's transaction.
"""

from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money, exponent
from app.models import Booking
from app.services import bookings
from app.services.core import payment_methods
from app.services.core.errors import Conflict
from app.services.core.transaction import Who
from app.services.ledger import balance_due, checkouts, journal, refunds, splits


def for_length(price: Money, minutes: int, wanted: int) -> Money:
    """What a session of another length costs: in proportion, rounded up, in whole coins if the price is."""
    unit = 10 ** exponent(price.currency) if price.is_whole else 1
    units = -(-price.amount * wanted // (minutes * unit))
    return Money(units * unit, price.currency)


def change(booking: Booking, price: Money, who: Who) -> None:
    """The booking costs `price`: the difference is owed, or is credit, unless it is paid for afterwards.

    Money that went back for another reason is no part of the difference: it is neither asked for nor given once more.
    Raises Conflict (payment_open) while an earlier difference is being paid.
    """
    if price == booking.price:
        return
    more = price.amount - booking.price_amount
    splits.reprice(booking, price)
    if booking.mode.is_paid_after:
        return
    more += _close_earlier(booking, who)
    missing = price.amount - journal.kept_for(booking.id, price.currency).amount
    if min(more, missing) > 0:
        owed = payment_methods.collectable(Money(min(more, missing), price.currency))
        if owed.amount:
            balance_due.open_difference(booking, owed, who)
    elif max(more, missing) < 0:
        _credit(booking, -max(more, missing), who)


def _close_earlier(booking: Booking, who: Who) -> int:
    """What an earlier change has left unpaid, in minor units; it is part of the new bill."""
    bill = checkouts.open_for(booking)
    if bill is None:
        return 0
    if any(attempt.is_live for attempt in bill.attempts):
        raise Conflict("payment_open")
    checkouts.set_status(bill, CheckoutStatus.CANCELLED, who, why="the price changed again")
    return bill.amount


def _credit(booking: Booking, amount: int, who: Who) -> None:
    """The newest payments give first."""
    for attempt in reversed(bookings.paid_attempts(booking)):
        part = min(amount, refunds.left_of(attempt).amount)
        if part > 0:
            reason = f"moved:{booking.version}"
            refunds.credit_part(attempt, Money(part, booking.currency), reason, who)
            amount -= part
