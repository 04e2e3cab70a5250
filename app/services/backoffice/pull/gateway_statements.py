"""Comparing the books with a statement of its account that somebody downloaded at a gateway's own site.

A statement is evidence that nobody signed: what is ours and not known becomes a claim, which the gateway itself is asked
about; what contradicts the books, or is missing in it, a person looks at. Of other people's lines nothing is kept. What was
compared once changes nothing the second time.
"""

import logging
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO

from sqlalchemy import func, or_, select

from app.domain.lifecycle import AttemptStatus, RefundMeans, RefundStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Listed, Refunded, Statement, StatementRefused
from app.lib import clock
from app.models import Attempt, Refund
from app.services.backoffice.pull import lost_rows
from app.services.core import installation, payment_methods
from app.services.core.errors import Invalid
from app.services.core.transaction import lock, transaction
from app.services.ledger import refunds, reviews
from app.services.payments import inbox, receipt_checks

log = logging.getLogger(__name__)

LIMIT = (
    15 * 1024 * 1024
)  # bytes of a file that comes by a page: a hundred thousand lines; packed, or by the command, more
LINES = 100_000  # that a page takes: some seconds of a thread's time, in which others' pages wait
NOT_LISTED = "not_in_statement"
RETURNED = "returned_at_gateway"
_BATCH = 500
# Two clocks of a vendor's may differ: what was taken so near to either end of the statement may stand in the next.
_EDGE = timedelta(minutes=5)


@dataclass
class Compared:
    """What the statement says of us: how many of its charges and returns the books agree with, and what becomes of the rest."""

    gateway: str
    account: str
    since: datetime
    until: datetime
    begins: datetime | None  # as people read it
    lines: int
    agreed: int = 0
    asked: int = 0  # said to be paid: the gateway's own answer decides
    to_decide: int = 0  # a person looks
    missing: int = 0  # of those, paid by our books and not in the statement
    ours: set[uuid.UUID] = field(default_factory=set, repr=False)

    @property
    def of_others(self) -> int:
        """Lines that are no payment of ours: other products', fees, settlements."""
        return self.lines - self.agreed - self.asked - (self.to_decide - self.missing)


@dataclass(frozen=True)
class _Known:
    """A payment of ours that a line may be about."""

    id: uuid.UUID
    checkout_id: uuid.UUID
    reference: str
    charge_ref: str | None
    status: AttemptStatus
    is_checked: bool
    money: Money

    def agrees(self, each: Listed) -> bool:
        """Whether the books say the same already."""
        fact = each.event.fact
        return self.status is AttemptStatus.PAID and self.charge_ref == fact.charge_ref and self.money == fact.money


def gateways_with_statements() -> list[str]:
    """The codes of the gateways whose statements can be read."""
    offered = payment_methods.offered().items()
    return [code for code, gateway in offered if gateway.capabilities.reads_statements]


def compare_statement(code: str, file: BinaryIO, most: int | None = None) -> Compared:
    """What the gateway's statement tells has had its effect, all of it or, where the file cannot be believed, nothing.

    With `most` a longer file is not read to its end. Raises Invalid with every fault of the file.
    """
    statement = _read(code, file, most)
    found = Compared(code, statement.account, statement.since, statement.until, statement.begins, statement.lines)
    returns = []
    for batch in _batches(statement.listed()):
        returns += [each for each in batch if isinstance(each.event.fact, Refunded)]
        _charges(found, [each for each in batch if not isinstance(each.event.fact, Refunded)])
    for each in returns:  # newest first as a rule: their charges had to be known
        _return(found, each)
    _not_listed(found, statement)
    log.info(
        "statement.compared gateway=%s lines=%s asked=%s to_decide=%s", code, found.lines, found.asked, found.to_decide
    )
    return found


def _read(code: str, file: BinaryIO, most: int | None) -> Statement:
    gateway = payment_methods.offered().get(code)
    if gateway is None or not gateway.capabilities.reads_statements:
        raise Invalid("unknown_gateway", field="gateway")
    try:
        return gateway.read_statement(file, most)
    except StatementRefused as refused:
        first, *others = (
            Invalid(each.code, field="file", line=each.line, column=each.column, most=_written(most))
            for each in refused.faults
        )
        first.also = tuple(others)
        raise first from None


def _written(most: int | None) -> str:
    """The number as every language reads it."""
    return f"{most or 0:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _batches(listed: Iterator[Listed]) -> Iterator[list[Listed]]:
    while batch := list(islice(listed, _BATCH)):
        yield batch


# ------------------------------------------------------------------------------------------------ charges


def _charges(found: Compared, batch: Sequence[Listed]) -> None:
    receipts = {each.event.fact.charge_ref or "" for each in batch}
    _put_back(found.gateway, batch)
    known = _attempts(found.gateway, receipts, {each.event.reference or "" for each in batch})
    by_charge = {each.charge_ref: each for each in known}
    by_reference = {each.reference: each for each in known}
    sent_back = _sent_back(found.gateway, receipts)
    db.session.rollback()  # each line is a transaction of its own
    for line in batch:
        receipt = line.event.fact.charge_ref or ""
        named = by_reference.get(line.event.reference or "")
        ours = by_charge.get(receipt) or named
        if receipt in sent_back:  # a second charge: it was taken in, and back it went
            found.agreed += 1
        elif ours is not None:
            _charge(found, ours, line, is_anothers=named is not None and named.checkout_id != ours.checkout_id)


