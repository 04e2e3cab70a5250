"""A service's free times, and asking for one of them. Visitors may look; asking needs a login."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints.bookings.asking import confirm_page, guest_bookings, profile_page, shown_days
from app.blueprints.bookings.asking.practitioner_directory import blueprint, how_booked
from app.blueprints.common import web
from app.blueprints.common.access import is_known, members_only, person
from app.blueprints.common.answers import clock_face
from app.blueprints.common.forms import BookForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import instant, key_of
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times.days import zone_for
from app.models import Role, Service
from app.services import bookings, practice
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.practice import slots

__all__ = ["blueprint", "profile_page"]  # whose page is on the same blueprint

# ------------------------------------------------------------------------------------------------ a day and a time


@blueprint.get("/services/<int:service_id>")
@per_search
def service(service_id: int) -> ResponseReturnValue:
    """The next days with free times, a month of them, and the times of one."""
    found = practice.bookable(service_id)
    reader = person() if is_known() else None
    days = shown_days.of(found, zone_for(found.practitioner), reader)
    return render_template(
        "bookings/asking/service.html",
        service=found,
        how=how_booked(found, bookings.mode_for(reader, found)),
        first_time=confirm_page.first_time(found),
        absence=practice.absence_notice.beside(found.practitioner, *days.month),
        rules=words.when_to_book(found.booking_rules),
        zone=days.zone.key,
        **shown_days.on_page(days),
    )


@blueprint.app_template_global("class_times_of")
def class_times_of(found: Service) -> str:
    """The fixed times of a group in words, by its practitioner's clock: "Tuesday 18:00, Saturday 09:30"."""
    names = clock_face.weekday_names()
    return ", ".join(f"{names[each.weekday]} {web.time_of_day(each.starts)}" for each in found.classes)


# ------------------------------------------------------------------------------------------------ asking for it


@blueprint.get("/services/<int:service_id>/book")
def confirm(service_id: int) -> ResponseReturnValue:
    """What is about to be asked for, with its policy, before anything happens."""
    found = practice.bookable(service_id)
    start = instant(request.args.get("start", ""))
    if start is None:
        return go("choosing.service", service_id=service_id)
    slots.check_sane(start)
    if guest_bookings.is_waiting_for(found, start):
        return go("codes.prove", next=guest_bookings.page_of(found.id, start))
    form = guest_bookings.form_for(found, start)
    try:
        slots.check_given(found, start)
    except Problem as problem:
        return confirm_page.again(found, start, form, problem, left=0)
    return confirm_page.shown(found, start, form)


@blueprint.post("/services/<int:service_id>/book")
def ask(service_id: int) -> ResponseReturnValue:
    """The request stands, once however often it is sent: to pay, or to wait for an answer; a guest's once they are proved."""
    if not is_known():
        return guest_bookings.ask(service_id)
    if person().role is not Role.CLIENT:  # whose page says that only clients book
        found = practice.bookable(service_id)
        return go("choosing.confirm", service_id=found.id, start=request.form.get("start") or None)
    return _ask(service_id)


@members_only
def _ask(service_id: int) -> ResponseReturnValue:
    found = practice.bookable(service_id)
    form = BookForm(request.form)
    start = instant(form.start.data or "")
    if start is None:
        return go("choosing.service", service_id=service_id)
    slots.check_sane(start)
    if not form.validate():
        return confirm_page.shown(found, start, form), 422
    try:
        made = bookings.request(
            person(),
            service_id,
            start,
            places=form.places.data or 0,
            notes=form.notes.data or "",
            names=(form.names.data or "").splitlines(),
            request_key=key_of(form.request_key.data),
            shown=form.shown.data or "",
        )
    except (Invalid, Conflict) as problem:
        return confirm_page.again(found, start, form, problem)
    return confirm_page.go_on(made)
