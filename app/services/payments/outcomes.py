"""The heart: news about money, from any source, is compared, believed under locks, carried out once.

Everything here runs inside the caller's transaction; no network, no queue. Locks: attempt, checkout, booking, diary.
"""

from datetime import timedelta
from typing import assert_never

from flask import current_app
from sqlalchemy import select

from app.domain.lifecycle import AttemptStatus, InboxState, rule
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import (
    STATEMENT,
    Authorised,
    Confirmed,
    Disputed,
    Failed,
    GatewayEvent,
    Pending,
    Refunded,
    RefundFailed,
    RefundsChanged,
)
from app.lib import clock
from app.models import Attempt, Checkout
from app.services.core.transaction import GATEWAY, Who, lock, record
from app.services.ledger import checkouts, journal, reviews
from app.services.payments import allocation, authorisations, claims, returns, settlement
from app.services.payments.allocation import APPLIED, REPEATED, Verdict

_CROSS_CHECK_AFTER = timedelta(seconds=5)
# The kinds of news that answer a question of ours: what became of an open payment, and whether a paid one really is.
LOOK_UP = "look_up"
CROSS_CHECK = "cross_check"


def apply_fact(attempt: Attempt, event: GatewayEvent) -> Verdict:
    """The news has had its whole effect, or none, or a person was called; the attempt, which is locked, moves only forward."""
    if wrong := _contradiction(attempt, event):
        reviews.open_review(attempt, "reference", wrong, money=event.fact.money, charge_ref=_charge(event))
        return Verdict(InboxState.REVIEW, wrong)
    if _is_another_phone(attempt, event):
        # Somebody else's phone may have paid, or somebody lies: the gateway's own answer decides, a person is told.
        reviews.open_review(attempt, "phone", "the gateway names another phone", charge_ref=_charge(event))
        if isinstance(event.fact, Confirmed) and _is_other_money(attempt, event.fact):
            _doubt_amount(attempt, event.fact)
        attempt.next_look_up_at = clock.now()
        return Verdict(InboxState.REVIEW, "another phone: asks the gateway")
    if attempt.provider_ref is None and event.provider_ref:
        attempt.provider_ref = event.provider_ref  # the answer to start() was lost, or the callback overtook it
    return _apply(attempt, event)


def _apply(attempt: Attempt, event: GatewayEvent) -> Verdict:
    fact = event.fact
    match fact:
        case Confirmed():
            return _confirmed(attempt, fact, of_statement=event.kind == STATEMENT)
        case Authorised():
            return _authorised(attempt, fact)
        case Failed():
            return _failed(attempt, fact, contradicts=event.kind == CROSS_CHECK)
        case Pending():
            if not (attempt.is_live or attempt.is_paid):  # it was over, and here is news that does not say of what
                attempt.next_look_up_at = clock.now()
            return _pending(attempt, fact)
        case Refunded() | RefundFailed() | RefundsChanged():
            return returns.refund_news(attempt, fact)
        case Disputed():
            return returns.dispute_news(attempt, fact)
        case _:
            assert_never(fact)


def names_another(attempt: Attempt, provider_ref: str) -> bool:
    """Whether the gateway's payment id is another attempt's, or this attempt has a different one."""
    if attempt.provider_ref is not None:
        return provider_ref != attempt.provider_ref
    holder = select(Attempt.id).where(Attempt.gateway == attempt.gateway, Attempt.provider_ref == provider_ref)
    return db.session.scalar(holder) is not None


def _contradiction(attempt: Attempt, event: GatewayEvent) -> str:
    """What the news says about the attempt that we know to be otherwise; empty when all agrees."""
    if event.provider_ref and names_another(attempt, event.provider_ref):
        return "the gateway's payment id is another one"
    for name, value in event.echo.items():
        if name != "phone" and attempt.details.get(name, value) != value:
            return f"{name} is another one"
    return "this charge belongs to another payment" if _is_known_elsewhere(attempt, event) else ""


def _is_known_elsewhere(attempt: Attempt, event: GatewayEvent) -> bool:
    # One receipt pays once: somebody shows it again for another payment.
    charge = _charge(event)
    if not charge or charge == attempt.charge_ref or not isinstance(event.fact, Confirmed | Authorised):
        return False
    others = select(Attempt.id).where(
        Attempt.gateway == attempt.gateway, Attempt.charge_ref == charge, Attempt.id != attempt.id
    )
    return db.session.scalars(others).first() is not None


