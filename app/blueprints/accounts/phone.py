"""The person's number: proved by a code sent to it, before any other SMS goes there."""

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.accounts.codes import CodeForm
from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again, done
from app.lib.network.addresses import network_of
from app.services.accounts import guessing, phone_proofs
from app.services.core.errors import Problem
from app.services.notifications import sms

blueprint = Blueprint("phone", __name__, url_prefix="/profile/phone")
_PAGE = "accounts/identity/phone.html"


@blueprint.app_template_global("takes_texts")
def takes_texts(number: str) -> bool:
    """Whether SMS can go to this number."""
    return sms.takes(number)


@blueprint.get("")
@members_only
def show() -> ResponseReturnValue:
    """The number, whether it is proved, and where to type the code."""
    return render_template(_PAGE, form=CodeForm(), is_asked=phone_proofs.is_asked(person()))


@blueprint.post("/code")
@members_only
def send() -> ResponseReturnValue:
    """A code is on its way by SMS."""
    try:
        phone_proofs.send_code(person(), network_of(request.remote_addr or ""))
    except Problem as problem:
        return again(_PAGE, CodeForm(), problem, is_asked=phone_proofs.is_asked(person()))
    flash(_("We have sent a code by SMS. It may take a minute."), "info")
    return go("phone.show")


@blueprint.post("")
@members_only
def prove() -> ResponseReturnValue:
    """The number is the person's."""
    form = CodeForm(request.form)
    try:
        with guessing.own_guess(person()):
            phone_proofs.prove(person(), form.code.data or "")
    except Problem as problem:
        return again(_PAGE, form, problem, is_asked=phone_proofs.is_asked(person()))
    return done(_("Your number is confirmed. We will send SMS there as you have chosen."), "people.profile")
