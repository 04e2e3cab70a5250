"""The front page, and what anybody may choose: language, time zone, and whether clocks count 12 or 24 hours."""

from zoneinfo import available_timezones

from flask import Blueprint, Response, render_template, request, session
from flask.typing import ResponseReturnValue

from app.blueprints.common.access import is_known, person
from app.blueprints.common.answers import clock_face
from app.blueprints.common.redirects import go_next
from app.domain import languages
from app.lib.calendars import zones
from app.services.accounts import people

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What Kikao is."""
    return render_template("common/home.html")


@blueprint.post("/language")
def set_language() -> ResponseReturnValue:
    """Pages, and for people with an account mails too, are in the chosen language from now on."""
    chosen = request.form.get("language", "")
    if chosen in languages.NAMES:
        session["language"] = chosen
        if is_known():
            people.set_language(person(), chosen)
    return go_next("pages.home")


@blueprint.post("/zone")
def set_zone() -> ResponseReturnValue:
    """Times are shown in this zone from now on; for people with an account that is their zone, in mails too.

    On the first page that shows times a visitor's script tells the browser's.
    """
    name = zones.present(request.form.get("zone", ""))
    is_new = name in available_timezones() and session.get("zone") != name
    if is_new:
        session["zone"] = name
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Refresh": "true"} if is_new else {})
    if is_known() and name in available_timezones():
        people.set_zone(person(), name)
    return go_next("pages.home")


@blueprint.post("/hours")
def set_hours() -> ResponseReturnValue:
    """Clocks count 12 or 24 hours in this browser from now on."""
    chosen = request.form.get("hours", "")
    if chosen in clock_face.HOURS:
        session[clock_face.KEPT] = chosen
    return go_next("pages.home")
