"""A session that comes to cost something else: what is owed for more, and credit for less. In the caller's transaction."""

from app.lifecycle import CheckoutStatus
from app.models import Booking
from app.money import Money, exponent
from app.services import bookings, checkouts, dues, ledger, refunds, shares
from app.services.errors import Conflict
from app.services.transaction import Who


def for_length(price: Money, minutes: int, wanted: int) -> Money:
    """What a session of another length costs: in proportion, in whole coins where the price is, rounded up."""
    unit = 10 ** exponent(price.currency) if price.is_whole else 1
    units = -(-price.amount * wanted // (minutes * unit))
    return Money(units * unit, price.currency)


def change(booking: Booking, price: Money, who: Who) -> None:
    """The booking costs `price`: what was paid too much is credit, what is missing is owed, unless it is paid for afterwards.

    Raises Conflict (payment_open) while an earlier difference is being paid.
    """
    if price == booking.price:
        return
    shares.reprice(booking, price)
    if booking.mode.is_paid_after:
        return
    _close_earlier(booking, who)
    missing = price.amount - ledger.kept_for(booking.id, price.currency).amount
    if missing > 0:
        dues.open_difference(booking, Money(missing, price.currency), who)
    else:
        _credit(booking, -missing, who)


def _close_earlier(booking: Booking, who: Who) -> None:
    bill = checkouts.open_for(booking)
    if bill is None:
        return
    if any(attempt.is_live for attempt in bill.attempts):
        raise Conflict("payment_open")
    checkouts.set_status(bill, CheckoutStatus.CANCELLED, who, why="the price changed again")


def _credit(booking: Booking, amount: int, who: Who) -> None:
    """The newest payments give first."""
    for attempt in reversed(bookings.paid_attempts(booking)):
        part = min(amount, refunds.left_of(attempt).amount)
        if part > 0:
            reason = f"moved:{booking.version}"
            refunds.credit_part(attempt, Money(part, booking.currency), reason, who)
            amount -= part
