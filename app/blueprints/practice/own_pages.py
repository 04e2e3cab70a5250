"""The practitioner's pages: today, the diary, opening hours, public profile, services."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import ImmutableMultiDict

from app import words
from app.blueprints.common.access import needs
from app.blueprints.common.requests import go, onto, person
from app.blueprints.practice.practice_forms import (
    MODES,
    WHY_NOT,
    DayForm,
    HoursForm,
    OfferForm,
    ProfileForm,
    parse_price,
    weekdays,
)
from app.domain.lifecycle import TABS
from app.domain.modes import MODES as BOOKING_MODES
from app.models import Booking, Role, Service
from app.services import bookings, consultations, practice
from app.services.accounts import people
from app.services.backoffice.overview import diary, payment_ways
from app.services.core import batching
from app.services.core.errors import Invalid, Problem
from app.services.notifications import notices
from app.services.payments import manual_payments
from app.services.workflows import decisions

blueprint = Blueprint("practice", __name__, url_prefix="/practice")
_FARTHEST = timedelta(days=3660)
_LAST_PAGE = 10_000


@blueprint.before_request
@needs(Role.PRACTITIONER)
def enter() -> ResponseReturnValue | None:
    """Only practitioners come in; one without a practice founds it first."""
    g.practice = diary.practice_of(person())
    if g.practice is None and request.endpoint != "practice.found":
        return go("practice.found")
    return None


def _is_sent() -> bool:
    return request.method == "POST"


def _typed() -> ImmutableMultiDict[str, str] | None:
    # None and not an empty form: unticked boxes cannot be told from untouched defaults otherwise.
    return request.form if _is_sent() else None


def _done(text: str, endpoint: str) -> ResponseReturnValue:
    flash(text, "success")
    return go(endpoint)


# ------------------------------------------------------------------------------------------------ today and the diary


@blueprint.get("")
def today() -> ResponseReturnValue:
    """What is next, what waits for an answer, what is new."""
    return _today()


@blueprint.post("/approve")
def approve() -> ResponseReturnValue:
    """The requests that were ticked are approved; of those that could not be the page says why."""
    ticked = request.form.getlist("booking", UUID)
    refused = decisions.approve_all(ticked, person())
    if refused:
        return _today(refused), 409
    done = ngettext("%(num)s request is approved.", "%(num)s requests are approved.", len(set(ticked)))
    flash(done if ticked else _("Tick those that you approve."), "success" if ticked else "warning")
    return go("practice.today")


def _today(refused: Sequence[tuple[Booking, Problem]] = ()) -> str:
    requests = diary.requests(g.practice)
    with batching.batch(requests):
        return render_template(
            "practice/today.html",
            refused=refused,
            practice=g.practice,
            today=diary.today(g.practice.zone),
            requests=requests,
            proofs=manual_payments.waiting_for(g.practice),
            promised=manual_payments.promised(g.practice),
            coming=diary.coming(g.practice),
            unfinished=diary.unfinished(g.practice),
            unpaid=bookings.counts(person())["waiting"] - len(requests),
            unread=notices.unread(person()),
            questions=consultations.waiting(g.practice),
            can_start=lambda booking: diary.can_start(booking, person()),
        )


@blueprint.get("/bookings", endpoint="bookings")
def show_bookings() -> ResponseReturnValue:
    """The diary as a list: every booking stands in exactly one tab."""
    tab, q = request.args.get("tab", "upcoming"), people.clean_text(request.args.get("q", ""))[:80]
    if tab not in TABS:
        raise Invalid("unknown_tab", field="tab")
    found = bookings.find(person(), tab=tab, q=q, page=min(request.args.get("page", 1, int), _LAST_PAGE))
    with batching.batch(found.items):
        return render_template(
            "practice/bookings.html",
            practice=g.practice,
            tab=tab,
            q=q,
            found=found,
            counts=bookings.counts(person()),
            status_now=bookings.status_now,
            money_of=bookings.money_shown,
        )


# ------------------------------------------------------------------------------------------------ schedule


@blueprint.get("/schedule")
def schedule() -> ResponseReturnValue:
    """A week: when it is open and what is booked."""
    now = diary.today(g.practice.zone)
    monday = diary.monday_of(_near(request.args.get("week", ""), now))
    week = timedelta(days=7)
    return render_template(
        "practice/schedule.html",
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
    form, status = HoursForm(_typed()), 200
    if not _is_sent():
        form.load(practice.hours_of(g.practice))
    elif form.validate():
        try:
            practice.set_hours(person(), form.hours())
            return _done(_("Your opening hours are saved. Sessions that are booked already stay."), "practice.hours")
        except Problem as problem:
            status = onto(form, problem)
    else:
        status = 422
    return render_template("practice/hours.html", practice=g.practice, form=form, weekdays=weekdays()), status


@blueprint.route("/schedule/days", methods=["GET", "POST"])
def days() -> ResponseReturnValue:
    """Dates that differ from the week."""
    form, status = DayForm(_typed()), 200
    if _is_sent():
        try:
            if form.validate():
                return _add_days(form)
            status = 422
        except Problem as problem:
            status = onto(form, problem)
    exceptions = practice.exceptions_of(g.practice)
    booked = diary.booked_on(g.practice, [exception.day for exception in exceptions])
    page = "practice/days.html"
    return render_template(page, practice=g.practice, form=form, exceptions=exceptions, booked=booked), status


def _add_days(form: DayForm) -> ResponseReturnValue:
    meant = form.days()
    for day in meant:
        practice.add_exception(person(), day, form.starts.data, form.ends.data, form.note.data or "")
    booked = diary.booked_on(practice.of_user(person()), meant).total()
    if booked:
        flash(_("Sessions that are booked already stay (%(count)s). Cancel them if you cannot come.", count=booked))
    return _done(_("Your exception is saved."), "practice.days")


@blueprint.post("/schedule/days/<int(max=2147483647):exception_id>/remove")
def remove_day(exception_id: int) -> ResponseReturnValue:
    """The date follows the week again."""
    practice.remove_exception(person(), exception_id)
    return _done(_("The exception is removed: this day follows your weekly hours again."), "practice.days")


# ------------------------------------------------------------------------------------------------ profile


@blueprint.route("/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    """What clients see of the practitioner."""
    form, status = ProfileForm(_typed()), 200
    form.prepare(g.practice)
    if not _is_sent():
        form.load(g.practice)
    else:
        try:
            practice.change_profile(
                person(),
                **form.plain(),
                languages=form.spoken(),
                zone=form.zone.data or "",
                published=form.published.data,
                question_price=form.asked_price(),
                **form.terms(),
            )
            return _done(_("Your profile is saved."), "practice.profile")
        except Problem as problem:
            status = onto(form, problem)
    usual = current_app.config["QUESTION_HOURS"]
    return render_template("practice/profile.html", practice=g.practice, form=form, usual_hours=usual), status


@blueprint.route("/found", methods=["GET", "POST"])
def found() -> ResponseReturnValue:
    """A practitioner who has no practice yet makes one."""
    if g.practice is not None:
        return go("practice.profile")
    form, status = ProfileForm(_typed()), 200
    if _is_sent():
        try:
            practice.found_practice(person(), languages=form.spoken(), **form.plain())
            return _done(_("Your practice is here. Now say when you are open."), "practice.hours")
        except Problem as problem:
            status = onto(form, problem)
    return render_template("practice/found.html", form=form), status


# ------------------------------------------------------------------------------------------------ services


@blueprint.get("/services")
def services() -> ResponseReturnValue:
    """Everything the practitioner offers."""
    shown = [(service, payment_ways.ways(service.price)) for service in g.practice.services]
    return render_template("practice/services.html", practice=g.practice, services=shown, WHY_NOT=WHY_NOT)


@blueprint.route("/services/new", methods=["GET", "POST"])
def new_service() -> ResponseReturnValue:
    """A new service."""
    return _edit(None)


@blueprint.route("/services/<int(max=2147483647):service_id>", methods=["GET", "POST"])
def edit_service(service_id: int) -> ResponseReturnValue:
    """One of the practitioner's services; bookings made before keep what was agreed."""
    return _edit(practice.own_service(person(), service_id))


