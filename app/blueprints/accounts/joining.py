"""The link of an invitation: opening it changes nothing; a button makes the account, or gives the one there is the role."""

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common.entering import admit, leave
from app.blueprints.common.redirects import go
from app.services.accounts import invitation_answers
from app.services.core.errors import Conflict

blueprint = Blueprint("joining", __name__, url_prefix="/invitations")


@blueprint.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """What is offered, and what would become of the account there is."""
    return render_template("accounts/joining/invitation.html", offer=invitation_answers.of_link(token), token=token)


@blueprint.post("/<token>")
def accept(token: str) -> ResponseReturnValue:
    """A new account is logged in here; who had one logs in anew, with whatever that needs."""
    offer = invitation_answers.of_link(token)
    is_new = offer.account is None
    try:
        user = invitation_answers.accept(token, request.form.get("zone", ""))
    except Conflict as problem:
        flash(words.problem(problem.code, problem.values), "error")
        return go("people.login")
    if is_new:
        return admit(user, _("Welcome, %(name)s. You are logged in.", name=user.name))
    leave()
    flash(_("Your account type has changed. Log in again."), "success")
    return go("people.login")
