"""Moving a session to another time: choosing it, proposing it, and answering a proposal."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import flask_babel
from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField, TextAreaField

from app.blueprints.bookings.booking_summary import other_side
from app.blueprints.common import web
from app.blueprints.common.access import members_only, person
from app.blueprints.common.fields import Clock, Whole, at_most
from app.blueprints.common.forms import ReasonForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again, instant
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times import days, month_grid
from app.lib import clock
from app.models import Booking
from app.services import bookings
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.practice import slots
from app.services.scheduling import kept_times, reschedules

blueprint = Blueprint("moving", __name__)


class MoveForm(Form):
    """Another time, chosen from the list or, by the practice, typed."""

    start = HiddenField()
    day = days.Calendar(_l("Day"))
    time = Clock(_l("Time"))
    minutes = Whole(_l("Minutes"), default=0, empty=0)
    reason = TextAreaField(_l("Reason"), [at_most(bookings.REASON_LIMIT)])
    in_time_off = BooleanField(_l("I will hold this session despite my time off"))

    def wanted(self, zone: ZoneInfo) -> datetime | None:
        """The instant that was chosen, or typed as a time in `zone`."""
        day = self.day.data
        clock = self.time.data
        if isinstance(day, date) and isinstance(clock, time):
            return days.instant(day, clock, zone)
        return instant(self.start.data or "")


@blueprint.app_template_global("proposal_of")
def proposal_of(booking: Booking) -> dict[str, Any] | None:
    """The proposal a booking's page shows, and whose it is to answer."""
    proposal = reschedules.open_of(booking)
    if proposal is None:
        return None
    part = bookings.role_in(booking, person())
    return {
        "row": proposal,
        "mine": not reschedules.can_answer(proposal, part),
        "differs": proposal.price != booking.price,
        "in_time_off": reschedules.is_in_time_off(proposal, booking, part),
        "busy_elsewhere": reschedules.is_elsewhere(proposal, booking, part),
    }


@blueprint.app_template_global("may_move")
def may_move(booking: Booking) -> bool:
    """Whether another time can be proposed for the booking."""
    return reschedules.can_move(booking)


@blueprint.get("/bookings/<uuid:booking_id>/move")
@members_only
@per_search
def choose(booking_id: UUID) -> ResponseReturnValue:
    """The free times, or the one that was chosen, before anything happens."""
    booking = bookings.get(booking_id, person())
    form = MoveForm(request.args if "start" in request.args else None)
    form.minutes.data = form.minutes.data or booking.minutes
    start = instant(form.start.data or "")
    if start is None:
        return render_template("scheduling/reschedule.html", form=form, **_page(booking))
    try:
        return render_template("scheduling/reschedule.html", form=form, **_page(booking, start))
    except Problem as problem:
        return again("scheduling/reschedule.html", form, problem, **_page(booking))


@blueprint.post("/bookings/<uuid:booking_id>/move")
@members_only
def propose(booking_id: UUID) -> ResponseReturnValue:
    """The other side is asked, or the session is moved at once."""
    booking = bookings.get(booking_id, person())
    form = MoveForm(request.form)
    start = form.wanted(web.zone())
    try:
        if not form.validate() or start is None:
            raise Invalid("slot_missing", field="day" if _is_practice(booking) else "start")
        made = reschedules.propose(
            booking_id,
            person(),
            start,
            minutes=form.minutes.data or None,
            reason=form.reason.data or "",
            in_time_off=bool(form.in_time_off.data),
        )
    except (Invalid, Conflict) as problem:
        meets = problem.code == "time_off_then"
        return again("scheduling/reschedule.html", form, problem, meets_time_off=meets, **_page(booking))
    asked = _("We have asked %(name)s. The session stays where it is until they answer.", name=_other(booking))
    flash(asked if made.settled_at is None else _("The session has been moved."), "success")
    return go("booking.show", booking_id=booking_id)


