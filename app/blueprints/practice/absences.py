"""When the practitioner is away: time off, public holidays, and what everybody reads meanwhile."""

from collections.abc import Sequence
from datetime import date

from flask import flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.blueprints.common import web
from app.blueprints.common.access import person
from app.blueprints.common.submissions import done, is_sent, onto, typed
from app.blueprints.practice.absence_forms import HolidaysForm, NoticeForm, TimeOffForm
from app.blueprints.practice.dashboard import blueprint
from app.models import Booking
from app.services import practice
from app.services.backoffice.overview import diary
from app.services.core.errors import Problem
from app.services.practice import time_off

_NAMED = 5  # of the sessions in a new time off; the rest are counted


@blueprint.app_template_global("time_off_then")
def time_off_then(booking: Booking) -> bool:
    """Whether the practitioner has time off at the time of this request."""
    return time_off.is_then(booking)


@blueprint.route("/schedule/off", methods=["GET", "POST"])
def off() -> ResponseReturnValue:
    """Time off that comes, what stands in it, and entering more."""
    form = TimeOffForm(typed())
    if not is_sent():
        return _off_page(form)
    if not form.is_fine(g.practice):
        return _off_page(form, 422)
    try:
        made = time_off.add(person(), form.absence(), form.name.data or "")
    except Problem as problem:
        return _off_page(form, onto(form, problem))
    answer = done(_("Your time off is saved. Nothing can be booked then."), "practice.off")
    [booked] = diary.standing_in(g.practice, [made])
    if booked:
        flash(_standing(booked), "warning")
    return answer


def _off_page(form: TimeOffForm, status: int = 200) -> ResponseReturnValue:
    coming = time_off.coming(g.practice)
    shown = zip(coming, diary.standing_in(g.practice, coming), strict=True)
    return render_template("practice/schedule/off.html", practice=g.practice, form=form, shown=list(shown)), status


def _standing(booked: Sequence[Booking]) -> str:
    named = [f"{web.day(each.starts_at, g.practice.zone)}, {each.client.name}" for each in booked[:_NAMED]]
    names = "; ".join(named + ["…"] * (len(booked) > _NAMED))
    said: str = ngettext(
        "You have %(num)s session booked then: %(names)s. It stays booked; cancel it if you cannot come.",
        "You have %(num)s sessions booked then: %(names)s. They stay booked; cancel them if you cannot come.",
        len(booked),
        names=names,
    )
    return said


@blueprint.post("/schedule/off/<int(max=2147483647):time_off_id>/remove")
def remove_off(time_off_id: int) -> ResponseReturnValue:
    """The days are like any others again."""
    time_off.remove(person(), time_off_id)
    return done(_("Removed: these days follow your weekly hours again."), "practice.off")


@blueprint.route("/schedule/holidays", methods=["GET", "POST"])
def public_holidays() -> ResponseReturnValue:
    """Whose public holidays are days off, and which of them are not."""
    form = HolidaysForm(typed())
    if not is_sent():
        form.load(g.practice)
        return _holidays_page(form)
    try:
        practice.holidays.choose(person(), *form.chosen())
    except Problem as problem:
        return _holidays_page(form, onto(form, problem))
    return done(_("Saved. Sessions already booked stay booked."), "practice.public_holidays")


@blueprint.post("/schedule/holidays/worked")
def work_on_holidays() -> ResponseReturnValue:
    """Just the ticked holidays are open."""
    form = HolidaysForm()
    form.load(g.practice)
    try:
        practice.holidays.work_on(person(), _dates(request.form.getlist("worked")))
    except Problem as problem:
        onto(form, problem)
        return _holidays_page(form, problem.status)
    return done(_("Saved. Sessions already booked stay booked."), "practice.public_holidays")


def _holidays_page(form: HolidaysForm, status: int = 200) -> ResponseReturnValue:
    form.prepare()
    coming = practice.holidays.coming(g.practice, get_locale().language)
    return render_template("practice/schedule/holidays.html", practice=g.practice, form=form, coming=coming), status


def _dates(texts: Sequence[str]) -> list[date]:
    try:
        return [date.fromisoformat(text) for text in texts]
    except ValueError:
        raise practice.holidays.no_holiday() from None


@blueprint.route("/schedule/notice", methods=["GET", "POST"])
def notice() -> ResponseReturnValue:
    """What everybody reads while the practitioner is away."""
    form = NoticeForm(typed())
    if not is_sent():
        form.load(g.practice)
        return _notice_page(form)
    if not form.is_fine(g.practice):
        return _notice_page(form, 422)
    try:
        practice.absence_notice.show(person(), *form.typed())
    except Problem as problem:
        return _notice_page(form, onto(form, problem))
    return done(_("Your notice is saved."), "practice.off")


def _notice_page(form: NoticeForm, status: int = 200) -> ResponseReturnValue:
    return render_template("practice/schedule/notice.html", practice=g.practice, form=form), status
