"""Looking: nothing here changes anything."""

import uuid
from itertools import groupby
from operator import attrgetter

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.blueprints.backoffice.desk import blueprint, payment_page, queue_page
from app.blueprints.common import web
from app.blueprints.common.redirects import go
from app.domain import languages
from app.services import bookings
from app.services.accounts import people
from app.services.backoffice import doctor, previews, reconciliation
from app.services.backoffice.overview import money_page, payment_story, queues
from app.services.core.errors import NotFound
from app.services.payments import receipt_checks, webhook_monitor


@blueprint.get("", endpoint="money")
def show_money() -> ResponseReturnValue:
    """Where the money is, what waits for a person, and whether books and gateways are well."""
    zone = web.zone().key
    return render_template(
        "backoffice/money.html",
        tills=money_page.tills(zone),
        credit=money_page.credit_outstanding(),
        going_back=money_page.refunds_on_their_way(),
        charts=money_page.charts(zone),
        totals=queues.totals(),
        audit=reconciliation.last(),
        beats=webhook_monitor.beats(),
        rejected=money_page.rejected_today(),
        foreign=receipt_checks.foreign_on_day(),
    )


@blueprint.get("/queues/<name>", endpoint="queue")
def show_queue(name: str) -> ResponseReturnValue:
    """One of the queues."""
    if name not in queues.NAMES:
        raise NotFound
    return queue_page(name)


@blueprint.get("/find")
def find() -> ResponseReturnValue:
    """Payments and bookings by any reference."""
    q = people.clean_text(request.args.get("q", ""))[:120]
    found = payment_story.search(q)
    if len(found.attempts) == 1 and len(found.bookings) <= 1:
        return go("staff.payment", attempt_id=found.attempts[0].id)
    return render_template("backoffice/find.html", q=q, found=found, status_now=bookings.status_now)


@blueprint.get("/payments/<uuid:attempt_id>")
def payment(attempt_id: uuid.UUID) -> ResponseReturnValue:
    """One payment's whole story."""
    return payment_page(attempt_id)


@blueprint.get("/messages", endpoint="messages")
def show_messages() -> ResponseReturnValue:
    """Every message as it would be sent, in the language chosen."""
    asked = request.args.get("language", "")
    language = asked if asked in languages.NAMES else web.choose_language()
    found = groupby(sorted(previews.all_of(language), key=attrgetter("group")), key=attrgetter("group"))
    groups = {name: list(each) for name, each in found}
    return render_template("backoffice/messages.html", language=language, groups=groups)


@blueprint.route("/doctor", methods=["GET", "POST"], endpoint="doctor")
def show_doctor() -> ResponseReturnValue:
    """What is wrong with this installation; a POST also asks the gateways, which takes some seconds."""
    whole = request.method == "POST"
    findings = doctor.examine() if whole else doctor.ready()
    return render_template("backoffice/doctor.html", findings=findings, whole=whole)
