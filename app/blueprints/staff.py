"""The staff's pages: where the money is, one payment's whole story, and how the installation is."""

import json
import uuid
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import words
from app.blueprints import web
from app.blueprints.access import needs
from app.blueprints.doors import go
from app.models import Role
from app.services import attempts, bookings, callbacks, doctor, people
from app.services.overview import diary, money, story

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
# How news came to us (InboxEntry.source), and what became of it (InboxState).
_SOURCES = {
    "callback": _l("the gateway told us"),
    "look_up": _l("we asked the gateway"),
    "return": _l("the client's browser brought it"),
    "staff": _l("staff"),
}
_STATES = {
    "received": _l("stored, not applied yet"),
    "applied": _l("applied"),
    "ignored": _l("nothing changed by it"),
    "unmatched": _l("about a payment we do not know"),
    "review": _l("a person must look"),
}
_QUEUES = ("waiting", "reviews", "refunds", "unmatched", "messages")


@blueprint.before_request
@needs(Role.STAFF)
def enter() -> None:
    """Only staff come in."""


@blueprint.app_template_global("gateway_label")
def gateway_label(code: str) -> str:
    """What people call the gateway, in the reader's language."""
    return words.method(money.label(code))


@blueprint.get("", endpoint="money")
def show_money() -> ResponseReturnValue:
    """Money today, the last seven days, and everything that waits for a person."""
    zone = web.zone().key
    today = diary.today(zone)
    return render_template(
        "staff/money.html",
        today=money.taken(today, today, zone),
        week=money.taken(today - timedelta(days=6), today, zone),
        charts=money.charts(zone),
        going_back=money.refunds_on_their_way(),
        totals={name: money.total(name) for name in _QUEUES},
        waiting=money.waiting_attempts(),
        reviews=money.open_reviews(),
        failed=money.failed_refunds(),
        unmatched=callbacks.unmatched(20),
        late=money.undelivered(),
    )


@blueprint.get("/find")
def find() -> ResponseReturnValue:
    """Payments and bookings by any reference."""
    q = people.clean_text(request.args.get("q", ""))[:120]
    found = story.search(q)
    if len(found.attempts) == 1 and len(found.bookings) <= 1:
        return go("staff.payment", attempt_id=found.attempts[0].id)
    return render_template("staff/find.html", q=q, found=found, status_now=bookings.status_now)


@blueprint.get("/payments/<uuid:attempt_id>")
def payment(attempt_id: uuid.UUID) -> ResponseReturnValue:
    """One payment's whole story."""
    told = story.tell(attempt_id)
    return render_template("staff/payment.html", story=told, sources=_SOURCES, states=_STATES, pretty=_pretty)


def _pretty(fact: dict[str, Any]) -> str:
    return json.dumps(fact, indent=2, sort_keys=True, ensure_ascii=False)


@blueprint.post("/payments/<uuid:attempt_id>/ask")
def ask(attempt_id: uuid.UUID) -> ResponseReturnValue:
    """The gateway is asked now; whatever it says goes the way of all news."""
    before = story.attempt(attempt_id).look_ups
    attempts.check(story.attempt(attempt_id).checkout)
    after = story.attempt(attempt_id)
    if after.look_ups == before:
        flash(_("The gateway was asked a moment ago, or the outcome is known. Please wait some seconds."), "info")
    else:
        status = words.STATUSES[after.status]
        flash(_("The gateway was asked. The payment stands at: %(status)s.", status=status), "success")
    return go("staff.payment", attempt_id=attempt_id)


@blueprint.route("/doctor", methods=["GET", "POST"], endpoint="doctor")
def show_doctor() -> ResponseReturnValue:
    """What is wrong with this installation; a POST also asks the gateways, which takes some seconds."""
    whole = request.method == "POST"
    findings = doctor.examine() if whole else doctor.ready()
    return render_template("staff/doctor.html", findings=findings, whole=whole)
