"""Gifts: credit that is bought for somebody else, handed over as a code, and redeemed once into a wallet."""

import uuid

from flask_babel import force_locale
from sqlalchemy import select

from app import words
from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import Actor, GiftStatus
from app.domain.money import Money
from app.domain.quotas import Rule
from app.extensions import db
from app.models import Checkout, Gift, Role, User
from app.services.core import codes, encryption, idempotency, payment_methods, quotas
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock, transaction
from app.services.ledger import checkouts, journal, prepaid_balances, refunds, reviews
from app.services.notifications import notices
from app.services.payments import allocation
from app.services.payments.attempts import lock_with_attempts


def buy(client: User, money: Money, request_key: str | None = None) -> Checkout:
    """Something to be paid that becomes a code; asking for the same again with the same key gives the same one.

    Raises Forbidden, Invalid (amount_invalid, amount_not_taken).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    if money.amount <= 0:
        raise Invalid("amount_invalid", field="amount")
    if not payment_methods.accepting(money):
        raise Invalid("amount_not_taken", field="amount", currency=money.currency)
    with force_locale(client.language):
        title = words.gift_title()
    key = idempotency.key_for(request_key, "gift", money)
    with transaction():
        lock(User, client.id)  # two presses are looked at one by one
        same = checkouts.made_with(client, key)
        return same or checkouts.open_for_an_hour(CheckoutKind.GIFT, client, money, title, {}, key)


def redeem(client: User, typed: str) -> Gift:
    """What the code is worth is in the client's wallet, once; redeemed again by the same client it is the same gift.

    Raises Forbidden, Invalid (gift_unknown), Conflict (gift_used, gift_cancelled, gift_held; too_often: only wrong codes count).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    quotas.spend({Rule.GIFT_GUESSES: client.id})
    gift = _redeem_once(client, codes.digest(codes.plain(typed)))
    quotas.give_back(Rule.GIFT_GUESSES, client.id)
    return gift


def _redeem_once(client: User, digest: str) -> Gift:
    with transaction() as session:
        gift_id = session.scalar(select(Gift.id).where(Gift.digest == digest))
        gift = lock(Gift, gift_id) if gift_id else None
        if gift is None:
            raise Invalid("gift_unknown", field="code")
        if gift.redeemed_by != client.id:
            _redeem(gift, client)
        return gift


def _redeem(gift: Gift, client: User) -> None:
    if gift.status is GiftStatus.OPEN and reviews.of_checkout(gift.checkout):
        raise Conflict("gift_held", field="code")
    prepaid_balances.set_gift_status(gift, "redeem", Who(Actor.CLIENT, client.id))
    into = journal.Transfer(journal.gift(gift.id), journal.wallet(client.id), gift.money)
    journal.post("gift_redeem", f"gift_redeem:{gift.id}", into, attempt=prepaid_balances.payment_of(gift))
    data = {"amount": gift.amount, "currency": gift.currency, "gift": str(gift.id)}
    notices.tell(client.id, "gift_received", cause=gift.id, data=data)
    if client.id != gift.buyer_id:
        notices.tell(gift.buyer_id, "gift_redeemed", cause=gift.id, data=data)


def cancel(gift_id: uuid.UUID, user: User) -> Gift:
    """The code is worth nothing any more and the money goes back to its buyer, who may ask for it as staff may.

    Raises NotFound, Conflict (gift_used, gift_cancelled; under_review for the buyer).
    """
    with transaction():
        gift, who = _locked(gift_id, user)
        if who.actor is Actor.CLIENT and reviews.of_checkout(gift.checkout):
            raise Conflict("under_review")
        if gift.status is not GiftStatus.OPEN:
            raise Conflict("gift_used" if gift.status is GiftStatus.REDEEMED else "gift_cancelled")
        give_back(gift, "gift_cancelled", who)
        return gift


def give_back(bought: prepaid_balances.Prepaid, reason: str, who: Who) -> None:
    """What is left of it goes back to its buyer, who is told, and with that it is over; in the caller's transaction."""
    attempt = prepaid_balances.payment_of(bought)
    money = refunds.left_of(attempt)
    if not money.amount:
        prepaid_balances.end(attempt, who)  # all of it was lost to the payer's bank
        return
    allocation.tell_client(attempt, refunds.ask(attempt, attempt.charge_ref or "", money, reason, who))


def would_go_back(bought: prepaid_balances.Prepaid) -> tuple[str, Money]:
    """How what is left of it would go back now, as `give_back` does it: a key of words.COMING_BACK; and how much."""
    attempt = prepaid_balances.payment_of(bought)
    money = refunds.left_of(attempt)
    return refunds.way_word(attempt, money, attempt.charge_ref or ""), money


def _locked(gift_id: uuid.UUID, user: User) -> tuple[Gift, Who]:
    """The gift, locked after its payments, and the part the person plays. Raises NotFound."""
    found = db.session.get(Gift, gift_id)
    if found is None or (found.buyer_id != user.id and user.role is not Role.STAFF):
        raise NotFound
    lock_with_attempts(found.checkout_id)
    return lock(Gift, gift_id) or found, Who(Actor.CLIENT if found.buyer_id == user.id else Actor.STAFF, user.id)


# ------------------------------------------------------------------------------------------------ reading


def get(gift_id: uuid.UUID, buyer: User) -> Gift:
    """The gift, if the person bought it. Raises NotFound."""
    gift = db.session.get(Gift, gift_id)
    if gift is None or gift.buyer_id != buyer.id:
        raise NotFound
    return gift


def bought_by(client: User) -> list[Gift]:
    """What the client has bought, the newest first."""
    return list(db.session.scalars(select(Gift).where(Gift.buyer_id == client.id).order_by(Gift.bought_at.desc())))


def of_checkout(checkout: Checkout) -> Gift | None:
    """The gift that was paid for, if that is what was paid for."""
    bought = prepaid_balances.bought_with(checkout)
    return bought if isinstance(bought, Gift) else None


def code_of(gift: Gift) -> str:
    """The code in groups, while it can be redeemed: for the buyer's eyes alone. Raises Unavailable (sealed_away)."""
    return codes.shown(encryption.read(gift, "code")) if gift.status is GiftStatus.OPEN else ""


def code_for_mail(gift_id: str) -> str:
    """The gift's code for the mail to its buyer; dots where there is no such gift: staff read mails over."""
    gift = db.session.get(Gift, uuid.UUID(gift_id))
    return code_of(gift) if gift else codes.shown("·" * codes.LENGTH)
