"""What cancelling costs: the policy frozen on a booking, and the one function both preview and refund use."""

from datetime import datetime
from typing import Any

from app import terms
from app.lifecycle import Actor
from app.models import Booking, Service
from app.money import Money

_FROZEN = (
    "free_cancel_hours",
    "later_tiers",
    "no_show_percent",
    "free_moves",
    "free_move_hours",
    "answer_hours",
    "pay_hours",
)


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
    return actor is Actor.CLIENT and booking.confirmed_at is not None and now > free_until(booking)


def steps(booking: Booking) -> list[terms.Step]:
    """Until when the client gets how much back, the most generous first."""
    return terms.steps(booking.policy, booking.starts_at)


def steps_for(service: Service, start: datetime) -> list[terms.Step]:
    """The same for a time of the service that nobody has booked yet."""
    return terms.steps(freeze(service), start)


def free_until(booking: Booking) -> datetime:
    """Until when the client may cancel without cost (UTC)."""
    return steps(booking)[0].until
