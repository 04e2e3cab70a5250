"""From finding a practitioner to asking for a time. Visitors may look at everything; asking needs a login."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.common import month_grid, web
from app.blueprints.common.forms import AskForm, BookForm, SearchForm, options
from app.blueprints.common.requests import again, go, instant, is_known, key_of, members_only, person
from app.blueprints.sessions import rating_parts
from app.lib import chance
from app.models import Practitioner, Service
from app.services import bookings, consultations, practice
from app.services.bookings import attendees, cancellation_policy
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.practice import slots
from app.services.prepaid import packages

blueprint = Blueprint("choosing", __name__)
_PER_PAGE = 12


# ------------------------------------------------------------------------------------------------ finding


def practitioners() -> ResponseReturnValue:
    """Practitioners with search, language and currency; registered as booking.practitioners."""
    form = SearchForm(request.args)
    form.language.choices = options([("", _("Any language")), *web.LANGUAGE_NAMES.items()])
    form.currency.choices = options([("", _("Any currency")), *((code, code) for code in practice.currencies())])
    asked = {name: (value or "")[:80] for name, value in form.data.items()}
    found = practice.published(**asked)
    page = min(max(1, request.args.get("page", 1, type=int)), max(1, -(-len(found) // _PER_PAGE)))
    here = found[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    return render_template(
        "bookings/practitioners.html",
        form=form,
        cards=[_card(each, asked["currency"]) for each in here],
        rated=rating_parts.stars_of(here),
        total=len(found),
        page=page,
        pages=-(-len(found) // _PER_PAGE),
        asked={name: value for name, value in asked.items() if value},
    )


def _card(practitioner: Practitioner, currency: str) -> dict[str, Any]:
    services = [s for s in practice.bookable_services(practitioner) if not currency or s.currency == currency]
    free = slots.next_free(services[0]) if services else None
    return {
        "practitioner": practitioner,
        "languages": _languages(practitioner),
        "price": min((s.price for s in services), key=lambda price: price.amount, default=None),
        "next_free": free.start if free else None,
        "zone": zone_for(practitioner).key,
    }


def _languages(practitioner: Practitioner) -> str:
    return ", ".join(web.LANGUAGE_NAMES.get(code, code) for code in practitioner.languages.split(",") if code)


@blueprint.get("/practitioners/<slug>")
def practitioner(slug: str) -> ResponseReturnValue:
    """What a practitioner says, gives and asks for."""
    form = AskForm(data={"request_key": chance.reference(20)})
    return render_template("bookings/practitioner.html", form=form, **on_page(practice.by_slug(slug)))


def on_page(practitioner: Practitioner) -> dict[str, Any]:
    """What a practitioner's page shows."""
    services = [(service, _how(service)) for service in practice.bookable_services(practitioner)]
    return {
        "practitioner": practitioner,
        "services": services,
        "offers": packages.offered_by(practitioner),
        "speaks": _languages(practitioner),
        "terms": consultations.terms_of(practitioner),
        **rating_parts.on_profile(practitioner),
    }


def _how(service: Service) -> str:
    return words.how_booked(service.mode_code, minutes=service.hold_minutes, hours=service.answer_hours)


# ------------------------------------------------------------------------------------------------ a day and a time


@blueprint.get("/services/<int:service_id>")
def service(service_id: int) -> ResponseReturnValue:
    """A month with its free days, and the times of one of them."""
    found = practice.bookable(service_id)
    zone = zone_for(found.practitioner)
    first, days = _month(found, zone)
    day = _day(days)
    today = month_grid.today_in(zone)
    this = today.replace(day=1)
    return render_template(
        "bookings/service.html",
        service=found,
        how=_how(found),
        zone=zone.key,
        title=flask_babel.format_date(first, "LLLL yyyy"),
        weekdays=month_grid.weekdays(),
        weeks=month_grid.weeks(first, days, today, day, lambda d: _month_url(found, first, d)),
        prev_url=_month_url(found, month_grid.step(first, -1)) if first > this else None,
        next_url=_month_url(found, month_grid.step(first, 1))
        if first < month_grid.step(this, month_grid.AHEAD)
        else None,
        day=day,
        free=days.get(day, []) if day else [],
        full=_full(found, day, zone) if day and not found.mode.is_paid_after else [],
    )


