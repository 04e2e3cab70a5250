"""My data: taking everything away, and being erased. Both ask for a fresh proof of who it is."""

from flask import Blueprint, Response, flash, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, StringField

from app import words
from app.blueprints.common import web
from app.blueprints.common.access import members_only, person
from app.blueprints.common.entering import leave
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.blueprints.common.throttle import per_person
from app.lib import clock
from app.models import User
from app.services.backoffice import erasure
from app.services.backoffice import export as exporting
from app.services.core.errors import Conflict, Forbidden, Invalid, Problem

blueprint = Blueprint("my_data", __name__, url_prefix="/me/data")


class EraseForm(Form):
    """That they mean it."""

    typed = StringField(_l("Enter your email address"))
    give_up = BooleanField(_l("I give up the credit in my wallet. It cannot be paid out afterwards."))


@blueprint.get("")
@members_only
def show() -> ResponseReturnValue:
    """What there is to take away, and what stands in the way of being erased."""
    return _page(EraseForm())


@blueprint.post("/export")
@members_only
@per_person
@freshly_proved
def export() -> ResponseReturnValue:
    """The ZIP, to be saved; nobody between us keeps it."""
    return sent(person())


@blueprint.post("/erase")
@members_only
@freshly_proved
def erase() -> ResponseReturnValue:
    """The person is erased and signed out, here and everywhere; or reads what stands in the way."""
    form = EraseForm(request.form)
    try:
        erasure.erase(person(), form.typed.data or "", give_up=bool(form.give_up.data))
    except (Invalid, Conflict, Forbidden) as problem:
        return _page(form, problem)
    leave()
    flash(_("Your account has been erased. We will send one last message to confirm it."), "success")
    return go("pages.home")


def sent(user: User) -> Response:
    """The person's ZIP as an answer that is read from disk as it goes out."""
    made = exporting.archive(user, _read_me)
    response = send_file(
        made,
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"kikao-{clock.today(web.zone().key)}.zip",
        conditional=False,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _read_me(page: exporting.Page) -> str:
    return render_template("accounts/my_data_read_me.html", page=page)


def _page(form: EraseForm, problem: Problem | None = None) -> ResponseReturnValue:
    status = onto(form, problem) if problem is not None else 200
    user = person()
    found = erasure.obstacles(user) if erasure.may_erase(user) else []
    credit = erasure.left_in_wallet(user) if "credit" in found else []
    values = {
        "form": form,
        "may_erase": erasure.may_erase(user),
        "in_the_way": [words.OBSTACLES[word] for word in found if word != "credit"],
        "credit": credit,
        "parts": [words.EXPORTED[section.name] for section in exporting.of(user)],
    }
    return render_template("accounts/my_data.html", **values), status
