"""The page of one booking, with what each of those who take part may do."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app.blueprints.bookings import booking_list, cancellation, finding_a_time
from app.blueprints.bookings.booking_page import BookingPage
from app.blueprints.common.forms import ReasonForm
from app.blueprints.common.requests import again, go_next, members_only, person
from app.models import Booking
from app.services import bookings
from app.services.core.errors import Conflict, Invalid
from app.services.workflows import decisions
from app.words import page_states

blueprint = Blueprint("booking", __name__)
blueprint.add_url_rule("/practitioners", view_func=finding_a_time.practitioners)
blueprint.add_url_rule("/bookings", view_func=booking_list.mine)
blueprint.add_url_rule("/bookings/<uuid:booking_id>/cancel", view_func=cancellation.ask_cancel)
blueprint.add_url_rule("/bookings/<uuid:booking_id>/cancel", view_func=cancellation.cancel, methods=["POST"])


@blueprint.get("/bookings/<uuid:booking_id>")
@members_only
def show(booking_id: UUID) -> ResponseReturnValue:
    """The booking as the person may see it."""
    page = _page(booking_id)
    return render_template("bookings/show.html", form=ReasonForm(), tried="", page=page, booking=page.booking)


<<<<<<< HEAD
def _page(booking_id: UUID) -> BookingPage:
    return BookingPage.of(bookings.get(booking_id, person()), person())
=======
def _shown(booking_id: UUID) -> dict[str, Any]:
    user = person()
    booking = bookings.get(booking_id, user)
    part = bookings.role_in(booking, user).value
    actions = bookings.actions(booking, user)
    situation = bookings.situation(booking, user)
    may_rebook = part == "client" and bookings.is_over(booking) and situation not in _CHOOSING
    return {
        "booking": booking,
        "part": part,
        "who": other_side(booking, user),
        "their_zone": booking.client.zone if part == "practitioner" else booking.practitioner.zone,
        "status": bookings.status_now(booking),
        **_bill(booking, user),
        "said": page_states.of_booking(situation, part, _values(booking, part)),
        "said_at": _where(situation, booking, user),
        "may_rebook": may_rebook,
        "instead": late_payment.instead(booking) if may_rebook else [],
        "is_paid": bookings.would_come_back(booking, user) is not None,
        "paid_with": ", ".join(_ways_of(booking)),
        "is_disputed": part != "client" and disputes.is_open_for(booking.id),
        "backs": [(refund, refunds.word_of(refund)) for refund in refunds.of_booking(booking.id)],
        "bill": checkouts.open_for(booking),
        "steps": cancellation_policy.steps(booking),
        "counted_from": cancellation_policy.counted_from(booking),
        "cost": bookings.would_cost(booking, user),
        "may_waive": part != "client" and bookings.is_owed(booking),
        "actions": actions,
        "papers": intake_forms.of_booking(booking),
        "papers_due": intake_forms.waiting(booking),
        "own_notes": _own_notes(booking) if part == "practitioner" else "",
        "story": _story(booking, part),
        **rating_parts.on_booking(booking, user),
        "how": words.how_booked(
            booking.mode_code, minutes=booking.service.hold_minutes, hours=booking.policy["answer_hours"]
        ),
    }


def _ways_of(booking: Booking) -> list[str]:
    """The ways the booking was paid, in the reader's language."""
    return sorted({words.method(label(attempt.gateway)) for attempt in bookings.paid_attempts(booking)})


def _own_notes(booking: Booking) -> str:
    """The practitioner's notes; without their key, a sentence that says so, and the rest of the page stands."""
    try:
        return encryption.read(booking, "session_notes")
    except Unavailable as problem:
        return words.problem(problem.code, {})


def _values(booking: Booking, part: str) -> dict[str, object]:
    """What the sentences about a booking may name."""
    bill = checkouts.open_for(booking)
    return {
        "name": booking.client.name if part == "practitioner" else booking.practitioner.name,
        "until": web.when(booking.deadline_at or booking.starts_at),
        "when": web.when(booking.starts_at),
        "price": web.money(booking.price),
        "owed": web.money(bill.money if bill else booking.price),
    }


def _where(situation: str, booking: Booking, user: User) -> str:
    """Where the situation's button leads; empty for those who have nothing to do there."""
    if user.id != booking.client_id:
        return ""
    if to_pay := bookings.to_pay(booking, user):
        return url_for("paying.show", checkout_id=to_pay.id)
    late = [refund for refund in refunds.of_booking(booking.id) if refunds.word_of(refund) == "offered"]
    if late:
        return url_for("paying.show", checkout_id=late[0].attempt.checkout_id)
    return url_for("wallet.show") if situation in _AT_WALLET else ""


def _story(booking: Booking, part: str) -> list[dict[str, Any]]:
    """The booking's trail in the reader's words: what, when, by whom, and why where those who take part may read it."""
    items = []
    for each in bookings.story(booking):
        if (each.subject, each.status) in words.STORY:
            text, kind = words.STORY[(each.subject, each.status)]
            why = each.why if part == "staff" or (each.subject, each.status) in words.TOLD_WHY else ""
            items.append(
                {
                    "when": each.at,
                    "text": text,
                    "by": _by(each, part),
                    "why": words.why(each.subject, each.status, why),
                    "kind": kind,
                    "icon": _ICONS.get(each.subject),
                }
            )
    return items


