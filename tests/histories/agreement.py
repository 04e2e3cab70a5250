"""The vendors' own word against the books, payment by payment and to the unit: taken, given back, lost to banks.

What differs must stand before a person, with the very amount by which it differs: that is named and counted, never left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, Row, func, select

from app.models import LedgerEntry, LedgerTransaction
from tests.histories.books import Books
from tests.histories.stage import Stage

_SIGN = {"capture": 1, "refund": -1, "refund_failed": 1}
_OURS = (
    select(LedgerTransaction.attempt_id, LedgerEntry.currency, func.sum(LedgerEntry.amount))
    .join(LedgerEntry.transaction)
    .where(LedgerEntry.account == "gateway")
    .group_by(LedgerTransaction.attempt_id, LedgerEntry.currency)
)

Sum = tuple[Any, str]  # of a payment, in a currency


@dataclass(frozen=True)
class Agreement:
    """What does not agree, in sentences, and what waits for a person by its reason."""

    breaches: list[str]
    waiting: Counter[str]


def of(stage: Stage, books: Books, connection: Connection) -> Agreement:
    """Both sides at this moment."""
    whose = _whose(books)
    theirs, unknown = _theirs(stage, books, whose)
    ours = {(attempt_id, currency): -int(amount) for attempt_id, currency, amount in connection.execute(_OURS)}
    found, waiting = list(unknown), Counter[str]()
    for key in sorted({*theirs, *ours}, key=str):
        if difference := theirs[key] - ours.get(key, 0):
            reasons = _reasons(books, key, difference)
            waiting.update(f"= waits: {reason}" for reason in reasons)
            if not reasons:
                found.append(_sentence(books, key, theirs[key], ours.get(key, 0)))
    return Agreement(found, waiting)


def _whose(books: Books) -> dict[tuple[str, str], Any]:
    """The payment of each charge and of each reference of ours."""
    by_id = {row.id: row for row in books.attempts}
    whose = {(row.gateway, row.reference): row.id for row in books.attempts}
    whose |= {
        (by_id[row.attempt_id].gateway, row.charge_ref): row.attempt_id for row in books.refunds if row.charge_ref
    }
    return whose | {(row.gateway, row.charge_ref): row.id for row in books.attempts if row.charge_ref}


def _theirs(
    stage: Stage, books: Books, whose: dict[tuple[str, str], Any]
) -> tuple[defaultdict[Sum, int], Iterator[str]]:
    found: defaultdict[Sum, int] = defaultdict(int)
    of_charge: dict[str, Any] = {}
    strangers = []
    for line in books.money:
        keys = ((line["gateway"], line[name]) for name in ("charge_ref", "reference"))
        attempt_id = next((whose[key] for key in keys if key in whose), None)
        if attempt_id is None:
            strangers.append(
                f"{line['gateway']} {line['kind']} of {line['charge_ref']} for {line['reference']}: no row"
            )
            continue
        of_charge[line["charge_ref"]] = attempt_id
        found[attempt_id, line["currency"]] += _SIGN[line["kind"]] * line["amount"]
    for charge, amount, currency in _lost(stage):
        found[of_charge.get(charge), currency] -= amount
    return found, iter(strangers)


def _lost(stage: Stage) -> Iterator[tuple[str, int, str]]:
    """What banks took for good: of which charge, and how much."""
    for doc in stage.sandbox.store.all("dispute"):
        if doc["status"] == "lost":
            taken = -sum(row["amount"] for row in doc["balance_transactions"])
            yield doc["payment_intent"], taken, doc["currency"].upper()
    for doc in stage.sandbox.store.all("rzp_dispute"):
        yield doc["payment_id"], doc["amount_deducted"], doc["currency"].upper()


def _reasons(books: Books, key: Sum, difference: int) -> list[str]:
    """Why a person looks at just what the vendor has and the books have not, or the other way round; empty if nobody does."""
    named = [*_named(books, key[0]), *_misheard(books, key)]
    for count in range(1, len(named) + 1):
        for some in combinations(named, count):
            if sum(amount for _, amount in some) == difference:
                return [reason for reason, _ in some]
    return []


def _named(books: Books, attempt_id: Any) -> Iterator[tuple[str, int]]:
    """Each movement of the log that a review names, and what it changes at the vendor; a lie names none."""
    attempt = _attempt(books, attempt_id)
    reviews = {
        row.charge_ref or attempt.charge_ref: row for row in books.reviews_of[attempt_id] if row.reason in _NAMING
    }
    for line in books.money:
        name = "charge_ref" if line["kind"] == "capture" else "refund_ref"
        review = reviews.get(line[name])
        if review is not None and review.amount in (None, line["amount"]):
            yield review.reason, _SIGN[line["kind"]] * line["amount"]


def _misheard(books: Books, key: Sum) -> Iterator[tuple[str, int]]:
    """What stands in the books in place of what the log has, where staff look at the amount.

    It is what a spoilt answer said, or the price: M-Pesa's query says that it was paid, and not how much.
    """
    attempt = _attempt(books, key[0])
    for row in books.reviews_of[key[0]]:
        if row.reason == "amount" and row.currency == key[1]:
            taken = sum(line["amount"] for line in books.money if line["charge_ref"] == row.charge_ref)
            booked = attempt.amount if row.amount == taken else row.amount
            yield row.reason, taken * (row.currency == attempt.currency) - booked


def _attempt(books: Books, attempt_id: Any) -> Row[Any]:
    return next(row for row in books.attempts if row.id == attempt_id)


# Why staff look at a movement that is in no book yet; where such a review says no amount, it is the price.
_NAMING = ("returned_at_gateway", "contradiction", "unchecked", "receipt", "second_charge", "amount", "reference")


def _sentence(books: Books, key: Sum, theirs: int, ours: int) -> str:
    attempt: Row[Any] | None = next((row for row in books.attempts if row.id == key[0]), None)
    name = f"{attempt.gateway} {attempt.reference} ({attempt.status})" if attempt is not None else "of nobody"
    seen = [(row.reason, row.amount, row.resolution) for row in books.reviews if row.attempt_id == key[0]]
    return f"{name}: the vendor has {theirs} {key[1]}, the books {ours}; reviews {seen}"
