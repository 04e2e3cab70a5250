"""Payments of which the payer has done their part and whose bank takes days: SEPA, ACH, vouchers (finding PAY-6).

Rows only, inside the caller's transaction, which holds the attempt's lock. Locks: checkout, booking, diary.
"""

import uuid
from datetime import datetime, timedelta

from app.domain.checkout_kinds import Drafted
from app.gateways.base import Gateway, Pending
from app.lib import clock
from app.models import Attempt, Checkout
from app.services.core.transaction import lock
from app.services.ledger import checkouts
from app.services.notifications import notices
from app.services.payments import kept_places


def slow_methods(checkout: Checkout, gateway: Gateway) -> tuple[str, ...]:
    """Those of the gateway's slow ways to pay that can settle while what is paid for can still be had.

    Never for what is only reserved: a bank that has not paid has reserved nothing.
    """
    if checkout.manual_capture:
        return ()
    now = clock.now()
    by = _can_wait_until(checkout)
    return tuple(word for word, takes in gateway.capabilities.slow_methods.items() if by is None or now + takes <= by)


def learn(attempt: Attempt, fact: Pending) -> None:
    """It is known until when the bank may take: so long the place is kept, if it can be, and the gateway is asked."""
    if fact.settles_by is None or attempt.settles_by is not None:
        return
    attempt.settles_by = fact.settles_by
    attempt.next_look_up_at = attempt.next_look_up_at or clock.now()
    if attempt.is_live:
        _keep_place(attempt.checkout_id, fact.settles_by)


def failed(attempt: Attempt) -> None:
    """The client knows that their bank did not pay; a place that was kept is theirs for as long as after an approval."""
    if attempt.settles_by is None:
        return
    _keep_place(attempt.checkout_id)
    bill = attempt.checkout
    data = {"amount": attempt.amount, "currency": attempt.currency, "title": bill.title, "checkout": str(bill.id)}
    notices.tell(bill.client_id, "payment_failed", booking=bill.booking, cause=attempt.id, data=data)


def _can_wait_until(checkout: Checkout) -> datetime | None:
    """The latest that the money may come (UTC), None: whenever it does; where no place is kept, not a moment."""
    if checkout.rules.keeps_place:
        return checkouts.starts_at(checkout)
    return checkout.created_at if checkout.rules.drafted is Drafted.SESSION else None


def _keep_place(checkout_id: uuid.UUID, until: datetime | None = None) -> None:
    """A booking that waits for the money keeps its place until then, or for its hours to pay; never beyond its start."""
    checkout = lock(Checkout, checkout_id)
    if checkout is not None and checkout.rules.keeps_place and checkout.booking is not None:
        hours = timedelta(hours=int(checkout.booking.policy["pay_hours"]))
        kept_places.keep_until(checkout, until or clock.now() + hours)
