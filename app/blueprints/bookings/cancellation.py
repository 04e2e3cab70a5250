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
from app.domain.money import Money
from app.models import Booking, Package, User
from app.services import bookings
from app.services.bookings import cancellation_policy
from app.services.core.errors import Conflict, Invalid, Problem
from app.services.prepaid import packages
from app.services.workflows import decisions

_UNPAID = "unpaid"


@dataclass(frozen=True)
class Outcome:
    """What cancelling now would bring."""

    back: Money | None  # None where nothing is paid
    cost: Money | None  # what would then be owed; None where nothing

    @classmethod
    def of(cls, booking: Booking, user: User) -> "Outcome":
        """Return what the person would see come back, or owe."""
        return cls(bookings.would_come_back(booking, user), bookings.would_cost(booking, user))

    @property
    def posted(self) -> str:
        """The outcome as the form carries it: if it is another by the time it comes back, nothing is cancelled."""
        if self.cost:
            return f"-{self.cost}"
        return _UNPAID if self.back is None else str(self.back)


@dataclass(frozen=True)
class CancellationPage:
    """What the page says before anything is cancelled."""

    booking: Booking
    who: str
    part: str
    possible: bool
    outcome: Outcome
    steps: list[terms.Step]
    counted_from: datetime
    package: Package | None

    @classmethod
    def of(cls, booking: Booking, user: User) -> "CancellationPage":
        """Return the page as the person sees it now."""
        return cls(
            booking=booking,
            who=other_side(booking, user),
            part=bookings.role_in(booking, user).value,
            possible="cancel" in bookings.actions(booking, user),
            outcome=Outcome.of(booking, user),
            steps=cancellation_policy.steps(booking),
            counted_from=cancellation_policy.counted_from(booking),
            package=packages.of_booking(booking),
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
    outcome = Outcome.of(booking, person())
    seen = request.form.get("shown", outcome.posted)
    if seen != outcome.posted:
        was_paid_since = seen == _UNPAID and outcome.cost is None
        return _not_cancelled(form, Conflict("already_paid" if was_paid_since else "not_allowed"), booking)
    try:
        decisions.cancel(booking_id, person(), form.reason.data or "")
    except (Invalid, Conflict) as problem:
        return _not_cancelled(form, problem, bookings.get(booking_id, person()))
    flash(_("The booking is cancelled."), "success")
    return go("booking.show", booking_id=booking_id)


def _not_cancelled(form: ReasonForm, problem: Problem, booking: Booking) -> ResponseReturnValue:
    return again("bookings/cancel.html", form, problem, page=CancellationPage.of(booking, person()))
