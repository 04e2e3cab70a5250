"""Asking all the questions, keeping the answer of each night, and telling staff when something is broken."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, text

from app.domain import lifecycle
from app.domain.lifecycle import BOOKING_MOVES
from app.extensions import db
from app.lib import clock
from app.models import Audit
from app.models.base import UtcDateTime
from app.services.backoffice.reconciliation.prepaid_questions import PREPAID
from app.services.backoffice.reconciliation.questions import QUESTIONS, Question
from app.services.backoffice.reconciliation.receipt_questions import RECEIPTS
from app.services.core.transaction import transaction
from app.services.notifications import notices

_ALL = (*QUESTIONS, *PREPAID, *RECEIPTS)
_MOST = 20  # rows named for one broken invariant; the rest are like them
_NIGHT = timedelta(hours=24)


@dataclass(frozen=True)
class Breach:
    """One invariant that does not hold, in words, and the rows where it does not."""

    code: str
    sentence: str
    rows: list[str]


def breaches() -> list[Breach]:
    """Every invariant that is broken now; empty when all is well."""
    found = [_ask(question) for question in _ALL]
    return [breach for breach in (*found, _illegal_moves()) if breach is not None]


def count() -> int:
    """How many invariants are looked at."""
    return len(_ALL) + 1


def run() -> Audit:
    """The audit has run and its answer is kept; staff are told of a breach, once per kind of breach and day."""
    found = breaches()
    with transaction() as session:
        audit = Audit(at=clock.now(), checks=count(), breaches=[asdict(breach) for breach in found])
        session.add(audit)
        for breach in found:
            cause = f"{breach.code}:{clock.now().date()}"
            notices.tell_staff("audit_breach", cause=cause, data={"sentence": breach.sentence})
        return audit


def nightly() -> int:
    """How many invariants the audit found broken; it runs again when it is a day old."""
    newest = last()
    if newest is not None and newest.at > clock.now() - _NIGHT:
        return 0
    return len(run().breaches)


def last() -> Audit | None:
    """The newest audit's answer."""
    return db.session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1)).first()


def _ask(question: Question) -> Breach | None:
    statement = text(question.sql)
    if ":now" in question.sql:
        statement = statement.bindparams(bindparam("now", clock.now(), UtcDateTime))
    rows = db.session.execute(statement).fetchmany(_MOST)
    return Breach(question.code, question.sentence, [_words(row) for row in rows]) if rows else None


def _words(row: Iterable[object]) -> str:
    return " ".join(str(value) for value in row)


def _illegal_moves() -> Breach | None:
    """Changes that the tables of lifecycle.py do not have."""
    rows = db.session.execute(
        text("SELECT DISTINCT subject, from_status, to_status FROM changes WHERE from_status <> ''")
    )
    wrong = [_words(row) for row in rows if row[0] in _MOVES and (row[1], row[2]) not in _MOVES[row[0]]]
    return Breach("illegal_move", "every status change is in the tables", wrong) if wrong else None


def _pairs(table: Mapping[str, Mapping[Any, Any]]) -> set[tuple[str, str]]:
    return {(str(a), str(b)) for moves in table.values() for a, b in moves.items()}


_MOVES: dict[str, set[tuple[str, str]]] = {
    "booking": {(str(s), str(move.target)) for move in BOOKING_MOVES.values() for s in move.sources},
    "attempt": _pairs(lifecycle.ATTEMPT_MOVES),
    "refund": _pairs(lifecycle.REFUND_MOVES),
    "payout": _pairs(lifecycle.PAYOUT_MOVES),
    "proof": _pairs(lifecycle.PROOF_MOVES),
    "dispute": _pairs(lifecycle.DISPUTE_MOVES),
    "consultation": _pairs(lifecycle.CONSULTATION_MOVES),
    "rating": _pairs(lifecycle.RATING_MOVES),
    "gift": _pairs(lifecycle.GIFT_MOVES),
    "package": _pairs(lifecycle.PACKAGE_MOVES),
}
