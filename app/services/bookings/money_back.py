"""What comes back of a booking's payments, and which way: what is said before is what is then done (ROW-3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.domain.lifecycle import AttemptStatus, RefundMeans
from app.domain.money import Money
from app.models import Attempt, Booking, Refund
from app.services.bookings.booking_queries import attempts_of, paid_attempts, paid_of
from app.services.core.transaction import Who
from app.services.ledger import journal, refunds

Share = Callable[[Money], Money]  # what of a payment the terms give back


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

    @property
    def means(self) -> dict[RefundMeans, Money]:
        """How much goes each way, in the order of the payments."""
        found: dict[RefundMeans, Money] = {}
        for part in self.parts:
            found[part.means] = found[part.means] + part.money if part.means in found else part.money
        return found


def parts(booking: Booking, share: Share) -> list[Part]:
    """What `share` gives back of what is left of each payment."""
    return _parts(paid_attempts(booking), share)


def _parts(paid: list[Attempt], share: Share) -> list[Part]:
    back = ((attempt, share(refunds.left_of(attempt))) for attempt in paid)
    return [_part(attempt, money) for attempt, money in back if money.amount > 0]


def _part(attempt: Attempt, money: Money) -> Part:
    return Part(attempt, money, refunds.means_of(attempt, money, attempt.charge_ref or ""))


def ask(planned: Iterable[Part], why: str, who: Who) -> list[Refund]:
    """Each part is on its way back, or in the wallet. In the caller's transaction."""
    return [refunds.ask(part.attempt, part.attempt.charge_ref or "", part.money, why, who) for part in planned]


def outcome(booking: Booking, share: Share, owed: Money | None) -> Outcome:
    """What giving back that share, and owing this, comes to."""
    tries = attempts_of(booking)
    paid = paid_of(tries)
    planned = _parts(paid, share)
    nothing = Money(0, booking.currency)
    # Money of another amount than was asked for that staff sent back has paid for nothing.
    was_paid = bool(planned) or any(journal.is_allocated(attempt.id) for attempt in paid)
    back = sum((part.money for part in planned), nothing) if was_paid else None
    reserved = [attempt.money for attempt in tries if attempt.status is AttemptStatus.AUTHORISED]
    return Outcome(back, owed, sum(reserved, nothing) if reserved else None, planned)
