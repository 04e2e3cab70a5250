"""A practitioner's other calendars: given, looked at, taken away."""

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, URLField

from app.blueprints.common.access import needs, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.models import Booking, Role
from app.services.backoffice.overview import diary
from app.services.core.errors import Conflict, Invalid
from app.services.practice import external_calendars

blueprint = Blueprint("practice_calendars", __name__, url_prefix="/practice/calendars")


class FeedForm(Form):
    """The address of another calendar."""

    url = URLField(_l("Calendar address"))


@blueprint.app_template_global("unread_calendars")
def unread_calendars() -> int:
    """How many calendars of the practice that is looked at could not be read the last time."""
    return external_calendars.unread(g.practice) if g.get("practice") else 0


@blueprint.app_template_global("busy_elsewhere")
def busy_elsewhere(booking: Booking) -> bool:
    """Whether another calendar of the practitioner has something at the time of this request."""
    return external_calendars.is_elsewhere(booking)


@blueprint.before_request
@needs(Role.PRACTITIONER)
def enter() -> ResponseReturnValue | None:
    """Only practitioners come in; one without a practice founds it first."""
    g.practice = diary.practice_of(person())
    return go("practice.found") if g.practice is None else None


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Each with when it was read last, and what was in the way."""
    return render_template("practice/schedule/calendars.html", form=FeedForm(), **_page())


@blueprint.post("")
def add() -> ResponseReturnValue:
    """The calendar is read from now on."""
    form = FeedForm(request.form)
    try:
        external_calendars.add(g.practice, form.url.data or "")
    except (Invalid, Conflict) as problem:
        return again("practice/schedule/calendars.html", form, problem, **_page())
    flash(_("Saved. We will read it in a moment, then every 15 minutes."), "success")
    return go("practice_calendars.index")


@blueprint.post("/<int(max=2147483647):feed_id>/remove")
def remove(feed_id: int) -> ResponseReturnValue:
    """The calendar is read no more."""
    external_calendars.remove(g.practice, feed_id)
    flash(_("We no longer read this calendar."), "success")
    return go("practice_calendars.index")


def _page() -> dict[str, object]:
    return {
        "feeds": [(feed, external_calendars.is_failing(feed)) for feed in external_calendars.of(g.practice)],
        "practice": g.practice,
    }
