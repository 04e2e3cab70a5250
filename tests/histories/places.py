"""Places and times: asked of the database itself, in SQL of their own."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, text

from app.models.base import UtcDateTime

_OVERFULL = """
    SELECT slots.id FROM slots JOIN holds ON holds.slot_id = slots.id
     WHERE holds.released_at IS NULL AND (holds.expires_at IS NULL OR holds.expires_at > :now)
     GROUP BY slots.id, slots.capacity HAVING sum(holds.places) > slots.capacity
"""
_OVERLAPPING = """
    SELECT a.id, b.id FROM slots a JOIN slots b ON a.practitioner_id = b.practitioner_id AND a.id < b.id
     WHERE a.busy_from < b.busy_until AND b.busy_from < a.busy_until AND a.closed_at IS NULL AND b.closed_at IS NULL
"""
_TWO_PLACES_AT_ONCE = """
    SELECT a.id, b.id FROM bookings a JOIN bookings b ON a.practitioner_id = b.practitioner_id AND a.slot_id < b.slot_id
     WHERE a.starts_at < b.ends_at AND b.starts_at < a.ends_at
       AND a.status IN ('confirmed', 'in_progress') AND b.status IN ('confirmed', 'in_progress')
"""
_WITHOUT_PLACE = """
    SELECT bookings.id FROM bookings LEFT JOIN holds
        ON holds.booking_id = bookings.id AND holds.slot_id = bookings.slot_id AND holds.places = bookings.places
       AND holds.released_at IS NULL AND holds.expires_at IS NULL
     WHERE bookings.status IN ('confirmed', 'in_progress') AND holds.id IS NULL
"""
_PLACES = {
    "more places held than the slot has": _OVERFULL,
    "open slots overlap": _OVERLAPPING,
    "a practitioner is confirmed in two places at once": _TWO_PLACES_AT_ONCE,
    "confirmed without its places": _WITHOUT_PLACE,
}


def breaches(connection: Connection, now: datetime) -> Iterator[str]:
    """Breaches of capacity and overlap, found by the database."""
    moment = UtcDateTime().process_bind_param(now, connection.dialect)
    for sentence, sql in _PLACES.items():
        for row in connection.execute(text(sql), {"now": moment} if ":now" in sql else {}):
            yield f"{sentence}: {tuple(row)}"
