"""Calendar files."""

from uuid import UUID

from flask import Blueprint, Response, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.lib.calendars.add_links import Link
from app.models import Booking, User
from app.services import bookings
from app.services.notifications import calendar_feeds

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/bookings/<uuid:booking_id>/calendar.ics", endpoint="booking")
@members_only
def of_booking(booking_id: UUID) -> Response:
    """The booking, for any calendar."""
    answer = Response(calendar_feeds.file(bookings.get(booking_id, person()), person()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="session.ics"'
    return answer


@blueprint.app_template_global("add_links")
def add_links(booking: Booking, user: User | None = None) -> list[Link]:
    """Where the reader of a page, or of a mail, can put the session into a calendar by a link."""
    return calendar_feeds.links(booking, user or person())


@blueprint.app_template_global("calendar_address")
def calendar_address() -> str:
    """The private address of the reader's own calendar."""
    return calendar_feeds.address_of(person())


@blueprint.get("/calendar/<key>.ics")
def feed(key: str) -> Response:
    """Somebody's sessions, for who knows the secret address; nothing there may keep a copy for others."""
    answer = Response(calendar_feeds.feed_of(key), mimetype="text/calendar")
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@blueprint.post("/profile/calendar")
@members_only
def renew() -> ResponseReturnValue:
    """A new address in place of the one that was seen, or none."""
    if request.form.get("do") == "stop":
        calendar_feeds.stop_address(person())
        flash(_("Your sessions no longer have a calendar address."), "success")
    else:
        calendar_feeds.renew_address(person(), request.form.get("seen", ""))
        flash(_("This is the calendar address for your sessions."), "success")
    return go("people.profile", _anchor="calendar")
