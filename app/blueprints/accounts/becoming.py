"""A client becomes a practitioner, where the house is open to whoever wants to."""

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common.access import needs, person
from app.blueprints.common.entering import leave
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.models import Joining, Role
from app.services import house
from app.services.accounts import rights
from app.services.core.errors import Conflict, NotFound

blueprint = Blueprint("becoming", __name__)


@blueprint.get("/become-a-practitioner")
@needs(Role.CLIENT)
def show() -> ResponseReturnValue:
    """What would become of the account."""
    if house.known().joining is not Joining.OPEN:
        raise NotFound
    return render_template("accounts/joining/becoming.html")


@blueprint.post("/become-a-practitioner")
@needs(Role.CLIENT)
@freshly_proved
def become() -> ResponseReturnValue:
    """They log in anew, and found their practice."""
    try:
        rights.become_practitioner(person())
    except Conflict as problem:
        flash(words.problem(problem.code, problem.values), "error")
        return go("becoming.show")
    leave()
    flash(_("Your account type has changed. Log in again."), "success")
    return go("people.login")
