"""Cancelling a booking: what it would bring, and doing it only while that still holds."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.bookings.booking_summary import other_side
from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import ReasonForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.domain import terms
from app.models import Booking, User
from app.services import bookings
from app.services.bookings import Outcome, cancellation_policy
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.workflows import decisions

_UNPAID = "unpaid"


def _posted(outcome: Outcome) -> str:
    """The outcome as the form carries it: if it is another by the time it comes back, nothing is cancelled."""
    if outcome.owed:
        return f"-{outcome.owed}"
    ways = [f"{means.value} {money}" for means, money in outcome.means.items()]
    return _UNPAID if outcome.back is None else ", ".join([str(outcome.back), *ways])


@dataclass(frozen=True)
class CancellationPage:
    """What the page says before anything is cancelled."""

    booking: Booking
    who: str
    part: str
    possible: bool
    outcome: Outcome
    posted: str
    steps: list[terms.Step]
    counted_from: datetime

    @classmethod
    def of(cls, booking: Booking, user: User) -> "CancellationPage":
        """Return the page as the person sees it now."""
        outcome = bookings.if_cancelled(booking, user)
        return cls(
            booking=booking,
            who=other_side(booking, user),
            part=bookings.role_in(booking, user).value,
            possible="cancel" in bookings.actions(booking, user),
            outcome=outcome,
            posted=_posted(outcome),
            steps=cancellation_policy.steps(booking),
            counted_from=cancellation_policy.counted_from(booking),
        )


@members_only
def ask_cancel(booking_id: UUID) -> ResponseReturnValue:
    """What cancelling would cost, before it is done; registered as booking.ask_cancel."""
    page = CancellationPage.of(bookings.get(booking_id, person()), person())
    if not page.possible:
        return go("booking.show", booking_id=booking_id)  # which says what became of it
    return render_template("bookings/cancel.html", form=ReasonForm(), page=page)


@members_only
def cancel(booking_id: UUID) -> ResponseReturnValue:
    """The booking is cancelled, unless a payment has just come in: then the page says what would come back."""
    form = ReasonForm(request.form)
    booking = bookings.get(booking_id, person())
    outcome = bookings.if_cancelled(booking, person())
    seen = request.form.get("shown", _posted(outcome))
    if seen != _posted(outcome):
        was_paid_since = seen == _UNPAID and outcome.owed is None
        return _not_cancelled(form, Conflict("already_paid" if was_paid_since else "not_allowed"), booking)
    try:
        decisions.cancel(booking_id, person(), form.reason.data or "")
    except (Invalid, Conflict) as problem:
        return _not_cancelled(form, problem, bookings.get(booking_id, person()))
    flash(_("The booking is cancelled."), "success")
    return go("booking.show", booking_id=booking_id)


def _not_cancelled(form: ReasonForm, problem: Problem, booking: Booking) -> ResponseReturnValue:
    return again("bookings/cancel.html", form, problem, page=CancellationPage.of(booking, person()))
