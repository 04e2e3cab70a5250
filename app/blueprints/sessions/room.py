"""The session room: who comes, where, for how long; beginning and ending it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, Form, TextAreaField, URLField

from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.blueprints.common.uploads import to_save, uploaded
from app.models import Booking
from app.services import bookings
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.sessions import room, session_evidence
from app.services.workflows import decisions

blueprint = Blueprint("room", __name__, url_prefix="/bookings/<uuid:booking_id>")
_PAGE = "sessions/room.html"


class LinkForm(Form):
    """Where to meet."""

    url = URLField(_l("Meeting link"))


class CompleteForm(Form):
    """How it went, for the practitioner alone."""

    notes = TextAreaField(_l("Your notes"))
    file = FileField(_l("Picture or PDF as proof of the session"))


class AbsentForm(Form):
    """Why a session is noted as missed; the client reads it."""

    reason = TextAreaField(_l("Reason"))


@blueprint.app_template_global("word_of")
def word_of(booking: Booking) -> str:
    """The status of its badge: by the clock, with "ready"."""
    return bookings.word(booking)


@blueprint.app_template_global("has_room")
def has_room(booking: Booking) -> bool:
    """Whether there is a session to go to."""
    return room.is_open(booking)


# ------------------------------------------------------------------------------------------------ the page


@blueprint.get("/room")
@members_only
def show(booking_id: UUID) -> ResponseReturnValue:
    """What there is to know and to do now."""
    return render_template(_PAGE, tried="", **_shown(booking_id))


def _shown(booking_id: UUID, tried: str = "", form: Form | None = None) -> dict[str, Any]:
    """The room with its forms; the one that was tried comes back with what was typed."""
    found = room.of(booking_id, person())
    forms: dict[str, Form] = {"link": LinkForm(), "complete": CompleteForm(), "no-show": AbsentForm()}
    if tried and form is not None:
        forms[tried] = form
    return {
        "room": found,
        "booking": found.booking,
        "part": found.part.value,
        "forms": forms,
        "looked_at": bookings.was_begun_by_client(found.booking),
        "if_absent": bookings.if_no_show(found.booking) if "no-show" in found.can else None,
    }


@blueprint.get("/room/news")
@members_only
def news(booking_id: UUID) -> Response:
    """Asked now and then by the page: it is loaded anew when there is something else to see, and only then."""
    same = room.of(booking_id, person()).mark == request.args.get("seen")
    return Response(status=204, headers={} if same else {"HX-Refresh": "true"})


# ------------------------------------------------------------------------------------------------ acting in it


@blueprint.post("/start-call")
@members_only
def start_call(booking_id: UUID) -> ResponseReturnValue:
    """The session and its call begin; who comes second is just there."""
    return _act(booking_id, "start-call", Form(), lambda: bookings.start_call(booking_id, person()))


@blueprint.post("/end-call")
@members_only
def end_call(booking_id: UUID) -> ResponseReturnValue:
    """The call is over."""
    return _act(booking_id, "end-call", Form(), lambda: bookings.end_call(booking_id, person()))


@blueprint.post("/link")
@members_only
def link(booking_id: UUID) -> ResponseReturnValue:
    """Everybody meets there."""
    form = LinkForm(request.form)
    said = _("The link is saved. Everybody in this session will meet there.")
    return _act(booking_id, "link", form, lambda: bookings.change_link(booking_id, person(), form.url.data or ""), said)


@blueprint.post("/complete")
@members_only
def complete(booking_id: UUID) -> ResponseReturnValue:
    """The session is over; notes and proof are the practitioner's."""
    form = CompleteForm(request.form)

    def act() -> Booking:
        proof = session_evidence.checked(*uploaded("file", session_evidence.LIMIT))
        return bookings.complete(booking_id, person(), form.notes.data or "", proof)

    return _act(booking_id, "complete", form, act, _("The session is completed."))


@blueprint.post("/no-show")
@members_only
def no_show(booking_id: UUID) -> ResponseReturnValue:
    """The client did not come."""
    form = AbsentForm(request.form)
    said = _("Noted: the client did not attend.")
    return _act(
        booking_id, "no-show", form, lambda: decisions.no_show(booking_id, person(), form.reason.data or ""), said
    )


def _act(
    booking_id: UUID, name: str, form: Form, act: Callable[[], Booking], said: str | None = None
) -> ResponseReturnValue:
    """Done, and the room again; or the room with what is in the way."""
    try:
        act()
    except Forbidden:
        raise NotFound from None  # a button this person never had
    except (Invalid, Conflict) as problem:
        return again(_PAGE, form, problem, tried=name, **_shown(booking_id, name, form))
    if said:
        flash(said, "success")
    return go("room.show", booking_id=booking_id)


@blueprint.get("/session-proof")
@members_only
def proof(booking_id: UUID) -> Response:
    """The file, to be saved."""
    found = session_evidence.get(booking_id, person())
    return to_save(found.file_name, found.media_type, found.content)
