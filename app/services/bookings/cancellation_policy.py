"""What cancelling costs: the policy frozen on a booking.

What is shown before and what is paid back come from one function.
"""

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
_COUNTED = "counted_from"  # stored with the policy of a booking once it counts from an earlier start than its own


def freeze(service: Service) -> dict[str, Any]:
    """The service's policy as a booking stores it: later edits of the service do not change it."""
    return {name: getattr(service, name) for name in _FROZEN}


def agreed(booking: Booking) -> terms.CancellationPolicy:
    """What was agreed about cancelling and moving when it was booked."""
    return terms.CancellationPolicy.from_json(booking.policy)


def comes_back(booking: Booking, money: Money, actor: Actor, now: datetime) -> Money:
    """What of the money that was agreed goes back if `actor` cancels at `now`: all, unless it is the client, and too late."""
    if actor is not Actor.CLIENT:
        return money
    return terms.part(money, terms.percent_at(steps(booking), now))


def comes_back_after_no_show(booking: Booking, money: Money) -> Money:
    """What of the money that was agreed goes back to a client who did not come."""
    return terms.part(money, agreed(booking).no_show_percent)


def is_late(booking: Booking, actor: Actor, now: datetime) -> bool:
    """Whether the client cancels a confirmed session when that is no longer free (report S2-22)."""
    return actor is Actor.CLIENT and booking.confirmed_at is not None and is_past_free(booking, now)


def steps(booking: Booking) -> list[terms.Step]:
    """Until when the client gets how much back, the most generous first."""
    return agreed(booking).steps(counted_from(booking))


def counted_from(booking: Booking) -> datetime:
    """The start (UTC) the terms count from: the session's own, or the pinned one if that is earlier."""
    earlier = agreed(booking).counted_from
    return min(booking.starts_at, earlier) if earlier else booking.starts_at


def is_past_free(booking: Booking, now: datetime) -> bool:
    """Whether the time to cancel without cost is over at `now`.

    Moving the session without asking does not bring it back.
    """
    return now > free_until(booking)


def pin_start(booking: Booking) -> None:
    """The terms go on counting from the present start when the session is moved.

    Called before that, in its transaction.
    """
    booking.policy = booking.policy | {_COUNTED: counted_from(booking).isoformat()}


def unpin_start(booking: Booking) -> None:
    """The terms count from the session's own start again, as both sides agreed to it.

    In the caller's transaction.
    """
    booking.policy = {name: value for name, value in booking.policy.items() if name != _COUNTED}


def steps_for(service: Service, start: datetime) -> list[terms.Step]:
    """Until when a client who books `start` would get how much back, the most generous first."""
    return terms.CancellationPolicy.from_json(freeze(service)).steps(start)


def free_until(booking: Booking) -> datetime:
    """Until when the client may cancel without cost (UTC)."""
    return steps(booking)[0].until
