"""My data: taking everything away, and being erased. Both ask for the password again."""

from flask import Blueprint, Response, flash, render_template, request, send_file, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import logout_user
from wtforms import BooleanField, Form, PasswordField, StringField

from app import words
from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.blueprints.common.throttle import per_person
from app.lib import clock
from app.models import User
from app.services.accounts import people
from app.services.backoffice import erasure
from app.services.backoffice import export as exporting
from app.services.core.errors import Conflict, Forbidden, Invalid, Problem, Refused

blueprint = Blueprint("my_data", __name__, url_prefix="/me/data")
_KEPT = ("language", "zone")  # what a session keeps when nobody is logged in any more


class ExportForm(Form):
    """Proof that it is the person at the keyboard."""

    password = PasswordField(_l("Your password"), id="export-password")


class EraseForm(Form):
    """Proof that it is the person at the keyboard, and that they mean it."""

    typed = StringField(_l("Type your e-mail address"))
    password = PasswordField(_l("Your password"), id="erase-password")
    give_up = BooleanField(_l("I give up the credit in my wallet. It cannot be paid out afterwards."))


@blueprint.get("")
@members_only
def show() -> ResponseReturnValue:
    """What there is to take away, and what stands in the way of being erased."""
    return _page(ExportForm(), EraseForm())


@blueprint.post("/export")
@members_only
@per_person
def export() -> ResponseReturnValue:
    """The ZIP, to be saved; nobody between us keeps it."""
    form = ExportForm(request.form)
    try:
        people.check_own_password(person(), form.password.data or "")
    except Refused as problem:
        return _page(form, EraseForm(), form, problem)
    return sent(person())


@blueprint.post("/keep")
@members_only
def keep() -> ResponseReturnValue:
    """The account of somebody who was away for long is not erased."""
    erasure.stay(person())
    flash(_("Your account stays as it is."), "success")
    return go("my_data.show")


@blueprint.post("/erase")
@members_only
@per_person
def erase() -> ResponseReturnValue:
    """The person is erased and signed out, here and everywhere; or reads what stands in the way."""
    form = EraseForm(request.form)
    try:
        erasure.erase(person(), form.password.data or "", form.typed.data or "", give_up=bool(form.give_up.data))
    except (Refused, Invalid, Conflict, Forbidden) as problem:
        return _page(ExportForm(), form, form, problem)
    logout_user()
    kept = {name: session[name] for name in _KEPT if name in session}
    session.clear()
    session.update(kept)
    flash(_("Your account is erased. A last mail confirms it."), "success")
    return go("pages.home")


def sent(user: User) -> Response:
    """The person's ZIP as an answer that is read from disk as it goes out."""
    made = exporting.archive(user, _read_me)
    response = send_file(
        made,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"kikao-{clock.now():%Y-%m-%d}.zip",
        conditional=False,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _read_me(page: exporting.Page) -> str:
    return render_template("accounts/my_data_read_me.html", page=page)


def _page(
    export_form: ExportForm, erase_form: EraseForm, wrong: Form | None = None, problem: Problem | None = None
) -> ResponseReturnValue:
    status = onto(wrong, problem) if wrong is not None and problem is not None else 200
    user = person()
    found = erasure.obstacles(user) if erasure.may_erase(user) else []
    credit = erasure.left_in_wallet(user) if "credit" in found else []
    values = {
        "export_form": export_form,
        "erase_form": erase_form,
        "wrong": wrong,
        "may_erase": erasure.may_erase(user),
        "warned": erasure.is_warned(user),
        "in_the_way": [words.OBSTACLES[word] for word in found if word != "credit"],
        "credit": credit,
        "parts": [words.EXPORTED[section.name] for section in exporting.of(user)],
    }
    return render_template("accounts/my_data.html", **values), status
