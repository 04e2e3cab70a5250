"""How the account is kept safe: password and address, where one is logged in, and what programs may do."""

import uuid

from flask import Blueprint, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, Form, PasswordField, SelectField, StringField

from app.blueprints.accounts.codes import CodeForm
from app.blueprints.common.access import members_only, person
from app.blueprints.common.entering import enter, leave_others, login_here, origin
from app.blueprints.common.forms import options
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again, done
from app.models import LoginKind, Scope
from app.services.accounts import code_apps, credentials, guessing, identities, logins, passkeys, recovery_codes
from app.services.core.errors import Problem

blueprint = Blueprint("security", __name__, url_prefix="/profile/security")
_ASKED = "new_address"  # in the session: the code that was asked for, and the address
_DAYS = {"30": _l("30 days"), "90": _l("90 days"), "365": _l("one year"), "1": _l("one day")}
_SCOPES = {Scope.READ.value: _l("read only"), Scope.ALL.value: _l("everything you can do")}


class PasswordForm(Form):
    """The new password."""

    password = PasswordField(_l("New password"))


class AddressForm(Form):
    """The new address."""

    email = EmailField(_l("New e-mail address"))


class ProgramForm(Form):
    """A token for a program."""

    name = StringField(_l("What it is for"))
    scope = SelectField(_l("What it can do"), choices=options(_SCOPES.items()), validate_choice=False)
    days = SelectField(_l("Valid for"), choices=options(_DAYS.items()), validate_choice=False)


@blueprint.get("")
@members_only
def show() -> ResponseReturnValue:
    """All of it on one page."""
    found = logins.of(person())
    browsers = [each for each in found if each.kind is LoginKind.BROWSER]
    programs = [each for each in found if each.kind is LoginKind.PROGRAM]
    logged_in = {"browsers": browsers, "programs": programs, "this_login": login_here().id}
    second = {
        "passkeys": passkeys.of(person()),
        "code_app": code_apps.of(person()),
        "recovery_left": recovery_codes.left(person()),
    }
    ways = [(each, identities.label_of(each)) for each in identities.of(person())]
    return render_template("accounts/security.html", **logged_in, **second, identities=ways)


# ------------------------------------------------------------------------------------------------ password and address


@blueprint.get("/password")
@members_only
def password() -> ResponseReturnValue:
    """The form."""
    return render_template("accounts/new_password.html", form=PasswordForm())


@blueprint.post("/password")
@members_only
@freshly_proved
def change_password() -> ResponseReturnValue:
    """The new password is set; everywhere else the person is logged out."""
    form = PasswordForm(request.form)
    try:
        user = credentials.change_password(person(), form.password.data or "")
    except Problem as problem:
        return again("accounts/new_password.html", form, problem)
    enter(user)  # with a new secret: whoever has a copy of the old cookie has nothing
    return done(_("Your new password is set. You are logged in here and logged out everywhere else."), "security.show")


@blueprint.get("/address")
@members_only
def address() -> ResponseReturnValue:
    """The form."""
    return render_template("accounts/new_address.html", form=AddressForm())


@blueprint.post("/address")
@members_only
@freshly_proved
def ask_address() -> ResponseReturnValue:
    """A code is on its way to the new address."""
    form = AddressForm(request.form)
    email = form.email.data or ""
    try:
        # This device is known to the person, and a stranger to whoever has that address.
        guessing.before_code(email, origin(email))
        code_id = credentials.ask_new_address(person(), email)
    except Problem as problem:
        return again("accounts/new_address.html", form, problem)
    session[_ASKED] = [code_id.hex, email.strip().lower()]
    return go("security.type_code")


@blueprint.get("/address/code")
@members_only
def type_code() -> ResponseReturnValue:
    """Where to type the code."""
    if _ASKED not in session:
        return go("security.address")
    return render_template("accounts/proof/code.html", form=CodeForm(), **_asked())


@blueprint.post("/address/code")
@members_only
def change_address() -> ResponseReturnValue:
    """The account has the new address; everywhere else the person is logged out, and the old address is told."""
    form = CodeForm(request.form)
    if _ASKED not in session:
        return go("security.address")
    try:
        with guessing.own_guess(person()):
            code_id = uuid.UUID(session[_ASKED][0])
            user = credentials.change_address(person(), code_id, form.code.data or "")
    except Problem as problem:
        return again("accounts/proof/code.html", form, problem, **_asked())
    enter(user)
    return done(_("From now on you log in with your new address, and we send our emails there."), "security.show")


def _asked() -> dict[str, object]:
    return {
        "email": session[_ASKED][1],
        "check": "security.change_address",
        "again": "security.ask_address",
        "begin": "security.address",
        "next": "",
    }


# ------------------------------------------------------------------------------------------------ other providers


@blueprint.post("/identities/<int(max=2147483647):identity_id>/remove")
@members_only
@freshly_proved
def remove_identity(identity_id: int) -> ResponseReturnValue:
    """That provider logs the person in no more; a code by mail always does."""
    identities.remove(person(), identity_id)
    return done(_("It has been removed."), "security.show")


# ------------------------------------------------------------------------------------------------ logins


@blueprint.post("/logins/<int(max=2147483647):login_id>/end")
@members_only
@freshly_proved
def end(login_id: int) -> ResponseReturnValue:
    """That browser or program is logged out."""
    logins.end(person(), login_id)
    return done(_("It has been logged out."), "security.show")


@blueprint.post("/logins/end")
@members_only
@freshly_proved
def end_others() -> ResponseReturnValue:
    """Every other browser, and every program, is logged out."""
    leave_others()
    return done(_("You are logged out everywhere else."), "security.show")


@blueprint.get("/programs")
@members_only
def program() -> ResponseReturnValue:
    """The form for a token."""
    return render_template("accounts/program.html", form=ProgramForm(), token="")


@blueprint.post("/programs")
@members_only
@freshly_proved
def add_program() -> ResponseReturnValue:
    """A new token, shown this once."""
    form = ProgramForm(request.form)
    try:
        token = logins.name_program(person(), form.name.data or "", form.scope.data or "", form.days.data or "")
    except Problem as problem:
        return again("accounts/program.html", form, problem, token="")
    flash(_("The token is ready. Copy it now: it will not be shown again."), "success")
    return render_template("accounts/program.html", form=form, token=token)
