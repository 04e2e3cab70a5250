"""A fresh proof of who somebody is, before what would hurt most if it were somebody else at their open page (ASVS 7.5.3)."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, PasswordField, StringField

from app.blueprints.common.access import person
from app.blueprints.common.entering import login_here, origin, prove_again, take_challenge
from app.blueprints.common.submissions import onto
from app.models import CodePurpose
from app.services.accounts import (
    code_apps,
    credentials,
    guessing,
    logins,
    mailed_codes,
    passkeys,
    recovery_codes,
    second_factors,
)
from app.services.accounts.mailed_codes import Wish
from app.services.accounts.passkeys import Purpose
from app.services.core.errors import Problem

_P = ParamSpec("_P")
_OURS = ("csrf_token", "proof_password", "proof_code", "proof_second", "proof_passkey", "proof_mail")
_CODE = "proof_code_id"


class ProofForm(Form):
    """The second factor of who has one: a code, or what a passkey answered. Of others a password, or the code from a mail."""

    proof_password = PasswordField(_l("Your password"))
    proof_code = StringField(_l("Code from the email"))
    proof_second = StringField(_l("Code from your app, or a recovery code"))
    proof_passkey = HiddenField()


def freshly_proved(view: Callable[_P, ResponseReturnValue]) -> Callable[_P, ResponseReturnValue]:
    """The view is for who proved within the last minutes who they are; others do so on a page that goes on with what was sent."""

    @wraps(view)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> ResponseReturnValue:
        if logins.is_fresh(login_here()):
            return view(*args, **kwargs)
        form = ProofForm(request.form)
        try:
            is_proved = _is_proved(form)
        except Problem as problem:
            problem.field = _field(problem, form)
            return _ask(form, onto(form, problem))
        return view(*args, **kwargs) if is_proved else _ask(form, 403)

    return guarded


def _is_proved(form: ProofForm) -> bool:
    # Who sits at an open page may well read its owner's mail, too: a second factor is there for just this.
    check = _check_second if second_factors.has_any(person()) else _check_first
    if not check(form):
        return False
    session.pop(_CODE, None)
    prove_again()
    return True


def _check_second(form: ProofForm) -> bool:
    """Whether anything was given; raises Problem when it is wrong."""
    if not (form.proof_second.data or form.proof_passkey.data):
        return False
    with guessing.second_guess(person(), origin(person().address)):
        if form.proof_passkey.data:
            passkeys.use(form.proof_passkey.data, take_challenge(Purpose.CONFIRM), Purpose.CONFIRM, person())
        else:
            second_factors.prove(person(), form.proof_second.data or "")
    return True


def _check_first(form: ProofForm) -> bool:
    """Whether anything was given; raises Problem when it is wrong. A code is mailed to who asks for one."""
    if "proof_mail" in request.form:
        guessing.before_code(person().address, origin(person().address))
        wish = Wish(CodePurpose.CONFIRM, person().address, person().language, person().id)
        session[_CODE] = mailed_codes.ask(wish).hex
        return False
    if not (form.proof_password.data or form.proof_code.data):
        return False
    with guessing.own_guess(person()):
        if form.proof_code.data and _CODE in session:
            credentials.check_own_code(person(), uuid.UUID(session[_CODE]), form.proof_code.data)
        else:
            credentials.check_own_password(person(), form.proof_password.data or "")
    return True


def _field(problem: Problem, form: ProofForm) -> str | None:
    """Where on this page the problem belongs."""
    if problem.field == "code" and form.proof_second.data:
        return "proof_second"
    return f"proof_{problem.field}" if problem.field else None


def _ask(form: ProofForm, status: int) -> ResponseReturnValue:
    """The page that asks, with everything that was typed before."""
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in _OURS]
    has_second = second_factors.has_any(person())
    values = {
        "carried": carried,
        "has_second": has_second,
        "is_mailed": _CODE in session and not has_second,
        "has_password": bool(person().password_hash) and not has_second,
        "has_codes": bool(code_apps.of(person()) or recovery_codes.left(person())),
        "has_passkey": bool(passkeys.of(person())),
    }
    return render_template("accounts/confirm_identity.html", form=form, **values), status
