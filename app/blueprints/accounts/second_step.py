"""The second step of logging in, and logging in with a passkey alone, which is both steps in one."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, StringField

from app.blueprints.common.access import is_known, person
from app.blueprints.common.entering import ask_passkey, half_in, next_page, origin, take_challenge, welcome
from app.blueprints.common.forms import LoginForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.models import User
from app.services.accounts import guessing, passkeys, second_factors
from app.services.accounts.passkeys import Purpose
from app.services.core.errors import Problem

blueprint = Blueprint("second_step", __name__)


class SecondForm(Form):
    """A code of the app or a recovery code, or what a passkey answered."""

    code = StringField(_l("Code from your app, or a recovery code"))
    answer = HiddenField()


class PasskeyForm(LoginForm):
    """What a passkey answered, on the page to log in."""

    answer = HiddenField()


@blueprint.post("/login/passkey/challenge")
def challenge() -> ResponseReturnValue:
    """What the browser's script is to have a passkey sign: to log in, as the second step, or as a fresh proof."""
    user, purpose = _who_asks()
    asked = passkeys.challenge(purpose, user)
    return ask_passkey(asked, passkeys.options_to_use(asked, user))


def _who_asks() -> tuple[User | None, Purpose]:
    if is_known():
        return person(), Purpose.CONFIRM
    user = half_in()
    return user, Purpose.SECOND if user else Purpose.LOG_IN


@blueprint.post("/login/passkey")
def log_in() -> ResponseReturnValue:
    """Whoever's passkey has signed is logged in."""
    form = PasskeyForm(request.form)
    try:
        with guessing.passkey_try(origin("")):
            user = passkeys.use(form.answer.data or "", take_challenge(Purpose.LOG_IN), Purpose.LOG_IN)
    except Problem as problem:
        return again("accounts/login.html", form, problem, next=next_page())
    return welcome(user)


@blueprint.get("/login/second")
def ask() -> ResponseReturnValue:
    """Where the second step is taken."""
    user = half_in()
    return _page(user) if user else go("people.login", next=next_page() or None)


@blueprint.post("/login/second")
def check() -> ResponseReturnValue:
    """Who has proved both factors is logged in."""
    user = half_in()
    if user is None:
        return go("people.login", next=next_page() or None)
    form = SecondForm(request.form)
    try:
        with guessing.second_guess(user, origin(user.address)):
            _prove(user, form)
    except Problem as problem:
        return again("accounts/second/step.html", form, problem, **_values(user))
    return welcome(user)


def _prove(user: User, form: SecondForm) -> None:
    if form.answer.data:
        passkeys.use(form.answer.data, take_challenge(Purpose.SECOND), Purpose.SECOND, user)
    else:
        second_factors.prove(user, form.code.data or "")


def _page(user: User) -> str:
    return render_template("accounts/second/step.html", form=SecondForm(), **_values(user))


def _values(user: User) -> dict[str, object]:
    return {"has_passkey": bool(passkeys.of(user)), "next": next_page()}
