"""Sessions at once: the practitioner's switch, and the client's button beside the times of a service."""

from datetime import datetime

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common.access import members_only, needs, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import key_of
from app.domain.terms import Step
from app.lib import chance
from app.models import Practitioner, Role, Service
from app.services import bookings
from app.services.bookings import cancellation_policy
from app.services.core.errors import Conflict, Invalid
from app.services.scheduling import instant

blueprint = Blueprint("instant", __name__)


@blueprint.app_template_global("instant_start")
def instant_start(service: Service) -> datetime | None:
    """When a session would begin if it were asked for now."""
    return instant.next_start(service)


@blueprint.app_template_global("terms_of")
def terms_of(service: Service, start: datetime) -> list[Step]:
    """Until when cancelling a session that begins then gives back how much."""
    return cancellation_policy.steps_for(service, start)


@blueprint.app_template_global("mark_of_terms")
def mark_of_terms(service: Service) -> str:
    """What the button sends of the terms beside it."""
    return bookings.mark_of(service, bookings.mode_for(person(), service))


@blueprint.app_template_global("free_until_of")
def free_until_of(practitioner: Practitioner) -> datetime | None:
    """Until when the practitioner takes sessions at once."""
    return instant.on_until(practitioner)


@blueprint.app_template_global("new_key")
def new_key() -> str:
    """What makes a repeated press the same request."""
    return chance.reference(20)


@blueprint.post("/practice/now")
@needs(Role.PRACTITIONER)
def switch() -> ResponseReturnValue:
    """Sessions may begin at once for so many minutes, or not any more."""
    minutes = request.form.get("minutes", -1, type=int)
    try:
        instant.switch_on(person(), minutes) if minutes else instant.switch_off(person())
    except Invalid as problem:
        flash(words.problem(problem.code, problem.values), "error")
        return go("practice.today")
    flash(
        _("Clients can now start a session with you right away.")
        if minutes
        else _("Clients can no longer start a session right away."),
        "success",
    )
    return go("practice.today")


@blueprint.post("/services/<int:service_id>/now")
@members_only
def ask(service_id: int) -> ResponseReturnValue:
    """The request stands, once however often it is sent: to pay, or to wait for an answer."""
    try:
        key = key_of(request.form.get("request_key"))
        made = instant.request(person(), service_id, key, shown=request.form.get("shown", ""))
    except Conflict as problem:
        flash(words.problem(problem.code, problem.values), "error")
        return go("choosing.service", service_id=service_id)
    if made.checkout is not None:
        return go("paying.show", checkout_id=made.checkout.id)
    return go("booking.show", booking_id=made.booking.id if made.booking else None)
