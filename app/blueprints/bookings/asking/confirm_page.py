"""The page where one books: what is about to be asked for, with its terms, and the form, for members and guests."""

from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints.bookings.asking.practitioner_directory import how_booked
from app.blueprints.common import submissions
from app.blueprints.common.access import is_known, person
from app.blueprints.common.forms import BookForm
from app.blueprints.common.redirects import go
from app.blueprints.common.times.days import zone_for
from app.models import Service, User
from app.services import bookings
from app.services.bookings import Requested, attendees, cancellation_policy
from app.services.core.errors import Problem
from app.services.scheduling import guests, kept_times

_TEMPLATE = "bookings/confirm.html"


def shown(found: Service, start: datetime, form: BookForm) -> str:
    """The page, with whatever stands in the form and is wrong with it."""
    return render_template(_TEMPLATE, form=form, **_asked(found, start, _left(found, start)))


def again(
    found: Service, start: datetime, form: BookForm, problem: Problem, left: int | None = None
) -> ResponseReturnValue:
    """The page once more, with everything typed and what is in the way."""
    left = _left(found, start) if left is None else left
    return submissions.again(_TEMPLATE, form, problem, **_asked(found, start, left))


def go_on(made: Requested) -> ResponseReturnValue:
    """To paying, or to the booking that waits for its answer."""
    if made.checkout is not None:
        return go("paying.show", checkout_id=made.checkout.id)
    return go("booking.show", booking_id=made.booking.id if made.booking else None)


def first_time(found: Service) -> str:
    """What is asked of who comes for the first time, for the eyes of those who do."""
    if is_known() and bookings.is_trusted(person(), found.practitioner_id):
        return ""
    return str(words.FIRST_TIME_NOTES.get(found.first_time, ""))


def _reader() -> User | None:
    return person() if is_known() else None


def _left(found: Service, start: datetime) -> int:
    return kept_times.places_left(found, start, _reader())


def _asked(found: Service, start: datetime, left: int) -> dict[str, Any]:
    mode = bookings.mode_for(person(), found) if is_known() else guests.mode_for_guests(found)
    return {
        "service": found,
        "start": start,
        "ends": start + timedelta(minutes=found.minutes),
        "mode": mode,
        "terms": bookings.mark_of(found, mode),
        "how": how_booked(found, mode),
        "first_time": first_time(found),
        "zone": zone_for(found.practitioner).key,
        "left": left,
        "most": attendees.most(found.kind, found.places),
        "totals": [(n, found.price * n) for n in range(1, min(left, 20) + 1)],
        "steps": cancellation_policy.steps_for(found, start),
        "standing": bookings.standing(person(), found, start) if is_known() else None,
    }