def _charge(found: Compared, ours: _Known, line: Listed, *, is_anothers: bool) -> None:
    """`is_anothers`: its account number is that of another payment of ours, so whose it is must be looked at."""
    found.ours.add(ours.id)
    fits = ours.is_checked or line.event.reference in (None, ours.reference)
    if ours.agrees(line) and fits and not is_anothers:
        found.agreed += 1
        return
    if ours.charge_ref == line.event.fact.charge_ref and line.event.reference not in (None, ours.reference):
        words = f"the statement has {ours.charge_ref} for another account number"
        _look(ours.id, "reference", words, line.event.fact.money, ours.charge_ref or "")
    else:
        inbox.receive(found.gateway, replace(line.event, reference=ours.reference), source="statement")
    attempt = db.session.get_one(Attempt, ours.id, populate_existing=True)
    if reviews.open_reasons(attempt.id):
        found.to_decide += 1
    elif attempt.is_claimed:
        found.asked += 1
        if attempt.provider_ref is None:  # no prompt that could be asked about by its id, so the receipt is
            receipt_checks.told(attempt.id, line.event.fact.charge_ref or "")
    else:
        found.agreed += 1


def _put_back(code: str, batch: Sequence[Listed]) -> None:
    """Payments to references that were made here and that no row knows, because a restored backup has lost it, have one again."""
    own = installation.code_since(clock.now())
    made_here = {each.event.reference: each for each in batch if installation.is_of(own, each.event.reference or "")}
    known = set(db.session.scalars(select(Attempt.reference).where(Attempt.reference.in_(made_here))))
    db.session.rollback()
    for reference in made_here.keys() - known:
        lost_rows.stand_in_for(payment_methods.offered()[code], made_here[reference])


def _attempts(code: str, receipts: Collection[str], references: Collection[str]) -> list[_Known]:
    named = or_(Attempt.charge_ref.in_(receipts), Attempt.reference.in_(references))
    rows = db.session.scalars(select(Attempt).where(Attempt.gateway == code, named))
    return [
        _Known(row.id, row.checkout_id, row.reference, row.charge_ref, row.status, row.cross_checked, row.money)
        for row in rows
    ]


def _sent_back(code: str, receipts: Iterable[str]) -> set[str]:
    """Which of these charges are second ones of ours, that were given back."""
    second = select(Refund.charge_ref).join(Attempt).where(Attempt.gateway == code, Refund.charge_ref.in_(receipts))
    return set(db.session.scalars(second.where(Refund.charge_ref != func.coalesce(Attempt.charge_ref, ""))))


# ------------------------------------------------------------------------------------------------ returns, and what is missing


def _return(found: Compared, line: Listed) -> None:
    fact = line.event.fact
    mine = select(Attempt.id).where(Attempt.gateway == found.gateway)
    by_refund = mine.join(Refund, Refund.attempt_id == Attempt.id).where(Refund.charge_ref == fact.charge_ref)
    attempt_id = db.session.scalar(mine.where(Attempt.charge_ref == fact.charge_ref)) or db.session.scalar(by_refund)
    if attempt_id is None or not isinstance(fact, Refunded):
        return
    if any(_is_written_down(refund, fact) for refund in refunds.of_attempts([attempt_id])):
        found.agreed += 1
        return
    words = f"the statement says that {fact.money} of {fact.charge_ref} went back: {fact.refund_ref}"
    _look(attempt_id, RETURNED, words, fact.money, fact.refund_ref or "")
    found.to_decide += 1


def _is_written_down(refund: Refund, fact: Refunded) -> bool:
    """Whether the books say of this refund that it went back: by the vendor's id, or by staff who found it in a statement."""
    if refund.status is not RefundStatus.DONE or refund.charge_ref not in ("", fact.charge_ref):
        return False
    return refund.provider_ref == fact.refund_ref or refund.means is RefundMeans.BEFORE


def _not_listed(found: Compared, statement: Statement) -> None:
    begun = func.coalesce(Attempt.taken_at, Attempt.created_at)
    ended = func.coalesce(Attempt.taken_at, Attempt.settled_at)
    account = payment_methods.offered()[found.gateway].account
    # Where the shortcode has changed, the statement of the new one has nothing of the former's.
    of_account = or_(Attempt.account.is_(None), Attempt.account == account)
    paid = select(Attempt.id).where(Attempt.gateway == found.gateway, Attempt.status == AttemptStatus.PAID, of_account)
    inside = paid.where(begun >= statement.since + _EDGE, ended <= statement.until - _EDGE)
    for attempt_id in db.session.scalars(inside).all():
        if attempt_id not in found.ours:
            _look(attempt_id, NOT_LISTED, "the books say that it was paid, and the statement has no such line")
            found.to_decide += 1
            found.missing += 1


def _look(attempt_id: uuid.UUID, reason: str, words: str, money: Money | None = None, charge_ref: str = "") -> None:
    """Staff will look, once."""
    with transaction():
        attempt = lock(Attempt, attempt_id)
        if attempt is not None:
            reviews.open_review(attempt, reason, words, money=money, charge_ref=charge_ref)