def _is_another_phone(attempt: Attempt, event: GatewayEvent) -> bool:
    phone = event.echo.get("phone")
    return phone is not None and attempt.details.get("phone", phone) != phone


def _charge(event: GatewayEvent) -> str:
    return event.fact.charge_ref or ""


# ------------------------------------------------------------------------------------------------ outcomes


def _confirmed(attempt: Attempt, fact: Confirmed, *, of_statement: bool = False) -> Verdict:
    lock(Checkout, attempt.checkout_id)
    if _is_other_money(attempt, fact):
        return _wrong_amount(attempt, fact)
    if _is_second_receipt(attempt, fact):
        return _doubt_receipt(attempt, fact, of_statement=of_statement)
    if attempt.status is AttemptStatus.PAID:
        return _confirmed_again(attempt, fact)
    _learn_time(attempt, fact)
    to_be_asked = of_statement or current_app.config["MPESA_CONFIRM_BY_QUERY"] or _hangs_on_its_time(attempt)
    if not fact.verified and to_be_asked:
        return claims.take(attempt, fact)
    if told := _told_otherwise(attempt, fact):
        _put_aside(attempt, AttemptStatus.PAID, told)
        return Verdict(InboxState.REVIEW, f"paid, and the only amount told is {told}")
    if attempt.is_claimed and fact.verified:
        claims.agree(attempt)
    attempt.charge_ref = fact.charge_ref or attempt.charge_ref
    attempt.cross_checked = fact.verified
    _move(attempt, AttemptStatus.PAID)
    attempt.next_look_up_at = None if fact.verified else clock.now() + _CROSS_CHECK_AFTER
    return allocation.capture(attempt, fact.money or attempt.money)


def _learn_time(attempt: Attempt, fact: Confirmed) -> None:
    """When the money was taken is known, if what the news says of it can be: since the vendor was asked, and not to come."""
    told = fact.taken_at
    if told is not None and attempt.heard_at.replace(microsecond=0) <= told <= clock.now():
        attempt.taken_at = min(attempt.taken_at or told, told)


def _hangs_on_its_time(attempt: Attempt) -> bool:
    """Whether it would be too late but for the time that unsigned news names: then the gateway's own answer is needed."""
    taken = attempt.taken_at
    now = clock.now()
    if taken is None or attempt.checkout.expires_at > now:  # which is never after the start
        return False
    start = checkouts.starts_at(attempt.checkout)
    return start is not None and taken < start <= now


def _is_other_money(attempt: Attempt, fact: Confirmed) -> bool:
    return fact.money is not None and fact.money != attempt.money


def _wrong_amount(attempt: Attempt, fact: Confirmed) -> Verdict:
    words = _doubt_amount(attempt, fact)
    # Signed news of another amount is money we have; unsigned news may be a lie and must not end the real payment.
    if fact.verified and (target := rule(attempt.status, "confirmed")):
        attempt.charge_ref = fact.charge_ref or attempt.charge_ref
        _put_aside(attempt, target, fact.money or attempt.money)
    return Verdict(InboxState.REVIEW, words)


def _doubt_amount(attempt: Attempt, fact: Confirmed) -> str:
    words = f"asked for {attempt.money}, {'the gateway' if fact.verified else 'unsigned news'} says {fact.money}"
    reviews.open_review(attempt, "amount", words, money=fact.money, charge_ref=fact.charge_ref or "")
    return words


def _told_otherwise(attempt: Attempt, fact: Confirmed) -> Money | None:
    """The other amount somebody told, where the gateway names none and no callback brought a receipt."""
    return reviews.told_amount(attempt) if fact.money is None and attempt.charge_ref is None else None


def _put_aside(attempt: Attempt, target: AttemptStatus, money: Money) -> None:
    """Paid, and so much is in the books; it is allocated when staff say so."""
    _move(attempt, target)
    attempt.next_look_up_at = None
    allocation.book_receipt(attempt, money)


def _is_second_receipt(attempt: Attempt, fact: Confirmed) -> bool:
    # One prompt is paid once and has one receipt. News that nobody signed cannot make a second charge of it.
    known = attempt.charge_ref
    told = fact.charge_ref
    return not fact.verified and bool(known and told) and known != told


