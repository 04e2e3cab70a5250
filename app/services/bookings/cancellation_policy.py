"""What cancelling costs: the policy frozen on a booking, and the one function both preview and refund use."""

from datetime import datetime
from typing import Any

from app.domain import terms
from app.domain.lifecycle import Actor
from app.domain.money import Money
from app.models import Booking, Service

_FROZEN = (
    "free_cancel_hours",
    "later_tiers",
    "no_show_percent",
    "free_moves",
    "free_move_hours",
    "answer_hours",
    "pay_hours",
)
_COUNTED = "counted_from"  # kept with the terms of a booking once they count from another start than its own


def freeze(service: Service) -> dict[str, Any]:
    """The service's policy as it is kept on a booking: later edits of the service do not touch it."""
    return {name: getattr(service, name) for name in _FROZEN}


def comes_back(booking: Booking, paid: Money, actor: Actor, now: datetime) -> Money:
    """What of `paid` goes back if `actor` cancels at `now`: all of it, unless the client is later than the policy allows."""
    if actor is not Actor.CLIENT:
        return paid
    return terms.part(paid, terms.percent_at(steps(booking), now))


def comes_back_after_no_show(booking: Booking, paid: Money) -> Money:
    """What of `paid` goes back to a client who did not come."""
    return terms.part(paid, int(booking.policy.get("no_show_percent", 0)))


def is_late(booking: Booking, actor: Actor, now: datetime) -> bool:
    """Whether the client cancels a session that stands later than is free (report S2-22)."""
    return actor is Actor.CLIENT and booking.confirmed_at is not None and is_past_free(booking, now)


def steps(booking: Booking) -> list[terms.Step]:
    """Until when the client gets how much back, the most generous first."""
    return terms.steps(booking.policy, counted_from(booking))


def counted_from(booking: Booking) -> datetime:
    """The start from which the terms count: the session's own, or an earlier one that the client moved it away from too late."""
    kept = booking.policy.get(_COUNTED)
    return min(booking.starts_at, datetime.fromisoformat(kept)) if kept else booking.starts_at


def is_past_free(booking: Booking, now: datetime) -> bool:
    """Whether the client may no longer cancel without cost; a move they need not ask for does not make it free again."""
    return now > free_until(booking)


def pin_start(booking: Booking) -> None:
    """The terms go on counting from where they do now; inside the caller's transaction, before the session is moved."""
    booking.policy = booking.policy | {_COUNTED: counted_from(booking).isoformat()}


def unpin_start(booking: Booking) -> None:
    """The terms count from the session's start again: both sides agreed to it. Inside the caller's transaction."""
    booking.policy = {name: value for name, value in booking.policy.items() if name != _COUNTED}


def steps_for(service: Service, start: datetime) -> list[terms.Step]:
    """The same for a time of the service that nobody has booked yet."""
    return terms.steps(freeze(service), start)


def free_until(booking: Booking) -> datetime:
    """Until when the client may cancel without cost (UTC)."""
    return steps(booking)[0].until
