"""Blocking a person, undoing it, and the list of those who are blocked."""

from flask import flash, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import person
from app.blueprints.common.redirects import go_next
from app.blueprints.practice.dashboard import blueprint
from app.services import practice


@blueprint.get("/blocked")
def blocked() -> ResponseReturnValue:
    """Whom the practitioner takes nothing new from."""
    return render_template("practice/blocked.html", practice=g.practice, blocked=practice.blocked_by(g.practice))


@blueprint.post("/clients/<int(max=2147483647):client_id>/block")
def block(client_id: int) -> ResponseReturnValue:
    """The client can ask for nothing any more."""
    practice.block(person(), client_id)
    flash(_("Blocked. Existing bookings stay booked."), "success")
    return go_next("practice.blocked")


@blueprint.post("/clients/<int(max=2147483647):client_id>/unblock")
def unblock(client_id: int) -> ResponseReturnValue:
    """They can ask again."""
    practice.unblock(person(), client_id)
    flash(_("No longer blocked: they can book again."), "success")
    return go_next("practice.blocked")
