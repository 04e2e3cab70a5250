"""Where money is, in a word: of a bill, and finer than refunds' statuses say."""

from collections.abc import Iterable

from app.domain.lifecycle import CheckoutStatus, money_word
from app.models import Attempt, Checkout, Refund
from app.services.ledger import checkouts, paid_amounts, refunds, reviews

# A refund's word -> the bill's, the most pressing first: a failed refund is never called on its way.
FINER = {"failed": "refund_failed", "in_hand": "in_hand", "offered": "refund_offered"}
ALONE = ("credited", "session_back")  # words of refunds that stand for all, where all came back that way


def finer(word: str, back: Iterable[Refund]) -> str:
    """The word, or what the refunds say more exactly: a key of words.MONEY_WORDS."""
    found = {refunds.word_of(refund) for refund in back}
    if word == "refund_pending":
        return next((told for refund, told in FINER.items() if refund in found), word)
    return next((only for only in ALONE if word == "refunded" and found == {only}), word)


def of_checkout(checkout: Checkout, tries: list[Attempt], back: list[Refund]) -> str:
    """Where the money for the checkout is, computed from it and its attempts and refunds: a key of words.MONEY_WORDS."""
    owed = checkouts.is_owed(checkout) and checkout.status is CheckoutStatus.OPEN
    if not tries:
        return "due" if owed else "none"
    word = money_word(
        [attempt.status for attempt in tries],
        [refund.status for refund in back],
        reviews.of_checkout(checkout),
        paid_amounts.kept_of(checkout).amount if back else checkout.amount,
        price=(paid_amounts.for_checkout(checkout) or checkout.money).amount if back else checkout.amount,
        owed=owed,
    )
    return finer(word, back)
