"""What cancelling costs: the policy frozen on a booking, and the one function both preview and refund use."""

from datetime import datetime, timedelta
from typing import Any

from app.lifecycle import Actor
from app.models import Booking, Service
from app.money import Money


def freeze(service: Service) -> dict[str, Any]:
    """The service's policy as it is kept on a booking: later edits of the service do not touch it."""
    return {
        "free_cancel_hours": service.free_cancel_hours,
        "answer_hours": service.answer_hours,
        "pay_hours": service.pay_hours,
    }


def comes_back(booking: Booking, paid: Money, actor: Actor, now: datetime) -> Money:
    """What of `paid` goes back if `actor` cancels at `now`: all of it, unless the client is later than the policy allows."""
    if actor is not Actor.CLIENT or now <= free_until(booking):
        return paid
    return Money(0, paid.currency)


def free_until_for(service: Service, start: datetime) -> datetime:
    """The same for a time of the service that nobody has booked yet (UTC)."""
    return start - timedelta(hours=service.free_cancel_hours)


def free_until(booking: Booking) -> datetime:
    """Until when the client may cancel without cost (UTC)."""
    return booking.starts_at - timedelta(hours=int(booking.policy.get("free_cancel_hours", 24)))
