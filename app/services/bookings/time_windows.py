"""From when on, and until when, something about a session is possible: settings, and the booking's own times.

All in UTC.
"""

from datetime import datetime, timedelta

from flask import current_app

from app.domain.lifecycle import Actor, BookingStatus, allowed_actions
from app.lib import clock
from app.models import Booking, User
from app.services.bookings import intake_forms
from app.services.bookings.status_changes import role_in, status_now
from app.services.core.errors import Conflict
from app.services.ledger import attendance_reviews

AFTER_THE_END = timedelta(hours=1)  # so long a client may still start or cancel a session: it may have begun late
_UNTIL_THEN = frozenset({"start", "cancel"})  # and not later: the practice marks what it was


def link_from(booking: Booking) -> datetime:
    """From when on those who take part see the link (setting KIKAO_LINK_MINUTES)."""
    return booking.starts_at - timedelta(minutes=current_app.config["LINK_MINUTES"])


def possible_from(booking: Booking, action: str) -> datetime:
    """From when on `action` is not too early; what is not said of a session before it has begun, and starting.

    A client who did not come has had some minutes' grace (KIKAO_NO_SHOW_MINUTES), and so has a practitioner; once the practice
    has started the session it is the agreed time. What the client did ends nobody's grace.
    """
    grace = timedelta(minutes=current_app.config["NO_SHOW_MINUTES"])
    begun = booking.status is BookingStatus.IN_PROGRESS and booking.started_by != Actor.CLIENT
    earliest = {
        "start": booking.starts_at - timedelta(minutes=current_app.config["START_MINUTES"]),
        "complete": booking.starts_at,
        "no-show": booking.starts_at if begun else booking.starts_at + grace,
        "nobody-came": booking.starts_at + grace,
    }
    return earliest.get(action, booking.created_at)


def possible_until(booking: Booking, action: str, actor: Actor) -> datetime | None:
    """Until when `action` is not too late for this side; None where nothing ends it but the booking's status."""
    if actor is Actor.CLIENT and action in _UNTIL_THEN:
        return booking.ends_at + AFTER_THE_END
    days = timedelta(days=current_app.config["SETTLE_DAYS"])
    if action == "nobody-came":
        return booking.ends_at + days
    if action == "was-there":
        return (booking.missed_at or booking.ends_at) + days
    return None


def is_too_late(booking: Booking, action: str, actor: Actor) -> bool:
    """Whether the time for `action` is over for this side."""
    until = possible_until(booking, action, actor)
    return until is not None and clock.now() > until


def check(booking: Booking, action: str, actor: Actor) -> None:
    """It is time for `action`. Raises Conflict (too_early, session_over)."""
    if clock.now() < possible_from(booking, action):
        raise Conflict("too_early")
    if is_too_late(booking, action, actor):
        raise Conflict("session_over")


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do with the booking now; nobody is offered what a missing form would refuse.

    Raises NotFound.
    """
    actor = role_in(booking, user)
    allowed = allowed_actions(status_now(booking), actor, in_review=attendance_reviews.is_open(booking.id))
    timely = [action for action in allowed if not is_too_late(booking, action, actor)]
    return [action for action in timely if not intake_forms.missing(booking, action)]