def _doubt_receipt(attempt: Attempt, fact: Confirmed, *, of_statement: bool) -> Verdict:
    words = f"unsigned news names another receipt: {fact.charge_ref}"
    # Anybody may repeat a callback with receipts that do not exist, so of those one is enough; a statement's are all there.
    if of_statement or not reviews.was_opened(attempt, "second_charge"):
        reviews.open_review(attempt, "second_charge", words, money=fact.money, charge_ref=fact.charge_ref or "")
    if attempt.is_claimed:
        attempt.next_look_up_at = clock.now()  # what was told first may have been the lie, and denied
    return Verdict(InboxState.REVIEW, words)


def _confirmed_again(attempt: Attempt, fact: Confirmed) -> Verdict:
    if fact.charge_ref and attempt.charge_ref and fact.charge_ref != attempt.charge_ref:
        return allocation.second_charge(attempt, fact.money or attempt.money, fact.charge_ref)
    if attempt.charge_ref is None and fact.money is not None and allocation.unallocated(attempt):
        # Put aside for the amount that somebody told; here is the one that was asked for, with its receipt.
        attempt.charge_ref = fact.charge_ref
        return allocation.allocate_in_full(attempt)
    attempt.charge_ref = attempt.charge_ref or fact.charge_ref
    if fact.verified and not attempt.cross_checked:
        attempt.cross_checked = True
        attempt.next_look_up_at = None
    booked = journal.brought_by(journal.capture_key(attempt.id), journal.received(attempt), attempt.currency)
    if fact.money is not None and booked.amount and fact.money != booked:  # what staff placed was another amount
        return Verdict(InboxState.REVIEW, _doubt_amount(attempt, fact))
    return REPEATED


def _authorised(attempt: Attempt, fact: Authorised) -> Verdict:
    target = rule(attempt.status, "authorised")
    if target is None:
        return authorisations.learn(attempt, fact) or REPEATED
    attempt.charge_ref = fact.charge_ref
    attempt.capture_before = fact.capture_before
    _move(attempt, target)
    return authorisations.request_or_release(attempt, fact) if attempt.checkout.manual_capture else APPLIED


def _failed(attempt: Attempt, fact: Failed, *, contradicts: bool = False) -> Verdict:
    if contradicts and not attempt.cross_checked:
        abandon(attempt, GATEWAY, "the gateway denies it")
        return claims.deny(attempt, fact)
    if attempt.is_claimed:
        return claims.doubt(attempt)
    target = rule(attempt.status, "failed")
    if target is None:
        return REPEATED
    reserved = attempt.status is AttemptStatus.AUTHORISED
    attempt.failure = fact.code
    attempt.vendor_code = fact.vendor_code[:60]
    _move(attempt, target, why=fact.code)
    if reserved and attempt.checkout.manual_capture:
        authorisations.lapsed(attempt)
    settlement.failed(attempt)
    return APPLIED


def _pending(attempt: Attempt, fact: Pending) -> Verdict:
    if fact.hint and attempt.is_live:
        attempt.failure = fact.hint  # what the last try inside the still open page ended with
    settlement.learn(attempt, fact)
    target = rule(attempt.status, "pending")
    if target is None:
        return REPEATED
    _move(attempt, target)
    return APPLIED


def _move(attempt: Attempt, target: AttemptStatus, *, why: str = "", who: Who = GATEWAY) -> None:
    record("attempt", attempt.id, attempt.status, target, who, why=why, booking_id=attempt.checkout.booking_id)
    attempt.status = target
    attempt.settled_at = None if attempt.is_live else clock.now()


def apply_pending(attempt: Attempt, fact: Pending | None = None) -> None:
    """The vendor has the attempt; inside the caller's transaction, which holds its lock."""
    _pending(attempt, fact or Pending())


def apply_failure(attempt: Attempt, fact: Failed) -> None:
    """The vendor refused to begin; inside the caller's transaction, which holds its lock."""
    _failed(attempt, fact)
    attempt.next_look_up_at = None


def abandon(attempt: Attempt, who: Who, why: str) -> None:
    """Nobody waits for the attempt any longer; late money is noticed. In the caller's transaction."""
    if target := rule(attempt.status, "abandoned"):
        _move(attempt, target, who=who, why=why)


def try_again(attempt: Attempt, who: Who) -> None:
    """The payer goes back to the same page of the vendor. Inside the caller's transaction."""
    if target := rule(attempt.status, "retried"):
        attempt.failure = attempt.vendor_code = ""
        _move(attempt, target, who=who)
