"""The front page, what the house says of itself, and what anybody may choose: language, time zone, a clock of 12 or 24 hours."""

from zoneinfo import available_timezones

from flask import Blueprint, Response, render_template, request, session
from flask.typing import ResponseReturnValue

from app.blueprints.common.access import is_known, person
from app.blueprints.common.answers import clock_face
from app.blueprints.common.redirects import go_next
from app.lib.calendars import zones
from app.lib.papers import colours, plain_markup
from app.models import HouseText, Role
from app.services import house
from app.services.accounts import people
from app.services.core import payment_methods
from app.services.core.errors import NotFound

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What Kikao is."""
    return render_template("common/home.html")


@blueprint.get("/contact")
def contact() -> ResponseReturnValue:
    """How the house is reached."""
    return render_template("common/contact.html")


@blueprint.get("/legal/<any(privacy, terms, imprint):kind>")
def legal(kind: str) -> ResponseReturnValue:
    """One of the house's own texts."""
    text = house.text_of(HouseText(kind))
    return render_template("common/legal.html", kind=kind, text=plain_markup.html(text))


@blueprint.get("/house/logo/<name>.webp")
def logo(name: str) -> ResponseReturnValue:
    """The logo, kept by browsers for ever: another one has another name."""
    return _for_ever(Response(house.logos.shown(name), content_type="image/webp"))


@blueprint.get("/house/<colour>.css", endpoint="colours")
def show_colours(colour: str) -> ResponseReturnValue:
    """What becomes of a colour on light pages and dark ones, kept for ever: of the same colour always the same."""
    if not colours.is_colour(f"#{colour}") or not colours.is_readable(f"#{colour}"):
        raise NotFound
    light = _variables(colours.light(f"#{colour}"))
    dark = _variables(colours.dark(f"#{colour}"))
    sheet = f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    return _for_ever(Response(sheet, content_type="text/css; charset=utf-8"))


def _variables(palette: colours.Palette) -> str:
    """What kikao.css calls them."""
    named = {"brand": palette.brand, "brand-hover": palette.hover, "on-brand": palette.on_brand, "tint": palette.tint}
    return " ".join(f"--{name}: {value};" for name, value in named.items())


def _for_ever(response: Response) -> Response:
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = 31_536_000
    return response


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
    if chosen in house.known().spoken:
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
