"""A refund's status moves: by the vendor's word, by staff's, or into the wallet. In the caller's transaction."""

from datetime import timedelta

from app.domain.lifecycle import RefundMeans, RefundStatus, refund_rule
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Pending, Refunded, RefundFailed, RefundFailureCode
from app.lib import clock
from app.models import Practitioner, Refund
from app.services.core import outbox, payment_methods, restorations
from app.services.core.transaction import GATEWAY, Who, record
from app.services.ledger import journal, prepaid_balances, reviews
from app.services.notifications import notices

Word = Refunded | RefundFailed | Pending
_BALANCE_GAP = timedelta(hours=4)
_BALANCE_PATIENCE = timedelta(days=5)  # a new merchant's first payments settle after two to seven days


def try_credit(refund: Refund, who: Who, *, payable: bool = False) -> bool:
    """The money is in the client's wallet instead; False once the gateway was asked: it may have sent it already.

    With `payable` it could not go back the way it came, so the client may have it paid out. Inside the caller's
    transaction, which holds the refund's lock.
    """
    target = refund_rule(refund.status, "credited")
    if target is None or (refund.status is RefundStatus.ASKED and refund.tries):
        return False
    refund.means = RefundMeans.WALLET
    _set_status(refund, target, who, why="credit")
    credit = journal.Credit(prepaid_balances.origin_of(refund.attempt), payable)
    _arrive(refund, journal.wallet(refund.attempt.checkout.client_id), credit)
    return True


def try_give_back_session(refund: Refund, who: Who) -> bool:
    """All of a session's worth is in its package again, to be used once more; False where that is over.

    Inside the caller's transaction.
    """
    package = prepaid_balances.take_back_use(refund.attempt, refund.money)
    if package is None:
        return False
    refund.means = RefundMeans.PACKAGE
    _set_status(refund, RefundStatus.DONE, who, why="session")
    _arrive(refund, journal.package(package.id))
    return True


def try_settle_by_hand(refund: Refund, who: Who, evidence: str) -> bool:
    """Staff's word that they sent it by other means ends the refund. In the caller's transaction.

    False before the gateway was asked: it goes out by itself then, or the client is still choosing.
    """
    target = refund_rule(refund.status, "settled")
    if target is None or (refund.status is RefundStatus.ASKED and not refund.tries):
        return False
    refund.means = RefundMeans.BY_HAND
    _set_status(refund, target, who, why=evidence)
    in_hand = journal.custodian_of(refund.attempt) is not None
    _arrive(refund, journal.clearing(refund.attempt) if in_hand else journal.BY_HAND)
    return True


def try_set_off(refund: Refund, who: Who) -> bool:
    """The payer's bank has taken this money itself, so none of it is owed; False where it may be under way.

    Inside the caller's transaction.
    """
    return _try_end(refund, "set_off", RefundMeans.BANK, who, "bank")


def try_waive(refund: Refund, means: RefundMeans, who: Who, evidence: str) -> bool:
    """Staff's word that it went back before, or is not owed, ends the refund. In the caller's transaction."""
    return _try_end(refund, "waived", means, who, evidence)


def _try_end(refund: Refund, fact: str, means: RefundMeans, who: Who, why: str) -> bool:
    target = refund_rule(refund.status, fact)
    if target is None:
        return False
    refund.means = means
    _set_status(refund, target, who, why=why)
    # What went back before left the gateway's account; what stays here is nobody's any more.
    gone = means is RefundMeans.BEFORE
    _arrive(refund, journal.clearing(refund.attempt) if gone else journal.WRITE_OFF)
    return True


def leave_to_staff(refund: Refund) -> None:
    """What a practitioner holds waits until staff say that it was given back, or make it credit."""
    _set_status(refund, RefundStatus.FAILED, GATEWAY, why="in_hand")
    refund.settled_at = clock.now()
    refund.next_try_at = None
    refund.failure = "paid to the practitioner by hand"
    holder = db.session.get_one(Practitioner, journal.custodian_of(refund.attempt))
    _tell_client(refund, "refund_in_hand", who=holder.name)
    _tell(refund, holder.user_id, "give_back", who=refund.attempt.checkout.client.name)
    tell_staff(refund, "refund_failed")


def try_retry(refund: Refund, who: Who) -> bool:
    """A failed refund is asked for again; False where that cannot be. In the caller's transaction.

    With the same key where the vendor made no refund under it; where it made one that failed, that one is its last word,
    and the next is another.
    """
    target = refund_rule(refund.status, "retried")
    if target is None or journal.custodian_of(refund.attempt) is not None:
        return False
    # Stripe answers a refusal again for a day to the key that it was given with.
    if refund.provider_ref or refund.failure_code == RefundFailureCode.NO_BALANCE:
        refund.renewed = restorations.number_after(refund.renewed)
        refund.provider_ref = None
    refund.next_try_at = clock.now()
    refund.settled_at = None
    refund.tries = 0
    refund.failure = ""
    refund.failure_code = ""
    refund.waiver = None  # said of what had failed
    _set_status(refund, target, who)
    outbox.after_commit("app.jobs.refunds.send", str(refund.id))
    return True


def try_hasten(refund: Refund) -> bool:
    """The gateway is to be asked about the refund now, not later; False where it was not asked yet, or has answered.

    Inside the caller's transaction.
    """
    if refund.status not in (RefundStatus.ASKED, RefundStatus.SENT) or not refund.tries:
        return False
    refund.next_try_at = clock.now()
    return True