@blueprint.post("/bookings/<uuid:booking_id>/move/accept")
@members_only
def accept(booking_id: UUID) -> ResponseReturnValue:
    """The session is at the proposed time."""
    return _answer(booking_id, lambda: reschedules.accept(booking_id, person()), _("The session has been moved."))


@blueprint.post("/bookings/<uuid:booking_id>/move/reject")
@members_only
def reject(booking_id: UUID) -> ResponseReturnValue:
    """The session stays where it is."""
    reason = request.form.get("reason", "")
    said = _("The session stays where it is. The other side has been told.")
    return _answer(booking_id, lambda: reschedules.reject(booking_id, person(), reason), said)


@blueprint.post("/bookings/<uuid:booking_id>/move/withdraw")
@members_only
def withdraw(booking_id: UUID) -> ResponseReturnValue:
    """The proposal is taken back."""
    return _answer(
        booking_id, lambda: reschedules.withdraw(booking_id, person()), _("The proposal has been withdrawn.")
    )


def _answer(booking_id: UUID, act: Callable[[], object], said: str) -> ResponseReturnValue:
    try:
        act()
    except (Invalid, Conflict) as problem:
        booking = bookings.get(booking_id, person())
        return again(
            "scheduling/proposal.html", ReasonForm(request.form), problem, booking=booking, who=_other(booking)
        )
    flash(said, "success")
    return go("booking.show", booking_id=booking_id)


def _page(booking: Booking, start: datetime | None = None) -> dict[str, Any]:
    zone = web.zone()
    first, free = _month(booking, zone)
    plan = None
    if start is not None:
        plan = reschedules.plan_for(booking, bookings.role_in(booking, person()), start)
    return {
        "booking": booking,
        "who": _other(booking),
        "plan": plan,
        "possible": reschedules.can_move(booking),
        "practice": _is_practice(booking),
        "zone": zone.key,
        **_grid(booking, first, free, zone),
    }


def _grid(booking: Booking, first: date, free: month_grid.FreeDays, zone: ZoneInfo) -> dict[str, Any]:
    today = clock.today(zone.key)
    next_month = month_grid.step_on(booking.service, first, zone)
    try:
        wanted = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        wanted = None
    day = wanted if wanted in free else next(iter(sorted(free)), None)

    def url(month_: date, day_: date | None = None) -> str:
        values = {"month": f"{month_:%Y-%m}"} | ({"day": day_.isoformat(), "_anchor": "times"} if day_ else {})
        return url_for("moving.choose", booking_id=booking.id, **values)  # type: ignore[arg-type]

    return {
        "title": flask_babel.format_date(first, "LLLL yyyy"),
        "weekdays": month_grid.weekdays(),
        "weeks": month_grid.weeks(first, free, today, day, lambda d: url(first, d)),
        "prev_url": url(month_grid.step(first, -1)) if first > today.replace(day=1) else None,
        "next_url": url(next_month) if next_month else None,
        "nothing_in": flask_babel.format_date(first, "LLLL"),
        "next_day": None if free else month_grid.next_day(booking.service, first, zone, person(), booking),
        "day_url": lambda found: url(found.replace(day=1), found),
        "how_far": month_grid.how_far(booking.service, first),
        "day": day,
        "free": free.get(day, []) if day else [],
    }


def _month(booking: Booking, zone: ZoneInfo) -> tuple[date, month_grid.FreeDays]:
    first = month_grid.first_of(request.args.get("month", f"{booking.starts_at.astimezone(zone):%Y-%m}"), zone)
    # A practice may move to a time that somebody waits for.
    any_free = slots.free_slots if _is_practice(booking) else partial(kept_times.free_times, reader=person())
    free = partial(any_free, minutes=booking.minutes, moving=booking)
    return first, month_grid.free_days(booking.service, month_grid.month_of(first), zone, free, booking.places)


def _is_practice(booking: Booking) -> bool:
    return person().id != booking.client_id


def _other(booking: Booking) -> str:
    return other_side(booking, person())
