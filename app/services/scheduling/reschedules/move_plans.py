"""What moving a session would come to: its time, length and price, and whether it needs a yes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.lifecycle import Actor
from app.domain.money import Money
from app.lib import clock
from app.models import Booking
from app.services.bookings import cancellation_policy
from app.services.core import payment_methods
from app.services.core.errors import Invalid
from app.services.practice import slots
from app.services.scheduling import price_changes

SHORTEST = 5  # minutes, as the next two
LONGEST = 720
STEP = 5


@dataclass(frozen=True)
class Plan:
    """What a move would come to."""

    start: datetime
    minutes: int
    price: Money
    at_once: bool  # the terms let the client move it without asking
    # The start from which the terms of cancelling then count, where that is not the new one.
    counted_from: datetime | None = None


def plan_for(booking: Booking, actor: Actor, start: datetime, minutes: int | None = None) -> Plan:
    """What moving the session there would come to. Raises Invalid beside the field."""
    slots.check_sane(start)
    if start <= clock.now():
        raise Invalid("slot_past", field="start")
    if start.second or start.microsecond:
        raise Invalid("whole_minutes", field="start")
    now_long = booking.minutes
    minutes = now_long if minutes is None else minutes
    if not (SHORTEST <= minutes <= LONGEST and minutes % STEP == 0) and minutes != now_long:
        raise Invalid("minutes_invalid", field="minutes", least=SHORTEST, most=LONGEST, step=STEP)
    if (start, minutes) == (booking.starts_at, now_long):
        raise Invalid("same_time", field="start")
    if actor is Actor.CLIENT and start != booking.starts_at:
        # Who gives the session may know better than their hours.
        slots.check_given(booking.service, start, minutes, booking)
    price = price_changes.for_length(booking.agreed_price, booking.agreed_minutes, minutes)
    if price != booking.price and not booking.mode.is_paid_after and not payment_methods.accepting(price):
        raise Invalid("no_method", currency=price.currency)
    at_once = actor is Actor.CLIENT and minutes == now_long and moves_freely(booking)
    counted = cancellation_policy.counted_from(booking)
    stays = at_once and cancellation_policy.is_past_free(booking, clock.now()) and counted < start
    return Plan(start, minutes, price, at_once, counted if stays else None)


def moves_freely(booking: Booking) -> bool:
    """Whether the terms let the client move the session now without asking."""
    policy = cancellation_policy.agreed(booking)
    left = policy.free_moves - booking.moves
    until = booking.starts_at - timedelta(hours=policy.free_move_hours)
    return left > 0 and clock.now() <= until
