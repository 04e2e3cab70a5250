"""The booking's page hears of what happens to the booking while it is open."""

from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.blueprints.common.access import members_only, person
from app.blueprints.common.answers import front_door
from app.blueprints.common.redirects import go
from app.services import bookings
from app.services.workflows import booking_news

_MOST = 60  # questions in a row of a page that nobody touches: half an hour; it asks again when it is looked at


@members_only
def news(booking_id: UUID) -> ResponseReturnValue:
    """Script gets the next question, or the page anew once there is something else to see; everybody else the page."""
    # Before anything is loaded: what happens from here on ends the wait.
    version = booking_news.version(booking_id)
    booking = bookings.get(booking_id, person())
    if "HX-Request" not in request.headers:
        return go("booking.show", booking_id=booking.id)
    if request.args.get("seen") != version:
        return Response(status=200, headers={"HX-Refresh": "true"})
    asked = min(max(0, request.args.get("asked", 0, type=int)) + 1, _MOST)
    held = front_door.may_hold()
    question = render_template(
        "common/_booking_news.html",
        booking=booking,
        seen=version,
        asked=asked,
        wait=None if asked == _MOST else 0 if held else front_door.pause(asked),
    )
    return front_door.hold(question, front_door.patience(asked), f"booking:{booking_id}", version) if held else question
