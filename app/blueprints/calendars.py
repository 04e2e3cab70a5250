"""Calendar files."""

from uuid import UUID

from flask import Blueprint, Response

from app.blueprints.doors import members_only, person
from app.services import bookings, calendars

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/bookings/<uuid:booking_id>/calendar.ics", endpoint="booking")
@members_only
def of_booking(booking_id: UUID) -> Response:
    """The booking, for any calendar."""
    answer = Response(calendars.file(bookings.get(booking_id, person()), person()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    return answer
