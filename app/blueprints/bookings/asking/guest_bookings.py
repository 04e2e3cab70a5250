"""Booking without an account first: name and address or number on the page where one books, and a code proves it.

That is the account. The time is kept meanwhile, and the page with the code says until when.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.bookings.asking import confirm_page
from app.blueprints.bookings.asking.practitioner_directory import blueprint
from app.blueprints.common.access import is_known, person
from app.blueprints.common.entering import admit, origin
from app.blueprints.common.forms import BookForm, GuestForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import instant, key_of
from app.blueprints.common.times.days import zone_for
from app.blueprints.common.web import choose_language, known_zone
from app.lib import chance
from app.models import Service, SignUp, User
from app.services import practice
from app.services.accounts import guessing, people, sign_ups
from app.services.accounts.people import Profile
from app.services.core.errors import NotFound, Problem
from app.services.practice import slots
from app.services.scheduling import guests
from app.services.scheduling.guests import GuestWish

_GIVEN_UP = "given_up"  # in the session: the account to be whose address or wish is to be changed


def ask(service_id: int) -> ResponseReturnValue:
    """A code is on its way to the guest, and their time is kept while they type it."""
    found = practice.bookable(service_id)
    form = GuestForm(request.form)
    form.zone_name = _zone(found)
    start = instant(form.start.data or "")
    if start is None:
        return go("choosing.service", service_id=service_id)
    if not current_app.config["PROOF"]:
        return go("choosing.confirm", service_id=service_id, start=start.isoformat())
    slots.check_sane(start)
    if not form.validate():
        return confirm_page.shown(found, start, form), 422
    try:
        _begin(found, start, form)
    except Problem as problem:
        return confirm_page.again(found, start, form, problem)
    return go("codes.prove", next=page_of(found.id, start))


def _begin(found: Service, start: datetime, form: GuestForm) -> None:
    profile = Profile(form.name.data or "", "", choose_language(), form.zone_name)
    address = people.clean_address(form.email.data or "", profile.zone)
    names = tuple(filter(None, map(str.strip, (form.names.data or "").splitlines())))
    key = key_of(form.request_key.data)
    wish = GuestWish(found.id, start, form.places.data or 0, form.notes.data or "", names, key, form.shown.data or "")
    here = origin(address)
    guessing.before_code(address, here)
    may_keep = guests.mode_for_guests(found).holds and guessing.may_keep_places(here, found.practitioner_id)
    session["sign_up"] = guests.begin(address, profile, wish, may_keep=may_keep, instead_of=guests.wish_of(_pending()))


def _zone(found: Service) -> str:
    return known_zone() or found.practitioner.zone


def is_waiting_for(found: Service, start: datetime) -> bool:
    """Whether this browser asked for the time, and only the code is missing."""
    wish = None if is_known() else guests.wish_of(_pending())
    return wish is not None and (wish.service_id, wish.start) == (found.id, start)


@blueprint.post("/services/<int:service_id>/book/other-address")
def other_address(service_id: int) -> ResponseReturnValue:
    """The time is let go, and everything that was typed stands in the form again."""
    wish = guests.wish_of(_pending())
    if wish is None or wish.service_id != service_id:
        return go("choosing.service", service_id=service_id)
    guests.release(wish)
    session[_GIVEN_UP] = session.pop("sign_up")
    try:
        practice.bookable(service_id)
    except NotFound:
        return _gone()
    return redirect(page_of(service_id, wish.start), 303)


def form_for(found: Service, start: datetime) -> GuestForm:
    """The form for this time; with what was typed where this browser has just gone back from the code to change it."""
    before = sign_ups.of_secret(session.get(_GIVEN_UP, ""))
    wish = guests.wish_of(before)
    if before is None or wish is None or is_known() or (wish.service_id, wish.start) != (found.id, start):
        return GuestForm(data={"start": start.isoformat(), "request_key": chance.reference(20), "places": 1})
    return GuestForm(data={**_typed(wish), "name": before.name, "email": before.address})


@dataclass(frozen=True)
class Summary:
    """What the page with the code says of the wish."""

    service: Service
    start: datetime
    zone: str
    kept_until: datetime | None


def summary(wish: GuestWish) -> Summary | None:
    """What is asked for, in the reader's zone, and until when it is kept; None where it can be booked no more."""
    try:
        found = practice.bookable(wish.service_id)
    except NotFound:
        return None
    return Summary(found, wish.start, zone_for(found.practitioner).key, wish.kept_until)


def page_of(service_id: int, start: datetime) -> str:
    """The page where the time is asked for."""
    return url_for("choosing.confirm", service_id=service_id, start=start.isoformat())


def go_on(user: User, wish: GuestWish, said: str) -> ResponseReturnValue:
    """The guest, who has proved their address, is in, and what they asked for stands; or the form says what is in the way.

    Who has a second factor proves that first, and asks for the time then.
    """
    answer = admit(user, said)
    if not is_known():
        guests.release(wish)
        return answer
    was_kept = wish.kept_until is not None
    try:
        made = guests.ask(person(), wish)
    except NotFound:
        guests.release(wish)
        return _gone()
    except Problem as problem:
        guests.release(wish)
        return confirm_page.again(practice.bookable(wish.service_id), wish.start, BookForm(data=_typed(wish)), problem)
    if was_kept:
        guessing.give_back_places(practice.bookable(wish.service_id).practitioner_id)
    return confirm_page.go_on(made)


def _gone() -> ResponseReturnValue:
    flash(_("What you chose can no longer be booked. Nothing was booked and nothing was charged."), "warning")
    return go("booking.practitioners")


def _pending() -> SignUp | None:
    return sign_ups.of_secret(session.get("sign_up", ""))


def _typed(wish: GuestWish) -> dict[str, object]:
    return {
        "start": wish.start.isoformat(),
        "request_key": chance.reference(20),
        "places": wish.places,
        "names": "\n".join(wish.names),
        "notes": wish.notes,
    }
