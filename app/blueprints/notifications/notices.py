"""The list of messages in the app."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints.common import web
from app.blueprints.common.access import members_only, person
from app.blueprints.common.redirects import go
from app.blueprints.common.times import clocks
from app.blueprints.sessions.rating_parts import may_rate
from app.domain.money import Money
from app.models import Notification, Role, User
from app.services.backoffice.overview import money_page
from app.services.core import batching
from app.services.notifications import message_kinds, notices
from app.services.notifications.message_kinds import Page

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
_NAMES = (
    "who",
    "name",
    "when",
    "amount",
    "reference",
    "until",
    "to",
    "was",
    "since",
    "gateway",
    "count",
    "sentence",
    "evidence",
    "reason",
    "end",
)
# Where a message leads: to a page of its booking, if it has one, or to one that needs no name. What names no bill,
# conversation or practitioner leads to its booking.
_OF_ITS_BOOKING = {
    Page.BOOKING: "booking.show",
    Page.BILL: "booking.show",
    Page.CONVERSATION: "booking.show",
    Page.DISPUTE: "booking.show",
    Page.PRACTITIONER: "booking.show",
    Page.RATE: "ratings.form",
    Page.ROOM: "room.show",
}
_BY_ITSELF = {
    Page.CALENDARS: "practice_calendars.index",
    Page.DOCTOR: "staff.doctor",
    Page.GIFTS: "gifts.mine",
    Page.MY_DATA: "my_data.show",
    Page.OWN_PACKAGES: "packages.offers",
    Page.PACKAGES: "packages.mine",
    Page.PROOFS: "practice.today",
    Page.RATINGS: "ratings.received",
    Page.SECURITY: "security.show",
    Page.STAFF_DISPUTE: "staff.disputes_desk",
    Page.STAFF_MONEY: "staff.money",
    Page.WALLET: "wallet.show",
}


@blueprint.get("")
@members_only
def index() -> ResponseReturnValue:
    """The person's messages, newest first."""
    found = notices.for_user(person())
    with batching.batch({notice.booking.id: notice.booking for notice in found if notice.booking}.values()):
        items = [(notice, _sentence(notice, person()), _where(notice, person())) for notice in found]
    return render_template("notifications/notices.html", items=[item for item in items if item[1]])


@blueprint.post("/read")
@members_only
def mark_read() -> ResponseReturnValue:
    """All messages are seen."""
    notices.mark_read(person())
    return go("notices.index")


def _where(notice: Notification, user: User) -> str:
    """The page the message is about; empty where there is none."""
    if consultation_id := notice.data.get("consultation"):
        return url_for("consultations.show", consultation_id=consultation_id)
    if slug := notice.data.get("slug"):
        return url_for("choosing.practitioner", slug=slug)
    page = message_kinds.of(notice.kind).page
    if page is Page.BILL and (checkout_id := notice.data.get("checkout")):
        return url_for("paying.show", checkout_id=checkout_id)
    if page is Page.DISPUTE and (dispute_id := notice.data.get("dispute")):
        return url_for("practice.dispute", dispute_id=dispute_id)
    if page in _OF_ITS_BOOKING:
        return url_for(_OF_ITS_BOOKING[page], booking_id=notice.booking_id) if notice.booking_id else ""
    return _of_no_booking(page, notice, user)


def _of_no_booking(page: Page, notice: Notification, user: User) -> str:
    if page is Page.PROOFS and user.role is Role.STAFF:
        return url_for("staff.queue", name="proofs")
    if page is Page.STAFF_DISPUTE and (dispute_id := notice.data.get("dispute")):
        return url_for("staff.dispute", dispute_id=dispute_id)
    if page is Page.STAFF_MONEY and (reference := notice.data.get("reference")):
        return url_for("staff.find", q=reference)
    return url_for(_BY_ITSELF[page])


def _when(name: str, moment: datetime, notice: Notification) -> str:
    """A deadline by the reader's clock, the time of a session by that of its place too."""
    if name == "until" or notice.booking is None:
        return clocks.both(moment, notice.data.get("place_zone"))
    return clocks.session_time(moment, notice.booking)


def _sentence(notice: Notification, user: User) -> str:
    values: dict[str, object] = {**dict.fromkeys(_NAMES, ""), **notice.data}
    if booking := notice.booking:
        is_client = user.id == booking.client_id
        values["who"] = booking.practitioner.name if is_client else booking.client.name
        values["when"] = clocks.session_time(booking.starts_at, booking)
    for name in ("until", "to", "was", "since"):
        if moment := notice.data.get(name):
            values[name] = _when(name, datetime.fromisoformat(moment), notice)
    values["due"] = words.evidence_due(web.when(datetime.fromisoformat(due)) if (due := notice.data.get("due")) else "")
    values["end"] = words.DISPUTE_ENDS.get(notice.data.get("end", ""), "")
    if gateway := notice.data.get("gateway"):
        values["gateway"] = words.method(money_page.label(gateway))
    if "currency" in notice.data:
        values["amount"] = web.money(Money(notice.data["amount"], notice.data["currency"]))
    if notice.kind == "session_completed" and may_rate(notice.booking, user):
        return str(words.RATE_NOW) % values
    return words.notice(notice.kind, values)
