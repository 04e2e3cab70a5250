"""The waiting list: asking for a place at a full time, and leaving the list."""

from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again, instant
from app.blueprints.common.times.days import zone_for
from app.services import practice
from app.services.core.errors import Conflict, Invalid
from app.services.practice import slots
from app.services.scheduling import waitlist

blueprint = Blueprint("waiting", __name__)


@blueprint.get("/services/<int:service_id>/wait")
def confirm(service_id: int) -> ResponseReturnValue:
    """What waiting means, before anything happens."""
    found = practice.bookable(service_id)
    start = instant(request.args.get("start", ""))
    if start is None:
        return go("choosing.service", service_id=service_id)
    slots.check_sane(start)
    values = {"service": found, "start": start, "zone": zone_for(found.practitioner).key}
    return render_template("scheduling/waitlist.html", form=Form(), **values)


@blueprint.post("/services/<int:service_id>/wait")
@members_only
def join(service_id: int) -> ResponseReturnValue:
    """The client waits, once however often it is sent."""
    start = instant(request.form.get("start", ""))
    if start is None:
        return go("choosing.service", service_id=service_id)
    found = practice.bookable(service_id)
    slots.check_sane(start)
    places = request.form.get("places", 1, type=int)
    try:
        waitlist.join(person(), service_id, start, places)
    except (Invalid, Conflict) as problem:
        values = {"service": found, "start": start, "zone": zone_for(found.practitioner).key}
        return again("scheduling/waitlist.html", Form(), problem, **values)
    flash(
        _("You are on the waiting list. We will tell you as soon as a place is free, and hold it for you for a while."),
        "success",
    )
    return go("booking.mine", tab="waiting")


@blueprint.post("/waits/<uuid:wait_id>/leave")
@members_only
def leave(wait_id: UUID) -> ResponseReturnValue:
    """The client waits no more."""
    try:
        waitlist.leave(wait_id, person())
    except Conflict:
        flash(_("That is no longer possible: things have changed since you opened this page."), "warning")
        return go("booking.mine", tab="waiting")
    flash(_("You are no longer on the waiting list."), "success")
    return go("booking.mine", tab="waiting")