def _by(each: bookings.Happening, part: str) -> str:
    """Who did it: you, a name, or the part they played; of staff the others learn no names."""
    if each.actor_id == person().id:
        return str(_("you"))
    named = each.name if each.actor != "staff" or part == "staff" else ""
    return f"{named} ({words.ACTORS[each.actor]})" if named else str(words.ACTORS[each.actor])


# ------------------------------------------------------------------------------------------------ acting on it
>>>>>>> deb7be0 (Ask for a person's role in a booking, not their part)


@blueprint.post("/bookings/<uuid:booking_id>/approve")
@members_only
def approve(booking_id: UUID) -> ResponseReturnValue:
    """The client is asked to pay, or the reserved amount is taken."""
    said = page_states.approved(bookings.get(booking_id, person()).mode.charges)
    return _act(booking_id, Form(), lambda: decisions.approve(booking_id, person()), said)


@blueprint.post("/bookings/<uuid:booking_id>/decline")
@members_only
def decline(booking_id: UUID) -> ResponseReturnValue:
    """The request is declined, with a reason the client reads."""
    form = ReasonForm(request.form)
    said = _("Declined. The client has been told, and the time is free again.")
    seen = request.form.get("seen", "")
    return _act(
        booking_id, form, lambda: decisions.decline(booking_id, person(), form.reason.data or "", seen=seen), said
    )


@blueprint.post("/bookings/<uuid:booking_id>/start")
@members_only
def start(booking_id: UUID) -> ResponseReturnValue:
    """The session is in progress."""
    return _act(booking_id, Form(), lambda: bookings.start(booking_id, person()), _("The session has started."))


@blueprint.post("/bookings/<uuid:booking_id>/waive")
@members_only
def waive(booking_id: UUID) -> ResponseReturnValue:
    """What the client owes is forgiven."""
    form = ReasonForm(request.form)
    said = _("Forgiven. The client has been told.")
    return _act(booking_id, form, lambda: decisions.waive(booking_id, person(), form.reason.data or ""), said)


def _act(booking_id: UUID, form: Form, act: Callable[[], Booking], said: str) -> ResponseReturnValue:
    """Done and said, then back to where the button was; or the booking's page with what is in the way."""
    try:
        act()
    except (Invalid, Conflict) as problem:
        page = _page(booking_id)
        tried = request.path.rsplit("/", 1)[-1]
        return again("bookings/show.html", form, problem, tried=tried, page=page, booking=page.booking)
    flash(said, "success")
    return go_next("booking.show", booking_id=booking_id)
<<<<<<< HEAD
=======


@blueprint.get("/bookings/<uuid:booking_id>/cancel")
@members_only
def ask_cancel(booking_id: UUID) -> ResponseReturnValue:
    """What cancelling would cost, before it is done."""
    return render_template("booking/cancel.html", form=ReasonForm(), **_cancelling(booking_id))


@blueprint.post("/bookings/<uuid:booking_id>/cancel")
@members_only
def cancel(booking_id: UUID) -> ResponseReturnValue:
    """The booking is cancelled, unless a payment has just come in: then the page says what would come back."""
    form = ReasonForm(request.form)
    shown = request.form.get("shown", _shown_back(booking_id))
    if shown != _shown_back(booking_id):
        problem = Conflict("already_paid" if shown == _UNPAID and "-" not in _shown_back(booking_id) else "not_allowed")
        return again("booking/cancel.html", form, problem, **_cancelling(booking_id))
    try:
        decisions.cancel(booking_id, person(), form.reason.data or "")
    except (Invalid, Conflict) as problem:
        return again("booking/cancel.html", form, problem, **_cancelling(booking_id))
    flash(_("The booking is cancelled."), "success")
    return go("booking.show", booking_id=booking_id)


def _shown_back(booking_id: UUID) -> str:
    """What the page says would come back, or be owed: when that has changed since, nobody is taken at an old word."""
    booking = bookings.get(booking_id, person())
    back, cost = bookings.would_come_back(booking, person()), bookings.would_cost(booking, person())
    return f"-{cost}" if cost else _UNPAID if back is None else str(back)


def _cancelling(booking_id: UUID) -> dict[str, Any]:
    booking = bookings.get(booking_id, person())
    return {
        "booking": booking,
        "who": other_side(booking, person()),
        "part": bookings.role_in(booking, person()).value,
        "possible": "cancel" in bookings.actions(booking, person()),
        "back": bookings.would_come_back(booking, person()),
        "shown": _shown_back(booking_id),
        "cost": bookings.would_cost(booking, person()),
        "steps": cancellation_policy.steps(booking),
        "counted_from": cancellation_policy.counted_from(booking),
        "package": packages.of_booking(booking),
    }
>>>>>>> deb7be0 (Ask for a person's role in a booking, not their part)
