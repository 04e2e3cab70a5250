"""Where captured money ends: at what it was meant for, or on its way back, never at neither or both.

Everything here runs inside the caller's transaction, under the attempt's lock. Locks: checkout, booking, diary.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.domain.lifecycle import CheckoutStatus, InboxState, RefundMeans
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, Refunded
from app.lib import clock
from app.models import Attempt, Checkout, InboxEntry, Practitioner, Refund, Service
from app.services.core.transaction import GATEWAY, lock
from app.services.ledger import checkouts, journal, prepaid_balances, refunds, reviews, splits
from app.services.notifications import notices
from app.services.payments import payables
from app.services.payments.payables import Fulfilment


@dataclass(frozen=True)
class Verdict:
    """What became of a piece of news."""

    state: InboxState
    words: str


# How long after a vendor took money its news may come and the money still be in time. Some vendors tell only when the payer
# began, so this bounds what that can be worth.
_NEWS_TAKES = timedelta(minutes=10)

APPLIED = Verdict(InboxState.APPLIED, "applied")
REPEATED = Verdict(InboxState.IGNORED, "repetition, or overtaken")

# How the client is told that money comes back, by the way it goes.
_TOLD = {
    RefundMeans.GATEWAY: "payment_returned",
    RefundMeans.WALLET: "payment_credited",
    RefundMeans.PACKAGE: "session_returned",
}


def capture(attempt: Attempt, money: Money) -> Verdict:
    """The money is in the books, and with those it was meant for or on its way back."""
    receipt = _receipt(attempt, money)
    if attempt.checkout.rules.waits_for_staff:
        journal.post_all([receipt])
        return _ask_staff(attempt, money)
    return allocate(attempt, money, receipt)


def _ask_staff(attempt: Attempt, money: Money) -> Verdict:
    """It is here, and staff say what becomes of it."""
    words = f"{attempt.reference}: a restored backup has nothing of what was paid for"
    reviews.open_review(attempt, "lost_checkout", words, money=money, charge_ref=attempt.charge_ref or "")
    return Verdict(InboxState.REVIEW, words)


def book_receipt(attempt: Attempt, money: Money, charge_ref: str = "") -> None:
    """The money is in the books and not allocated; of a second charge, under that charge's name."""
    journal.post_all([_receipt(attempt, money, charge_ref)])


def _receipt(attempt: Attempt, money: Money, charge_ref: str = "") -> journal.Movement:
    key = journal.capture_key(attempt.id, charge_ref)
    transfer = journal.Transfer(_source(attempt), journal.received(attempt), money)
    return journal.Movement("capture", key, (transfer,), attempt, attempt.checkout.booking_id)


def _source(attempt: Attempt) -> journal.Account:
    if attempt.gateway == journal.WALLET:
        return journal.wallet(attempt.checkout.client_id)
    use = prepaid_balances.use_of(attempt)
    return journal.package(use.package_id) if use else journal.clearing(attempt)


def unallocated(attempt: Attempt) -> Money | None:
    """What the payment brought in that waits for a decision."""
    found = journal.balances(journal.received(attempt))
    return found[0] if found else None


def allocate_in_full(attempt: Attempt) -> Verdict:
    """What waited under an amount that somebody told is booked as the amount asked for, and allocated."""
    price = attempt.money
    told = unallocated(attempt) or attempt.money
    there = _source(attempt)
    here = journal.received(attempt)
    missing = told.amount < price.amount
    rest = journal.Transfer(there, here, price - told) if missing else journal.Transfer(here, there, told - price)
    key = f"capture:{attempt.id}:in_full"
    journal.post("capture", key, rest, attempt=attempt, booking_id=attempt.checkout.booking_id)
    return allocate(attempt, price)


def allocate(attempt: Attempt, money: Money, *taken_in: journal.Movement) -> Verdict:
    """What was taken in pays for what it was meant for, or goes back: it came twice, or too late.

    `taken_in` is the movement that brings it in, where the books do not hold it yet.
    """
    checkout = lock(Checkout, attempt.checkout_id)
    if checkout is None:
        raise LookupError(f"no checkout {attempt.checkout_id}")
    if checkout.status is CheckoutStatus.PAID:
        journal.post_all(taken_in)
        return _give_back(attempt, money, attempt.charge_ref or "", "second_charge")
    outcome = _try_fulfil(checkout, money, counts_from(attempt))
    if outcome is Fulfilment.DONE:
        checkouts.set_status(checkout, CheckoutStatus.PAID, GATEWAY)
        journal.post_all([*taken_in, splits.shared_out(attempt, checkout, money)])
        return APPLIED
    journal.post_all(taken_in)
    why = checkout.rules.gone
    if checkout.status is CheckoutStatus.OPEN:
        checkouts.set_status(checkout, CheckoutStatus.CANCELLED, GATEWAY, why=why)
    return _give_back(attempt, money, attempt.charge_ref or "", why, offer=outcome is Fulfilment.MISSED)


