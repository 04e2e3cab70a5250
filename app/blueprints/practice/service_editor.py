"""The practitioner's services: the list, and writing one."""

from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common import prices
from app.blueprints.common.access import moves_money, person
from app.blueprints.common.submissions import done, is_sent, onto, typed
from app.blueprints.practice.dashboard import blueprint
from app.blueprints.practice.hours_forms import weekdays
from app.blueprints.practice.service_form import MODES, WHY_NOT, EditServiceForm
from app.domain.modes import MODES as BOOKING_MODES
from app.models import Service
from app.services import practice
from app.services.backoffice.overview import payment_ways
from app.services.core.errors import Problem


@blueprint.get("/services")
def services() -> ResponseReturnValue:
    """Everything the practitioner offers."""
    shown = [(service, payment_ways.ways(service.price)) for service in g.practice.services]
    return render_template("practice/services.html", practice=g.practice, services=shown, WHY_NOT=WHY_NOT)


@blueprint.route("/services/new", methods=["GET", "POST"])
@moves_money
def new_service() -> ResponseReturnValue:
    """A new service."""
    return _edit(None)


@blueprint.route("/services/<int(max=2147483647):service_id>", methods=["GET", "POST"])
@moves_money  # it holds the terms by which money goes back
def edit_service(service_id: int) -> ResponseReturnValue:
    """One of the practitioner's services; bookings made before keep what was agreed."""
    return _edit(practice.own_service(person(), service_id))


def _edit(service: Service | None) -> ResponseReturnValue:
    form = EditServiceForm(typed())
    form.prepare(service)
    service_id = service.id if service else None
    if not is_sent():
        if service is not None:
            form.load(service)
        return _page(form, service_id)
    is_read = form.validate()
    try:
        if not is_read:
            practice.check_service(person(), form.filled())  # all that is wrong is said at once
            return _page(form, service_id, 422)
        saved = practice.save_service(person(), form.filled(), service_id)
    except Problem as problem:
        return _page(form, service_id, onto(form, form.placed(problem)))
    return done(_("“%(title)s” is saved.", title=saved.title), "practice.services")


def _page(form: EditServiceForm, service_id: int | None, status: int = 200) -> ResponseReturnValue:
    shown = {"modes": BOOKING_MODES, "MODES": MODES, "WHY_NOT": WHY_NOT, "service_id": service_id}
    price = _ways(form.price.data or "", form.currency.data or "")
    return render_template("practice/service.html", form=form, weekdays=weekdays(), **shown, **price), status


@blueprint.get("/services/ways", endpoint="ways")
def show_ways() -> ResponseReturnValue:
    """The part of the form that says who could pay a price; asked for again while it is typed."""
    price = _ways(request.args.get("price", "")[:20], request.args.get("currency", "")[:3])
    return render_template("practice/_ways.html", WHY_NOT=WHY_NOT, **price)


def _ways(text: str, currency: str) -> dict[str, Any]:
    try:
        price = prices.parse(text, currency)
    except Problem as problem:
        return {"price": None, "ways": [], "wrong": words.problem(problem.code, problem.values) if text else ""}
    return {"price": price, "ways": payment_ways.ways(price), "wrong": ""}
