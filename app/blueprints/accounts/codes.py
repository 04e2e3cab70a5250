"""Codes and links that were sent: proving an address that one signed up with, and logging in without a password."""

import uuid

from flask import Blueprint, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import InputRequired

from app.blueprints.bookings.asking import guest_bookings
from app.blueprints.common.entering import admit, next_page, origin
from app.blueprints.common.forms import LoginForm
from app.blueprints.common.redirects import go, go_next
from app.blueprints.common.submissions import again
from app.blueprints.common.web import choose_language, known_zone
from app.models import CodePurpose, SignUp, User
from app.services.accounts import credentials, guessing, mailed_codes, people, sign_ups
from app.services.core.errors import Problem
from app.services.scheduling import guests
from app.services.scheduling.guests import GuestWish

blueprint = Blueprint("codes", __name__)
_PROVE = {"check": "codes.check_sign_up", "again": "codes.send_again", "begin": "people.register"}
_LOG_IN = {"check": "codes.check_login", "again": "codes.ask", "begin": "people.login"}
_ASKED = "login_code"  # in the session: the code that was asked for, and the address


class CodeForm(Form):
    """Six digits from a mail or an SMS."""

    code = StringField(_l("Code"), [InputRequired(_l("Enter the code."))])


# ------------------------------------------------------------------------------------------------ proving an address


@blueprint.get("/register/code")
def prove() -> ResponseReturnValue:
    """Where to type the code that was sent after signing up."""
    found = _sign_up()
    return _prove_page(CodeForm(), found) if found else go_next("people.register")


@blueprint.post("/register/code")
def check_sign_up() -> ResponseReturnValue:
    """The account is there and logged in."""
    form = CodeForm(request.form)
    found = _sign_up()
    if found is None:
        return go_next("people.register")
    if not form.validate():
        return _prove_page(form, found), 422
    wish = guests.wish_of(found)
    try:
        with guessing.guess(found.address, origin(found.address)):
            user = sign_ups.prove(found, form.code.data or "")
    except Problem as problem:
        return again("accounts/proof/code.html", form, problem, **_proving(found))
    return _begun(user, wish)


@blueprint.post("/register/code/again")
def send_again() -> ResponseReturnValue:
    """Another code is on its way."""
    found = _sign_up()
    if found is None:
        return go_next("people.register")
    try:
        guessing.before_code(found.address, origin(found.address))
    except Problem as problem:
        return again("accounts/proof/code.html", CodeForm(), problem, **_proving(found))
    sign_ups.send_again(found)
    flash(_("We have sent another code. Only the newest one works."), "info")
    return go("codes.prove", next=next_page() or None)


# ------------------------------------------------------------------------------------------------ logging in by code


@blueprint.post("/login/code")
def ask() -> ResponseReturnValue:
    """A code is on its way, if somebody has the address; the answer is the same if nobody has."""
    form = LoginForm(request.form)
    try:
        address = people.clean_address(form.email.data or "", known_zone() or "")
        guessing.before_code(address, origin(address))
        code_id = credentials.send_login_code(address, choose_language())
    except Problem as problem:
        return again("accounts/login.html", form, problem, next=next_page())
    session[_ASKED] = [code_id.hex, address]
    return go("codes.type_code", next=next_page() or None)


@blueprint.get("/login/code")
def type_code() -> ResponseReturnValue:
    """Where to type the code."""
    if _ASKED not in session:
        return go("people.login")
    return render_template("accounts/proof/code.html", form=CodeForm(), **_logging_in())


@blueprint.post("/login/code/check")
def check_login() -> ResponseReturnValue:
    """Whoever reads what is sent to the address is logged in."""
    form = CodeForm(request.form)
    if _ASKED not in session:
        return go("people.login")
    if not form.validate():
        return render_template("accounts/proof/code.html", form=form, **_logging_in()), 422
    code_id, address = session[_ASKED]
    try:
        with guessing.guess(address, origin(address)):
            user = credentials.by_code(uuid.UUID(code_id), form.code.data or "", address)
    except Problem as problem:
        return again("accounts/proof/code.html", form, problem, **_logging_in())
    return _welcome(user)


# ------------------------------------------------------------------------------------------------ by the link


@blueprint.get("/login/link/<token>")
def link(token: str) -> ResponseReturnValue:
    """The page that the mail leads to: opening it changes nothing, as mail scanners open it too."""
    row = mailed_codes.of_link(token, CodePurpose.SIGN_UP, CodePurpose.LOG_IN)
    wish = guests.wish_of(row.sign_up)
    asked = guest_bookings.page_of(wish.service_id, wish.start) if wish else ""
    return render_template("accounts/proof/link.html", token=token, next=asked)


@blueprint.post("/login/link/<token>")
def follow(token: str) -> ResponseReturnValue:
    """Whoever reads the mail of the address is logged in here; the account is there if it was to be."""
    row = mailed_codes.of_link(token, CodePurpose.SIGN_UP, CodePurpose.LOG_IN)
    if row.purpose is CodePurpose.LOG_IN:
        return _welcome(credentials.by_link(row))
    wish = guests.wish_of(row.sign_up)
    began_here = _sign_up()
    is_here = began_here is not None and began_here.id == row.sign_up_id
    user = sign_ups.follow(row, began_here)
    if wish is None or is_here:
        return _begun(user, wish)
    guests.release(wish)  # who asked elsewhere asks for the time anew, here, and it is free for that
    return _welcome(user)


def _begun(user: User, wish: GuestWish | None) -> ResponseReturnValue:
    """Who has proved their address is in, and has what they asked for as a guest."""
    if wish is None:
        return _welcome(user)
    return guest_bookings.go_on(user, wish, _("Welcome, %(name)s. You are logged in.", name=user.name))


def _welcome(user: User) -> ResponseReturnValue:
    return admit(user, _("Welcome, %(name)s. You are logged in.", name=user.name))


def _sign_up() -> SignUp | None:
    return sign_ups.of_secret(session.get("sign_up", ""))


def _prove_page(form: CodeForm, found: SignUp) -> str:
    return render_template("accounts/proof/code.html", form=form, **_proving(found))


def _proving(found: SignUp) -> dict[str, object]:
    wish = guests.wish_of(found)
    asked = guest_bookings.summary(wish) if wish else None
    return {"address": found.address, **_PROVE, "next": next_page(), "asked": asked}


def _logging_in() -> dict[str, object]:
    return {"address": session[_ASKED][1], **_LOG_IN, "next": next_page()}
