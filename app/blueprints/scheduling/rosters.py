"""A session as its practitioner sees it: everybody in it, and cancelling it for all of them."""

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import ReasonForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.services.backoffice.overview import roster
from app.services.core.errors import Conflict, Invalid
from app.services.workflows import decisions

blueprint = Blueprint("rosters", __name__, url_prefix="/sessions")


@blueprint.get("/<int(max=2147483647):slot_id>")
@members_only
def show(slot_id: int) -> ResponseReturnValue:
    """Who is in it, who comes and who has paid."""
    return render_template("scheduling/roster.html", form=ReasonForm(), roster=roster.of(slot_id, person()))


@blueprint.post("/<int(max=2147483647):slot_id>/cancel")
@members_only
def cancel(slot_id: int) -> ResponseReturnValue:
    """Everybody's booking is cancelled, and everybody who has paid gets everything back."""
    form = ReasonForm(request.form)
    try:
        made = decisions.cancel_session(slot_id, person(), form.reason.data or "")
    except (Invalid, Conflict) as problem:
        return again("scheduling/roster.html", form, problem, roster=roster.of(slot_id, person()))
    if made.failed:
        shown = {"roster": roster.of(slot_id, person()), "made": made}
        return render_template("scheduling/roster.html", form=ReasonForm(), **shown), 409
    flash(ngettext("%(num)s booking cancelled.", "%(num)s bookings cancelled.", made.done), "success")
    return go("rosters.show", slot_id=slot_id)
