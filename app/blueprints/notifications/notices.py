"""The list of messages in the app."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints.common import web
from app.blueprints.common.requests import go, members_only, person
from app.blueprints.sessions.rating_parts import may_rate
from app.domain.money import Money
from app.models import Notification, Role, User
from app.services.backoffice.overview import money_page
from app.services.notifications import notices

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
    "gateway",
    "count",
    "sentence",
    "evidence",
    "reason",
)
_OF_A_BOOKING = ("booking.show", "paying.show", "ratings.form", "room.show")
# Where a message leads, other than to its booking.
_PAGES = {
    "payment_offer": "paying.show",
    "payment_returned": "paying.show",
    "payment_due": "paying.show",
    "fee_due": "paying.show",
    "difference_due": "paying.show",
    "payment_nudge": "paying.show",
    "topped_up": "paying.show",
    "refund_delayed": "paying.show",
    "refund_in_hand": "paying.show",
    "refund_done": "paying.show",
    "proof_rejected": "paying.show",
    "payment_credited": "wallet.show",
    "refund_credited": "wallet.show",
    "gift_bought": "gifts.mine",
    "gift_redeemed": "gifts.mine",
    "gift_received": "wallet.show",
    "package_bought": "packages.mine",
    "package_sold": "packages.offers",
    "package_expired": "wallet.show",
    "payout_done": "wallet.show",
    "payout_refused": "wallet.show",
    "proof_received": "practice.today",
    "proof_waiting": "practice.today",
    "session_completed": "ratings.form",
    "rating_received": "ratings.received",
    "refund_failed": "staff.money",
    "refund_silent": "staff.money",
    "review_opened": "staff.money",
    "prompt_unheard": "staff.money",
    "audit_breach": "staff.money",
    "callbacks_silent": "staff.doctor",
    "account_unused": "my_data.show",
    "session_started": "room.show",
    "meeting_link_changed": "room.show",
}


@blueprint.get("")
@members_only
def index() -> ResponseReturnValue:
    """The person's messages, newest first."""
    items = [(notice, _sentence(notice, person()), _where(notice, person())) for notice in notices.for_user(person())]
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
    endpoint = _PAGES.get(notice.kind, "booking.show")
    checkout_id = notice.data.get("checkout")
    if endpoint == "paying.show" and checkout_id:
        return url_for(endpoint, checkout_id=checkout_id)
    if endpoint in _OF_A_BOOKING:
        endpoint = "booking.show" if endpoint == "paying.show" else endpoint
        return url_for(endpoint, booking_id=notice.booking_id) if notice.booking_id else ""
    if endpoint == "practice.today" and user.role is Role.STAFF:
        return url_for("staff.queue", name="proofs")
    return url_for(endpoint)


def _sentence(notice: Notification, user: User) -> str:
    values: dict[str, object] = {**dict.fromkeys(_NAMES, ""), **notice.data}
    if booking := notice.booking:
        is_client = user.id == booking.client_id
        values["who"] = booking.practitioner.name if is_client else booking.client.name
        values["when"] = web.when(booking.starts_at)
    for name in ("until", "to", "was"):
        if moment := notice.data.get(name):
            values[name] = web.when(datetime.fromisoformat(moment))
    if gateway := notice.data.get("gateway"):
        values["gateway"] = words.method(money_page.label(gateway))
    if "currency" in notice.data:
        values["amount"] = web.money(Money(notice.data["amount"], notice.data["currency"]))
    if notice.kind == "session_completed" and may_rate(notice.booking, user):
        return str(words.RATE_NOW) % values
    return words.notice(notice.kind, values)