def counts_from(attempt: Attempt) -> datetime:
    """When the money came in, for what would be too late (UTC): when it was taken, if the news of it came soon; else now."""
    now = clock.now()
    taken = attempt.taken_at
    if taken is None or now - taken <= _NEWS_TAKES:
        return taken or now
    # Unsigned news counts once the gateway agrees, and that may be later than it came.
    told = (InboxEntry.attempt_id == attempt.id) & (InboxEntry.fact["type"].as_string() == Confirmed.type_code)
    first = db.session.scalar(select(func.min(InboxEntry.received_at)).where(told))
    return taken if (first or now) - taken <= _NEWS_TAKES else now


def _try_fulfil(checkout: Checkout, money: Money, at: datetime) -> Fulfilment:
    if checkout.client.erased_at is not None:
        return Fulfilment.GONE  # nobody is there to come, or to choose
    return payables.try_fulfil(checkout, money, at)


def second_charge(attempt: Attempt, money: Money, charge_ref: str) -> Verdict:
    """A second charge for one attempt is on its way back, once."""
    if journal.is_captured(attempt, charge_ref):
        return Verdict(InboxState.IGNORED, "a second charge that goes back already")
    book_receipt(attempt, money, charge_ref)
    return _give_back(attempt, money, charge_ref, "second_charge")


def returned_charge(attempt: Attempt, taken: Money, charge_ref: str, fact: Refunded) -> Verdict:
    """Another charge, first heard of when some of it went back at the vendor's site, is in the books; all of it goes back."""
    book_receipt(attempt, taken, charge_ref)
    refunds.add_elsewhere(attempt, charge_ref, fact)
    if rest := max(0, taken.amount - (fact.money or taken).amount):
        _give_back(attempt, Money(rest, taken.currency), charge_ref, "second_charge")
    return APPLIED


def _give_back(attempt: Attempt, money: Money, charge_ref: str, reason: str, *, offer: bool = False) -> Verdict:
    refund = refunds.ask(attempt, charge_ref, money, reason, GATEWAY, offer=offer)
    _tell_both(attempt, refund)
    return Verdict(InboxState.APPLIED, f"{reason}: {'credited' if refund.means is RefundMeans.WALLET else 'refunded'}")


def _tell_both(attempt: Attempt, refund: Refund) -> None:
    """One message to each side: the money came too late, or twice, and where it is now."""
    checkout = attempt.checkout
    tell_client(attempt, refund)
    owner = _practitioner_of(checkout)
    if owner is not None and refund.reason == "too_late":
        data = _data(checkout, refund)
        notices.tell(owner, "payment_returned_practitioner", booking=checkout.booking, cause=attempt.id, data=data)


def tell_client(attempt: Attempt, refund: Refund) -> None:
    """The client will be told where the money is: on its way, in the wallet, or waiting for a choice."""
    checkout = attempt.checkout
    data = _data(checkout, refund)
    kind = "payment_offer" if refund.offer_until else _TOLD[refund.means]
    if refund.offer_until:
        data["until"] = refund.offer_until.isoformat()
    notices.tell(checkout.client_id, kind, booking=checkout.booking, cause=f"{refund.key}:{refund.version}", data=data)


def _data(checkout: Checkout, refund: Refund) -> dict[str, object]:
    return {
        "amount": refund.amount,
        "currency": refund.currency,
        "title": checkout.title,
        "reason": refund.reason,
        "checkout": str(checkout.id),
        "refund": str(refund.id),
    }


def _practitioner_of(checkout: Checkout) -> int | None:
    service_id = (checkout.draft or {}).get("service_id") or (checkout.booking.service_id if checkout.booking else None)
    service = db.session.get(Service, service_id) if service_id else None
    return db.session.get_one(Practitioner, service.practitioner_id).user_id if service else None
