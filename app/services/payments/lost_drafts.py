"""Whether what a checkout drafts can still be had: a payment for what is gone is certain to come too late (ROW-1).

Computed from the tables and the clock each time: a time that is let go again can be paid for again.
"""

from datetime import datetime
from typing import Any

from app.domain.checkout_kinds import Drafted
from app.domain.lifecycle import CheckoutStatus
from app.extensions import db
from app.lib import clock
from app.models import Checkout, Service
from app.services.ledger import checkouts
from app.services.practice import slots


def why_lost(checkout: Checkout) -> str:
    """Why what is drafted cannot be had, a key of payment_states.LOST; empty while it can, and of what is there already.

    A booking holds its own place: its deadline says until when.
    """
    if checkout.booking_id is not None or checkout.draft is None or checkout.status is not CheckoutStatus.OPEN:
        return ""
    match checkout.rules.drafted:
        case Drafted.SESSION:
            return _why_no_session(checkout.draft) if checkouts.is_on_sale(checkout) else "closed"
        case Drafted.QUESTION | Drafted.PACKAGE as drafted:
            return "" if checkouts.is_on_sale(checkout) else drafted.value
        case Drafted.NOTHING:
            return ""


def _why_no_session(draft: dict[str, Any]) -> str:
    service = db.session.get_one(Service, draft["service_id"])
    start = datetime.fromisoformat(draft["start"])
    agreed = draft.get("agreed", {})
    minutes = int(agreed.get("minutes", service.minutes))
    if start <= clock.now():
        return "begun"
    if not slots.may_be_taken(service, start, minutes):
        return "closed"
    left = slots.places_left(service, start, minutes, int(draft["places"]), alone=agreed.get("alone", False))
    if left >= int(draft["places"]):
        return ""
    return "fewer" if left > 0 else "taken"
