"""A service's free times, and asking for one of them. Visitors may look; asking needs a login."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import flask_babel
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints.bookings.asking import confirm_page, guest_bookings
from app.blueprints.bookings.asking.practitioner_directory import blueprint, how_booked
from app.blueprints.common import web
from app.blueprints.common.access import is_known, members_only, person
from app.blueprints.common.forms import BookForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import instant, key_of
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times import month_grid
from app.blueprints.common.times.days import zone_for
from app.lib import clock
from app.models import Role, Service, User
from app.services import bookings, practice
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.practice import slots
from app.services.scheduling import kept_times

# ------------------------------------------------------------------------------------------------ a day and a time


@blueprint.get("/services/<int:service_id>")
@per_search
def service(service_id: int) -> ResponseReturnValue:
    """A month with its free days, and the times of one of them."""
    found = practice.bookable(service_id)
    zone = zone_for(found.practitioner)
    first, days = _month(found, zone)
    day = _day(days)
    times = days.get(day, []) if day else []
    today = clock.today(zone.key)
    next_month = month_grid.step_on(found, first, zone)
    return render_template(
        "bookings/service.html",
        service=found,
        how=how_booked(found, bookings.mode_for(_reader(), found)),
        first_time=confirm_page.first_time(found),
        zone=zone.key,
        absence=practice.absence_notice.beside(
            found.practitioner, first, month_grid.step(first, 1) - timedelta(days=1)
        ),
        title=flask_babel.format_date(first, "LLLL yyyy"),
        weekdays=month_grid.weekdays(),
        weeks=month_grid.weeks(first, days, today, day, lambda d: _month_url(found, first, d)),
        prev_url=_month_url(found, month_grid.step(first, -1)) if first > today.replace(day=1) else None,
        next_url=_month_url(found, next_month) if next_month else None,
        how_far=month_grid.how_far(found, first),
        rules=words.when_to_book(found.booking_rules),
        day=day,
        free=[time for time in times if time.places_left],
        full=[time for time in times if not time.places_left],
        is_any_full=len(days) > len(month_grid.with_free(days)),
    )


@blueprint.app_template_global("class_times_of")
def class_times_of(found: Service) -> str:
    """The fixed times of a group in words, by its practitioner's clock: "Tuesday 18:00, Saturday 09:30"."""
    names = flask_babel.get_locale().days["stand-alone"]["wide"]
    return ", ".join(f"{names[each.weekday]} {web.time_of_day(each.starts)}" for each in found.classes)


def _times(found: Service, first: date, last: date) -> list[slots.FreeSlot]:
    """Every time that the reader could ask for, or wait for where it is full."""
    near = kept_times.for_reader(found, slots.times(found, first, last), _reader())
    return [one for one in near if one.places_left or not found.mode.is_paid_after]


def _month(found: Service, zone: ZoneInfo) -> tuple[date, month_grid.FreeDays]:
    """The month asked for; without a wish, the next one when this one has nothing left. Full times are there to wait for."""
    first = month_grid.first_of(request.args.get("month", ""), zone)
    days = month_grid.free_days(found, first, zone, _times, places=0)
    following = month_grid.step_on(found, first, zone)
    if month_grid.with_free(days) or following is None or "month" in request.args:
        return first, days
    return following, month_grid.free_days(found, following, zone, _times, places=0)


def _reader() -> User | None:
    return person() if is_known() else None


def _day(days: month_grid.FreeDays) -> date | None:
    """The day asked for if it has times, else the first that has something free, or something to wait for."""
    try:
        wanted = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        wanted = None
    return wanted if wanted in days else next(iter(month_grid.with_free(days) or sorted(days)), None)


def _month_url(found: Service, first: date, day: date | None = None) -> str:
    values = {"month": f"{first:%Y-%m}"} | ({"day": day.isoformat(), "_anchor": "times"} if day else {})
    return url_for("choosing.service", service_id=found.id, **values)  # type: ignore[arg-type]


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
