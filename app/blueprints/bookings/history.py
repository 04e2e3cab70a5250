"""Everything that was ever booked: looked through by words, days and tabs, and taken along as a table (report S2-25)."""

from datetime import datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form, SelectField, StringField

from app import words
from app.blueprints.bookings.booking_summary import other_side
from app.blueprints.common import web
from app.blueprints.common.access import members_only, person
from app.blueprints.common.answers import tables
from app.blueprints.common.forms import options
from app.blueprints.common.throttle import per_search
from app.blueprints.common.times import days
from app.domain.lifecycle import TABS, BookingStatus
from app.models import Booking
from app.services import bookings
from app.services.accounts.people import clean_text
from app.services.core import batching
from app.services.ledger import journal

blueprint = Blueprint("history", __name__)


class HistoryForm(Form):
    """What to look for; everything may stay empty."""

    q = StringField(_l("Name or session"))
    tab = SelectField(_l("Which bookings"), validate_choice=False, default="")
    status = SelectField(_l("Status"), validate_choice=False, default="")
    since = days.Calendar(_l("From"))
    until = days.Calendar(_l("To"))

    def search(self) -> bookings.Search:
        """As the service takes it; what is no tab, status or date is not looked for."""
        tab = self.tab.data or ""
        status = self.status.data or ""
        since, until = days.between(self.since.data, self.until.data)
        return bookings.Search(
            tab=tab if tab in TABS else None,
            status=BookingStatus(status) if status in set(BookingStatus) else None,
            q=clean_text(self.q.data or "")[:80],
            since=since,
            until=until,
        )


def _form() -> HistoryForm:
    form = HistoryForm(request.args)
    form.tab.choices = options([("", _l("All bookings")), *words.TABS.items()])
    form.status.choices = options(
        [("", _l("Any status")), *((status, words.STATUSES[status]) for status in BookingStatus)]
    )
    form.validate()
    return form


@blueprint.get("/history")
@members_only
@per_search
def index() -> ResponseReturnValue:
    """One page of what was found, the newest first."""
    form = _form()
    found = bookings.find(person(), form.search(), page=request.args.get("page", 1, type=int))
    with batching.batch(found.items):
        shown = [(booking, other_side(booking, person()), bookings.status_now(booking)) for booking in found.items]
    kept = {key: value for key, value in request.args.items() if key in form and value}
    return render_template("bookings/history.html", form=form, found=found, shown=shown, kept=kept)


@blueprint.get("/history.csv")
@members_only
@per_search
def table() -> Response:
    """All that was found, at most ten thousand rows."""
    found = bookings.every(person(), _form().search())
    with batching.batch(found):
        rows = [_row(booking) for booking in found]
    return tables.file("kikao.csv", _HEADS, rows)


_HEADS = (
    _l("Starts"),
    _l("Ends"),
    _l("Session"),
    _l("Client"),
    _l("Practitioner"),
    _l("Places"),
    _l("Status"),
    _l("Currency"),
    _l("Price"),
    _l("Paid and not refunded"),
    _l("Reason"),
    _l("Booking"),
)


def _row(booking: Booking) -> tuple[object, ...]:
    return (
        _local(booking.starts_at),
        _local(booking.ends_at),
        booking.title,
        booking.client.name,
        booking.practitioner.name,
        booking.places,
        words.STATUSES[bookings.status_now(booking)],
        booking.currency,
        booking.price.major,
        journal.kept_for(booking.id, booking.currency).major,
        booking.reason,
        booking.id,
    )


def _local(moment: datetime) -> str:
    return moment.astimezone(web.zone()).isoformat(sep=" ", timespec="minutes")