def send_now(refund: Refund) -> None:
    """An offer is declined: the money goes back now; inside the caller's transaction."""
    refund.offer_until = None
    refund.next_try_at = clock.now()
    outbox.after_commit("app.jobs.refunds.send", str(refund.id))


def hear(refund: Refund, fact: Word) -> None:
    """The vendor's word about the refund has had its effect, or was overtaken."""
    if refund.means is not RefundMeans.GATEWAY:
        _contradicts(refund, fact)
        return
    if fact.refund_ref or isinstance(fact, RefundFailed):  # a failure without a name is of none that the vendor made
        refund.provider_ref = fact.refund_ref
    target = refund_rule(refund.status, fact.type_code)
    if target is None:
        return
    before = refund.status
    if before is RefundStatus.DONE and isinstance(fact, RefundFailed) and not _can_be_believed(refund):
        words = f"it was sent back, and now an unsigned callback says: {fact.reason}"
        reviews.open_review(refund.attempt, "contradiction", words, money=refund.money, charge_ref=refund.key)
        return
    _set_status(refund, target, GATEWAY, why=fact.reason if isinstance(fact, RefundFailed) else "")
    if target is RefundStatus.DONE:
        _arrive(refund, journal.gateway(refund.attempt.gateway))
        _tell_client(refund, "refund_done")
    elif isinstance(fact, RefundFailed):
        _failed(refund, fact, came_back=before is RefundStatus.DONE)


def _can_be_believed(refund: Refund) -> bool:
    """Whether news of this gateway may undo what was done: it is signed."""
    gateway = payment_methods.offered().get(refund.attempt.gateway)
    return gateway is not None and gateway.capabilities.signs_callbacks


def _failed(refund: Refund, fact: RefundFailed, *, came_back: bool) -> None:
    refund.settled_at = clock.now()
    refund.next_try_at = None
    refund.failure = fact.reason[:200]
    refund.failure_code = fact.code
    if came_back:
        away = journal.gateway(refund.attempt.gateway)
        here = journal.refunds(refund.id)
        _post(refund, "refund_came_back", journal.Transfer(away, here, refund.money))
    if fact.code is RefundFailureCode.NO_BALANCE and refund.asked_at > clock.now() - _BALANCE_PATIENCE:
        _try_later(refund, fact)
        return
    # Why it failed decides, and a person sees why: it may have gone back before, or keys of ours may have run out.
    _tell_client(refund, "refund_delayed")
    tell_staff(refund, "refund_failed")


def _try_later(refund: Refund, fact: RefundFailed) -> None:
    """Money comes into the account by itself: the next payments. Staff know, and the client has nothing to do."""
    try_retry(refund, GATEWAY)
    refund.next_try_at = clock.now() + _BALANCE_GAP
    refund.failure = fact.reason[:200]
    refund.failure_code = fact.code
    tell_staff(refund, "refund_no_balance")


def doubt(refund: Refund, fact: RefundFailed) -> None:
    """The vendor said something that we do not understand: the refund stays under way, and staff know at once."""
    refund.failure = fact.reason[:200]
    refund.failure_code = fact.code
    tell_staff(refund, "refund_unclear")


def _contradicts(refund: Refund, fact: Word) -> None:
    # We gave it back another way because the vendor had not; if it has now, the client has it twice.
    named = isinstance(fact, Refunded) and (fact.refund_ref or fact.refund_key)
    if named:
        words = f"given back as {refund.means.value}, and the gateway says it sent it too"
        reviews.open_review(refund.attempt, "refund_twice", words, money=refund.money, charge_ref=refund.key)


def _set_status(refund: Refund, target: RefundStatus, who: Who, *, why: str = "") -> None:
    record("refund", refund.id, refund.status, target, who, why=why, booking_id=refund.attempt.checkout.booking_id)
    refund.status = target
    refund.version += 1


def _arrive(refund: Refund, where: journal.Account, credit: journal.Credit = journal.BOUGHT) -> None:
    refund.settled_at = clock.now()
    refund.next_try_at = None
    refund.offer_until = None
    refund.waiver = None
    refund.failure = ""
    refund.failure_code = ""
    _post(refund, "refund_done", journal.Transfer(journal.refunds(refund.id), where, refund.money), credit)


def _post(refund: Refund, kind: str, transfer: journal.Transfer, credit: journal.Credit = journal.BOUGHT) -> None:
    attempt = refund.attempt
    key = f"{kind}:{refund.id}:{refund.version}"
    booking_id = attempt.checkout.booking_id
    journal.post(kind, key, transfer, attempt=attempt, booking_id=booking_id, credit=credit)


def _tell_client(refund: Refund, kind: str, **more: object) -> None:
    _tell(refund, refund.attempt.checkout.client_id, kind, **more)


def _tell(refund: Refund, user_id: int, kind: str, **more: object) -> None:
    checkout = refund.attempt.checkout
    data = {
        "amount": refund.amount,
        "currency": refund.currency,
        "title": checkout.title,
        "checkout": str(checkout.id),
        "refund": str(refund.id),
    }
    cause = f"{refund.key}:{refund.version}"
    notices.tell(user_id, kind, booking=checkout.booking, cause=cause, data=data | more)


def tell_staff(refund: Refund, kind: str, money: Money | None = None) -> None:
    """Staff will be told, once per refund: of so much, where it is more than this one."""
    data = {
        "amount": (money or refund.money).amount,
        "currency": refund.currency,
        "title": refund.attempt.checkout.title,
        "reference": refund.attempt.reference,
        "refund": str(refund.id),
    }
    notices.tell_staff(kind, booking=refund.attempt.checkout.booking, cause=refund.key, data=data)