def _edit(service: Service | None) -> ResponseReturnValue:
    form, status, service_id = OfferForm(_typed()), 200, service.id if service else None
    form.prepare(service)
    if service is not None and not _is_sent():
        form.load(service)
    elif _is_sent():
        try:
            if form.validate():
                saved = practice.save_service(person(), form.filled(), service_id)
                return _done(_("“%(title)s” is saved.", title=saved.title), "practice.services")
            status = 422
        except Problem as problem:
            status = onto(form, problem)
    shown = {"modes": BOOKING_MODES, "MODES": MODES, "WHY_NOT": WHY_NOT, "service_id": service_id}
    price = _ways(form.price.data or "", form.currency.data or "")
    return render_template("practice/service.html", form=form, **shown, **price), status


@blueprint.get("/services/ways", endpoint="ways")
def show_ways() -> ResponseReturnValue:
    """The part of the form that says who could pay a price; asked for again while it is typed."""
    price = _ways(request.args.get("price", "")[:20], request.args.get("currency", "")[:3])
    return render_template("practice/_ways.html", WHY_NOT=WHY_NOT, **price)


def _ways(text: str, currency: str) -> dict[str, Any]:
    try:
        price = parse_price(text, currency)
    except Problem as problem:
        return {"price": None, "ways": [], "wrong": words.problem(problem.code, problem.values) if text else ""}
    return {"price": price, "ways": payment_ways.ways(price), "wrong": ""}
