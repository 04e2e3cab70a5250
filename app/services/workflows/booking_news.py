"""Whether anything has happened to bookings since somebody looked: one question for all whose browsers wait."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.extensions import db
from app.models import Change

_AT_ONCE = 500  # ids in one statement


def version(booking_id: UUID) -> str:
    """A word that differs once something has happened to the booking, its money or a proposal to move it."""
    return versions([booking_id]).get(booking_id, "0")


def versions(booking_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The word of each booking of which anything is told."""
    found: dict[UUID, str] = {}
    for first in range(0, len(booking_ids), _AT_ONCE):
        asked = Change.booking_id.in_(booking_ids[first : first + _AT_ONCE])
        last = select(Change.booking_id, func.max(Change.id)).where(asked).group_by(Change.booking_id)
        found |= {booking_id: str(number) for booking_id, number in db.session.execute(last) if booking_id}
    return found
