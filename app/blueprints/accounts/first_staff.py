"""Set-up's first page: the link that an empty installation prints makes the first staff account, once."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.entering import admit
from app.blueprints.common.forms import RegisterForm
from app.blueprints.common.submissions import again
from app.blueprints.common.throttle import per_network
from app.blueprints.common.web import choose_language, known_zone
from app.services.backoffice import first_run
from app.services.backoffice.first_run import Wish
from app.services.core.errors import Problem

blueprint = Blueprint("first_staff", __name__, url_prefix="/setup")
_PAGE = "accounts/joining/first_staff.html"


class FirstStaffForm(RegisterForm):
    """The first staff account."""

    def wish(self, locale: str) -> Wish:
        """As the service takes it."""
        name, email, password, zone = (
            str(each.data or "") for each in (self.name, self.email, self.password, self.zone)
        )
        return Wish(name, email, password, locale, zone)


@blueprint.get("/<token>")
@per_network
def show(token: str) -> ResponseReturnValue:
    """The form. Opening it changes nothing."""
    first_run.check(token)
    return render_template(_PAGE, form=FirstStaffForm(data={"zone": known_zone() or ""}), token=token)


@blueprint.post("/<token>")
@per_network
def make(token: str) -> ResponseReturnValue:
    """Whoever pressed first is staff, and goes on to the house."""
    first_run.check(token)
    form = FirstStaffForm(request.form)
    if not form.validate():
        return render_template(_PAGE, form=form, token=token), 422
    try:
        user = first_run.make_staff(token, form.wish(choose_language()))
    except Problem as problem:
        if problem.field is None:
            raise
        return again(_PAGE, form, problem, token=token)
    return admit(user, _("Welcome, %(name)s. You are logged in.", name=user.name))
