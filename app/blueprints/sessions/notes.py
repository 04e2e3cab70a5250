"""Private notes on a session nobody came to, written on its booking's page."""

from uuid import UUID

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.blueprints.sessions.rating_parts import NoteForm
from app.services import bookings
from app.services.core.errors import Conflict, Invalid
from app.services.sessions import notes

blueprint = Blueprint("notes", __name__)


@blueprint.post("/bookings/<uuid:booking_id>/note")
@members_only
def write(booking_id: UUID) -> ResponseReturnValue:
    """The note stands; what is wrong with it stands beside it, with what was typed."""
    form = NoteForm(request.form)
    try:
        notes.write(booking_id, person(), form.note.data or "")
    except (Invalid, Conflict) as problem:
        booking = bookings.get(booking_id, person())
        return again("sessions/note.html", form, problem, note_form=form, booking=booking)
    flash(_("Your note is saved. Only you and our staff can read it."), "success")
    return go("booking.show", booking_id=booking_id)
