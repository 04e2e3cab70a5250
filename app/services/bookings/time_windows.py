"""From when on something about a session is possible: settings, and the booking's own times.

All in UTC.
"""

from datetime import datetime, timedelta

from flask import current_app

from app.domain.lifecycle import BookingStatus
from app.models import Booking


def link_from(booking: Booking) -> datetime:
    """From when on those who take part see the link (setting KIKAO_LINK_MINUTES)."""
    return booking.starts_at - timedelta(minutes=current_app.config["LINK_MINUTES"])


def possible_from(booking: Booking, action: str) -> datetime:
    """From when on `action` is not too early; only starting and no-show ever are.

    A client who did not come has had some minutes' grace; once somebody has started the session it is the agreed time.
    """
    if action == "start":
        return booking.starts_at - timedelta(minutes=current_app.config["START_MINUTES"])
    if action == "no-show":
        begun = booking.status is BookingStatus.IN_PROGRESS
        return booking.starts_at + timedelta(minutes=0 if begun else current_app.config["NO_SHOW_MINUTES"])
    return booking.created_at
