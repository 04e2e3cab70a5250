"""The practitioner's first pages: today with its requests, and the list of all bookings."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.blueprints.common import tasks
from app.blueprints.common.access import needs, person
from app.blueprints.common.redirects import go
from app.blueprints.common.throttle import per_search
from app.domain.lifecycle import TABS
from app.lib import clock
from app.models import Booking, Role
from app.services import bookings, consultations
from app.services.accounts import people
from app.services.backoffice import disputes
from app.services.backoffice.overview import diary
from app.services.core import batching
from app.services.core.errors import Invalid, Problem
from app.services.notifications import notices
from app.services.payments import manual_payments
from app.services.practice import external_calendars
from app.services.workflows import decisions

blueprint = Blueprint("practice", __name__, url_prefix="/practice")


@blueprint.before_request
@needs(Role.PRACTITIONER)
def enter() -> ResponseReturnValue | None:
    """Only practitioners come in; one without a practice founds it first."""
    g.practice = diary.practice_of(person())
    if g.practice is None and request.endpoint != "practice.found":
        return go("practice.found")
    return None


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
    said = ngettext("%(num)s request approved.", "%(num)s requests approved.", len(set(ticked)))
    flash(said if ticked else _("Tick the requests you want to approve."), "success" if ticked else "warning")
    return go("practice.today")


def _today(refused: Sequence[tuple[Booking, Problem]] = ()) -> str:
    requests = diary.requests(g.practice)
    with batching.batch(requests):
        return render_template(
            "practice/today.html",
            refused=refused,
            calendars=external_calendars.in_trouble(g.practice),
            practice=g.practice,
            today=clock.today(g.practice.zone),
            requests=requests,
            to_do=tasks.lines(person()),
            challenged=disputes.for_practitioner(person()),
            proofs=manual_payments.waiting_for(g.practice),
            promised=manual_payments.promised(g.practice),
            coming=diary.coming(g.practice),
            unfinished=diary.unfinished(g.practice),
            unpaid=bookings.unpaid(person()),
            unread=notices.unread(person()),
            questions=consultations.waiting(g.practice),
            can_start=lambda booking: diary.can_start(booking, person()),
        )


@blueprint.get("/bookings", endpoint="bookings")
@per_search
def show_bookings() -> ResponseReturnValue:
    """The diary as a list: every booking stands in exactly one tab."""
    tab = request.args.get("tab", "upcoming")
    q = people.clean_text(request.args.get("q", ""))[:80]
    if tab not in TABS:
        raise Invalid("unknown_tab", field="tab")
    found = bookings.find(person(), bookings.Search(tab=tab, q=q), page=request.args.get("page", 1, int))
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
