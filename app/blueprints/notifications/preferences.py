"""What people choose about messages: on the profile's page, a form of its own."""

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.models import Channel, User
from app.services.notifications import preferences
from app.services.notifications import sms as texts

blueprint = Blueprint("switches", __name__)


@blueprint.app_template_global("message_switches")
def offered(user: User) -> list[tuple[str, preferences.Group, bool, bool]]:
    """Each group the person has: its name, itself, and whether its mails and its SMS are on."""
    return [
        (name, group, preferences.is_on(user, name, Channel.MAIL), preferences.is_on(user, name, Channel.SMS))
        for name, group in preferences.groups_for(user).items()
    ]


@blueprint.app_template_global("texts_are_sent")
def texts_are_sent() -> bool:
    """Whether this installation sends SMS at all."""
    return texts.messenger() is not None


@blueprint.post("/profile/messages")
@members_only
def choose() -> ResponseReturnValue:
    """The choices are stored; what was not shown stays as it was."""
    shown = preferences.groups_for(person())
    mail = {name: f"{name}.mail" in request.form for name in shown}
    sms = {name: f"{name}.sms" in request.form for name in shown} if texts_are_sent() else {}
    preferences.choose(person(), mail, sms, titles=preferences.TITLES in request.form)
    flash(_("Your message choices are saved."), "success")
    return go("people.profile")
