"""Setting up the second step: passkeys, an app with codes, recovery codes. All that changes anything asks for a fresh proof."""

from flask import Blueprint, current_app, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, StringField

from app.blueprints.accounts.codes import CodeForm
from app.blueprints.common.access import SET_UP_FOR, members_only, person
from app.blueprints.common.entering import ask_passkey, browser_name, enter, origin, take_challenge
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import done, onto
from app.lib.papers import pictures
from app.services.accounts import code_apps, guessing, passkeys, second_factors
from app.services.accounts.passkeys import Purpose
from app.services.core.errors import Problem

blueprint = Blueprint("second_factors", __name__, url_prefix="/profile/security")
_ID = "int(max=2147483647)"


class PasskeyForm(Form):
    """What the device made, and what the person calls it."""

    name = StringField(_l("Name for this device"))
    answer = HiddenField()


@blueprint.get("/second")
@members_only
def choose() -> ResponseReturnValue:
    """What there is to choose from."""
    return _choose(PasskeyForm(data={"name": browser_name(request)}))


def _choose(form: PasskeyForm) -> str:
    values = {"has_app": code_apps.of(person()), "has_any": second_factors.has_any(person())}
    return render_template("accounts/second/choice.html", form=form, possible=passkeys.are_possible(), **values)


# ------------------------------------------------------------------------------------------------ passkeys


@blueprint.post("/passkeys/challenge")
@members_only
def challenge() -> ResponseReturnValue:
    """What the browser's script is to have the device make."""
    asked = passkeys.challenge(Purpose.ADD, person())
    return ask_passkey(asked, passkeys.options_to_add(asked, person()))


@blueprint.post("/passkeys")
@members_only
@freshly_proved
def add_passkey() -> ResponseReturnValue:
    """The passkey logs the person in from now on."""
    form = PasskeyForm(request.form)
    name = (form.name.data or "").strip() or browser_name(request)
    try:
        asked = take_challenge(Purpose.ADD)
        codes = second_factors.add_passkey(person(), form.answer.data or "", asked, name)
    except Problem as problem:
        status = onto(form, problem)
        return _choose(form), status
    return _added(_("Your passkey is ready."), codes)


@blueprint.post(f"/passkeys/<{_ID}:passkey_id>/remove")
@members_only
@freshly_proved
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """It opens nothing any more."""
    second_factors.remove_passkey(person(), passkey_id)
    return done(_("The passkey has been removed here. Delete it on the device too."), "security.show")


# ------------------------------------------------------------------------------------------------ an app with codes


@blueprint.post("/app")
@members_only
@freshly_proved
def begin_app() -> ResponseReturnValue:
    """A secret waits to be read by the app."""
    code_apps.begin(person())
    return go("second_factors.app")


@blueprint.get("/app")
@members_only
def app() -> ResponseReturnValue:
    """What the app reads, and where its first code is typed."""
    return _app_page(CodeForm())


@blueprint.post("/app/check")
@members_only
def confirm_app() -> ResponseReturnValue:
    """The app's codes log the person in from now on."""
    form = CodeForm(request.form)
    try:
        with guessing.second_guess(person(), origin(person().address)):
            codes = second_factors.confirm_app(person(), form.code.data or "")
    except Problem as problem:
        status = onto(form, problem)
        return _app_page(form, status)
    return _added(_("From now on you log in with a code from your app."), codes)


@blueprint.post("/app/remove")
@members_only
@freshly_proved
def remove_app() -> ResponseReturnValue:
    """Its codes count no more."""
    second_factors.remove_app(person())
    return done(_("The app is removed. Its codes no longer work."), "security.show")


def _app_page(form: CodeForm, status: int = 200) -> ResponseReturnValue:
    waiting = code_apps.waiting(person())
    if waiting is None:
        return go("second_factors.choose")
    address = code_apps.address_of(waiting, person())
    values = {"address": address, "secret": code_apps.secret_of(waiting), "picture": pictures.qr(address)}
    return render_template("accounts/second/code_app.html", form=form, **values), status


# ------------------------------------------------------------------------------------------------ recovery codes


@blueprint.post("/recovery-codes")
@members_only
@freshly_proved
def renew_codes() -> ResponseReturnValue:
    """New ones, shown this once."""
    codes = second_factors.renew_recovery_codes(person())
    flash(_("Your older codes no longer work."), "success")
    return _codes_page(codes)


def _added(said: str, codes: list[str]) -> ResponseReturnValue:
    """On to where the person was going; with the first factor over the recovery codes, in a login that nobody has a copy of."""
    if not codes:
        return done(said, "security.show")
    following = session.get(SET_UP_FOR)
    enter(person())
    if following:
        session[SET_UP_FOR] = following
    flash(said, "success")
    return _codes_page(codes)


def _codes_page(codes: list[str]) -> str:
    following = session.pop(SET_UP_FOR, "")
    site = current_app.config["PUBLIC_URL"]
    return render_template("accounts/second/recovery_codes.html", codes=codes, following=following, site=site)
