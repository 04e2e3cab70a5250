"""Accounts: log in, register, log out, a new password, the profile. No answer tells a stranger who has one."""

from typing import Any

from flask import Blueprint, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from app.blueprints.common.access import is_known, members_only, person
from app.blueprints.common.forms import ForgotForm, LoginForm, ProfileForm, RegisterForm, ResetForm
from app.blueprints.common.redirects import go, go_next, safe_path
from app.blueprints.common.submissions import again
from app.blueprints.common.throttle import per_account, per_address
from app.blueprints.common.web import choose_language, known_zone
from app.models import User
from app.services.accounts import people
from app.services.accounts.people import Profile
from app.services.backoffice import erasure
from app.services.core.errors import Invalid, Refused

blueprint = Blueprint("people", __name__)
_KEPT = ("language", "zone")  # what a session keeps over logging in and out
_START = {"client": "booking.mine", "practitioner": "practice.today", "staff": "staff.money"}


# ------------------------------------------------------------------------------------------------ in and out


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """The form; `next` brings people back to where they were."""
    return _first_page() if is_known() else _with_next("accounts/login.html", LoginForm())


@blueprint.post("/login")
@per_address
@per_account
def log_in() -> ResponseReturnValue:
    """A new session for whoever proves who they are."""
    form = LoginForm(request.form)
    if not form.validate():
        return _with_next("accounts/login.html", form), 422
    try:
        _welcome(people.authenticate(form.email.data or "", form.password.data or ""))
    except Refused as problem:
        return again("accounts/login.html", form, problem, next=_next())
    return _first_page()


@blueprint.get("/register")
def register() -> ResponseReturnValue:
    """The form for a client account."""
    form = RegisterForm(data={"language": choose_language(), "zone": known_zone() or ""})
    return _first_page() if is_known() else _with_next("accounts/register.html", form)


@blueprint.post("/register")
@per_address
@per_account
def sign_up() -> ResponseReturnValue:
    """A new client account, logged in."""
    form = RegisterForm(request.form)
    if not form.validate():
        return _with_next("accounts/register.html", form), 422
    try:
        user = people.register(
            form.email.data or "",
            form.password.data or "",
            form.name.data or "",
            phone=form.phone.data or "",
            language=form.language.data,
            zone=form.zone.data or "",
        )
    except Invalid as problem:
        return again("accounts/register.html", form, problem, next=_next())
    _welcome(user)
    flash(_("Welcome, %(name)s. Your account is ready.", name=user.name), "success")
    return _first_page()


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Nobody is logged in here any more."""
    logout_user()
    _fresh_session()
    flash(_("You are logged out."), "info")
    return go("pages.home")


# ------------------------------------------------------------------------------------------------ a new password


@blueprint.get("/people/forgot")
def forgot() -> ResponseReturnValue:
    """Where to send the link."""
    return render_template("accounts/forgot.html", form=ForgotForm(), asked=False)


@blueprint.post("/people/forgot")
@per_address
def ask_reset() -> ResponseReturnValue:
    """A link is on its way, if there is such an account; the answer is the same if there is none."""
    form = ForgotForm(request.form)
    if not form.validate():
        return render_template("accounts/forgot.html", form=form, asked=False), 422
    people.send_reset_link(form.email.data or "")
    return go("people.forgot_sent")


@blueprint.get("/people/forgot/sent")
def forgot_sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("accounts/forgot.html", form=ForgotForm(), asked=True)


@blueprint.get("/people/reset/<token>")
def reset(token: str) -> ResponseReturnValue:
    """The page the mail leads to: opening it changes nothing."""
    return render_template("accounts/reset.html", form=ResetForm(), token=token)


@blueprint.post("/people/reset/<token>")
@per_address
def choose_password(token: str) -> ResponseReturnValue:
    """The new password is set and the person logged in with it; every older session is ended."""
    form = ResetForm(request.form)
    if not form.validate():
        return render_template("accounts/reset.html", form=form, token=token), 422
    try:
        user = people.reset_password(token, form.password.data or "")
    except Invalid as problem:
        return again("accounts/reset.html", form, problem, token=token)
    _welcome(user)
    flash(_("Your new password is set. You are logged in; everywhere else you are logged out."), "success")
    return _first_page()


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
    except Invalid as problem:
        return again("accounts/profile.html", form, problem)
    flash(_("Your profile is saved."), "success")
    return go("people.profile")


# ------------------------------------------------------------------------------------------------ helpers


def _welcome(user: User) -> None:
    _fresh_session()
    session.permanent = True
    login_user(user)
    erasure.stay(user)


def _fresh_session() -> None:
    """A session nobody could have prepared beforehand."""
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)


def _first_page() -> ResponseReturnValue:
    return go_next(_START[person().role])


def _with_next(template: str, form: Any) -> str:
    return render_template(template, form=form, next=_next())


def _next() -> str:
    return safe_path(request.values.get("next", ""))