def _full(found: Service, day: date, zone: ZoneInfo) -> list[slots.FreeSlot]:
    """The day's times that are full: one can wait for a place."""
    near = slots.times(found, day - timedelta(days=1), day + timedelta(days=1))
    return [one for one in near if not one.places_left and one.start.astimezone(zone).date() == day]


def _month(found: Service, zone: ZoneInfo) -> tuple[date, month_grid.FreeDays]:
    """The month asked for; without a wish, the next one when this one has nothing left."""
    first = month_grid.first_of(request.args.get("month", ""), zone)
    days = month_grid.free_days(found, first, zone)
    if not days and "month" not in request.args:
        first = month_grid.step(first, 1)
        days = month_grid.free_days(found, first, zone)
    return first, days


def _day(days: month_grid.FreeDays) -> date | None:
    """The day asked for if something is free on it, else the first that has something."""
    try:
        wanted = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        wanted = None
    return wanted if wanted in days else next(iter(sorted(days)), None)


def _month_url(found: Service, first: date, day: date | None = None) -> str:
    values = {"month": f"{first:%Y-%m}"} | ({"day": day.isoformat(), "_anchor": "times"} if day else {})
    return url_for("choosing.service", service_id=found.id, **values)  # type: ignore[arg-type]


def zone_for(practitioner: Practitioner) -> ZoneInfo:
    """The reader's zone; the practitioner's for a visitor whose browser has not told."""
    return web.zone() if is_known() or web.known_zone() else ZoneInfo(practitioner.zone)


# ------------------------------------------------------------------------------------------------ asking for it


@blueprint.get("/services/<int:service_id>/book")
def confirm(service_id: int) -> ResponseReturnValue:
    """What is about to be asked for, with its policy, before anything happens."""
    found = practice.bookable(service_id)
    start = instant(request.args.get("start", ""))
    if start is None:
        return go("choosing.service", service_id=service_id)
    slots.check_sane(start)
    form = BookForm(data={"start": start.isoformat(), "request_key": chance.reference(20), "places": 1})
    try:
        slots.check_given(found, start)
    except Problem as problem:
        return again("bookings/confirm.html", form, problem, **_asked(found, start, 0))
    return render_template("bookings/confirm.html", form=form, **_asked(found, start, slots.places_left(found, start)))


@blueprint.post("/services/<int:service_id>/book")
@members_only
def ask(service_id: int) -> ResponseReturnValue:
    """The request stands, once however often it is sent: to pay, or to wait for an answer."""
    found = practice.bookable(service_id)
    form = BookForm(request.form)
    start = instant(form.start.data or "")
    if start is None:
        return go("choosing.service", service_id=service_id)
    slots.check_sane(start)
    try:
        made = bookings.request(
            person(),
            service_id,
            start,
            places=form.places.data or 0,
            notes=form.notes.data or "",
            names=(form.names.data or "").splitlines(),
            request_key=key_of(form.request_key.data),
        )
    except (Invalid, Conflict) as problem:
        return again("bookings/confirm.html", form, problem, **_asked(found, start, slots.places_left(found, start)))
    if made.checkout is not None:
        return go("paying.show", checkout_id=made.checkout.id)
    return go("booking.show", booking_id=made.booking.id if made.booking else None)


def _asked(found: Service, start: datetime, left: int) -> dict[str, Any]:
    return {
        "service": found,
        "start": start,
        "how": _how(found),
        "zone": zone_for(found.practitioner).key,
        "left": left,
        "most": attendees.most(found, found.places),
        "totals": [(n, found.price * n) for n in range(1, min(left, 20) + 1)],
        "steps": cancellation_policy.steps_for(found, start),
        "standing": bookings.standing(person(), found, start) if is_known() else None,
    }
