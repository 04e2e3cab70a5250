"""Accounts: log in, sign up, log out, a forgotten password, the profile. No answer tells a stranger who has one."""

from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import is_known, members_only, person
from app.blueprints.common.entering import admit, first_page, leave, next_page, origin
from app.blueprints.common.forms import ForgotForm, LoginForm, ProfileForm, RegisterForm, ResetForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.blueprints.common.web import choose_language, known_zone
from app.services.accounts import credentials, guessing, people, sign_ups
from app.services.accounts.people import Profile
from app.services.core.errors import Problem

blueprint = Blueprint("people", __name__)


# ------------------------------------------------------------------------------------------------ in and out


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """The form; `next` brings people back to where they were."""
    return first_page() if is_known() else _with_next("accounts/login.html", LoginForm())


@blueprint.post("/login")
def log_in() -> ResponseReturnValue:
    """A new session for whoever proves who they are."""
    form = LoginForm(request.form)
    if not form.validate():
        return _with_next("accounts/login.html", form), 422
    address = people.as_kept(form.email.data or "", known_zone() or "")
    try:
        with guessing.guess(address, origin(address)):
            user = credentials.authenticate(address, form.password.data or "")
    except Problem as problem:
        return again("accounts/login.html", form, problem, next=next_page())
    return admit(user)


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """The form for a client account."""
    form = RegisterForm(data={"language": choose_language(), "zone": known_zone() or ""})
    return first_page() if is_known() else _with_next("accounts/register.html", form)


@blueprint.post("/register")
def sign_up() -> ResponseReturnValue:
    """An account to be, whose address is proved next; with KIKAO_PROOF=off one that is ready and logged in."""
    form = RegisterForm(request.form)
    if not form.validate():
        return _with_next("accounts/register.html", form), 422
    try:
        return _begin(form)
    except Problem as problem:
        return again("accounts/register.html", form, problem, next=next_page())


def _begin(form: RegisterForm) -> ResponseReturnValue:
    email = form.email.data or ""
    password = form.password.data or ""
    profile = Profile(form.name.data or "", form.phone.data or "", form.language.data, form.zone.data or "")
    if current_app.config["PROOF"]:
        guessing.before_code(email, origin(email))
        session["sign_up"] = sign_ups.begin(email, password, profile)
        return go("codes.prove", next=next_page() or None)
    guessing.before_account(origin(email))
    user = people.register(
        email, password, profile.name, phone=profile.phone, language=profile.language, zone=profile.zone
    )
    return admit(user, _("Welcome, %(name)s. Your account is ready.", name=user.name))


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Nobody is logged in here any more."""
    leave()
    flash(_("You are logged out."), "info")
    return go("pages.home")


# ------------------------------------------------------------------------------------------------ a forgotten password


@blueprint.get("/people/forgot")
def forgot() -> ResponseReturnValue:
    """Where to send the link."""
    return render_template("accounts/proof/forgot.html", form=ForgotForm(), asked=False)


@blueprint.post("/people/forgot")
def ask_reset() -> ResponseReturnValue:
    """A link is on its way, if there is such an account; the answer is the same if there is none."""
    form = ForgotForm(request.form)
    if not form.validate():
        return render_template("accounts/proof/forgot.html", form=form, asked=False), 422
    email = form.email.data or ""
    try:
        guessing.before_code(email, origin(email))
        credentials.send_reset_link(email, choose_language())
    except Problem as problem:
        return again("accounts/proof/forgot.html", form, problem, asked=False)
    return go("people.forgot_sent")


@blueprint.get("/people/forgot/sent")
def forgot_sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("accounts/proof/forgot.html", form=ForgotForm(), asked=True)


@blueprint.get("/people/reset/<token>")
def reset(token: str) -> ResponseReturnValue:
    """The page the mail leads to: opening it changes nothing."""
    return render_template("accounts/proof/reset.html", form=ResetForm(), token=token)


@blueprint.post("/people/reset/<token>")
def choose_password(token: str) -> ResponseReturnValue:
    """The new password is set and the person logged in with it; every older login is ended."""
    form = ResetForm(request.form)
    if not form.validate():
        return render_template("accounts/proof/reset.html", form=form, token=token), 422
    try:
        user = credentials.reset_password(token, form.password.data or "")
    except Problem as problem:
        if problem.field is None:
            raise
        return again("accounts/proof/reset.html", form, problem, token=token)
    return admit(user, _("Your new password is set. You are logged in here and logged out everywhere else."))


# ------------------------------------------------------------------------------------------------ the profile


@blueprint.get("/profile")
@members_only
def profile() -> ResponseReturnValue:
    """What people may change about themselves."""
    return render_template("accounts/profile.html", form=ProfileForm(obj=person()))


@blueprint.post("/profile")
@members_only
def change_profile() -> ResponseReturnValue:
    """The profile is stored."""
    form = ProfileForm(request.form)
    if not form.validate():
        return render_template("accounts/profile.html", form=form), 422
    try:
        wish = Profile(form.name.data or "", form.phone.data or "", form.language.data, form.zone.data or "")
        people.change_profile(person(), wish)
    except Problem as problem:
        return again("accounts/profile.html", form, problem)
    flash(_("Your profile is saved."), "success")
    return go("people.profile")


def _with_next(template: str, form: Any) -> str:
    return render_template(template, form=form, next=next_page())
