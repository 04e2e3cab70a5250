"""When the practitioner is open: the week as it is booked, its hours, and the dates that differ from it."""

from datetime import date, timedelta

from flask import flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import person
from app.blueprints.common.submissions import done, is_sent, onto, typed
from app.blueprints.practice.dashboard import blueprint
from app.blueprints.practice.hours_forms import DayForm, HoursForm, weekdays
from app.domain import agenda
from app.lib import clock
from app.services import bookings, practice
from app.services.backoffice.overview import diary
from app.services.core.errors import Problem

_FARTHEST = timedelta(days=3660)


@blueprint.get("/schedule")
def schedule() -> ResponseReturnValue:
    """A week: when it is open and what is booked."""
    now = clock.today(g.practice.zone)
    monday = agenda.monday_of(_near(request.args.get("week", ""), now))
    week = timedelta(days=7)
    return render_template(
        "practice/schedule/schedule.html",
        practice=g.practice,
        today=now,
        monday=monday,
        days=diary.week(g.practice, monday),
        before=monday - week,
        after=monday + week,
        status_now=bookings.status_now,
    )


def _near(text: str, now: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return now
    return day if abs(day - now) <= _FARTHEST else now


@blueprint.route("/schedule/hours", methods=["GET", "POST"])
def hours() -> ResponseReturnValue:
    """The weekly opening hours."""
    form = HoursForm(typed())
    if not is_sent():
        form.load_week(practice.hours_of(g.practice))
        return _hours_page(form)
    if not form.validate():
        return _hours_page(form, 422)
    try:
        practice.set_hours(person(), form.hours())
    except Problem as problem:
        return _hours_page(form, onto(form, problem))
    for service in practice.never_given(g.practice):
        flash(_("“%(title)s” now has no times: its own hours are outside your opening hours.", title=service.title))
    return done(_("Your opening hours are saved. Sessions already booked stay booked."), "practice.hours")


def _hours_page(form: HoursForm, status: int = 200) -> ResponseReturnValue:
    return render_template("practice/schedule/hours.html", practice=g.practice, form=form, weekdays=weekdays()), status


@blueprint.route("/schedule/days", methods=["GET", "POST"])
def days() -> ResponseReturnValue:
    """Dates that are open at other hours than the week says."""
    form = DayForm(typed())
    if not is_sent():
        return _days_page(form)
    if not form.validate():
        return _days_page(form, 422)
    try:
        return _add_days(form)
    except Problem as problem:
        return _days_page(form, onto(form, problem))


def _days_page(form: DayForm, status: int = 200) -> ResponseReturnValue:
    exceptions = practice.exceptions_of(g.practice)
    booked = diary.booked_on(g.practice, [exception.day for exception in exceptions])
    page = "practice/schedule/days.html"
    return render_template(page, practice=g.practice, form=form, exceptions=exceptions, booked=booked), status


def _add_days(form: DayForm) -> ResponseReturnValue:
    first, last = form.span()
    practice.add_exception(person(), first, form.starts.data, form.ends.data, form.note.data or "", last=last)
    meant = list(agenda.days(first, last))
    booked = diary.booked_on(practice.of_user(person()), meant).total()
    if booked:
        flash(_("Sessions already booked stay booked (%(count)s). Cancel them if you cannot come.", count=booked))
    return done(_("The hours for these days are saved."), "practice.days")


@blueprint.post("/schedule/days/<int(max=2147483647):exception_id>/remove")
def remove_day(exception_id: int) -> ResponseReturnValue:
    """The date follows the week again."""
    practice.remove_exception(person(), exception_id)
    return done(_("Removed: this day follows your weekly hours again."), "practice.days")
