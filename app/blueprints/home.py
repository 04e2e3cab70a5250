"""The front page, and what a visitor may choose for this browser: language and time zone."""

from zoneinfo import available_timezones

from flask import Blueprint, Response, render_template, request, session
from flask.typing import ResponseReturnValue

from app.blueprints.common.access import is_known, person
from app.blueprints.common.redirects import go_next
from app.domain import languages
from app.lib.calendars import zones
from app.models import Role
from app.services.accounts import people
from app.services.core import payment_methods

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What Kikao is."""
    return render_template("common/home.html")


@blueprint.get("/help")
def help_page() -> ResponseReturnValue:
    """What people ask, for the part that the reader plays; a visitor reads what clients read."""
    part = person().role if is_known() else Role.CLIENT
    ways = payment_methods.offered().values()
    return render_template(
        f"common/help/{part.value}.html",
        marks={way.mark for way in ways},
        by_hand=any(way.capabilities.by_hand for way in ways),
        prompt_minutes=max((way.capabilities.prompt_seconds for way in ways), default=0) // 60,
    )


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
    """Times are shown in the browser's zone from now on; asked by script on the first page that shows times."""
    name = zones.present(request.form.get("zone", ""))
    is_new = name in available_timezones() and session.get("zone") != name
    if is_new:
        session["zone"] = name
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Refresh": "true"} if is_new else {})
    return go_next("pages.home")
