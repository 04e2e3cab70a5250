"""Asking all the questions, keeping the answer of each night, and telling staff when something is broken."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Result, Select, bindparam, literal, select, text

from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Audit
from app.models.base import UtcDateTime
from app.services.backoffice.reconciliation.booking_invariants import BOOKINGS, PLACES
from app.services.backoffice.reconciliation.consultation_invariants import CONSULTATIONS
from app.services.backoffice.reconciliation.ledger_invariants import LEDGER, OUTGOING
from app.services.backoffice.reconciliation.prepaid_invariants import PREPAID
from app.services.backoffice.reconciliation.question import Question
from app.services.backoffice.reconciliation.receipt_invariants import RECEIPTS
from app.services.backoffice.reconciliation.trail_invariants import TRAIL
from app.services.core.transaction import transaction
from app.services.notifications import notices

QUESTIONS: tuple[Question, ...] = (*PLACES, *LEDGER, *OUTGOING, *BOOKINGS, *CONSULTATIONS, *TRAIL, *PREPAID, *RECEIPTS)
_MOST = 20  # rows named for one broken invariant; the rest are like them
_NIGHT = timedelta(hours=24)


@dataclass(frozen=True)
class Breach:
    """One invariant that does not hold, in words, and the rows where it does not."""

    code: str
    sentence: str
    rows: list[str]


def breaches() -> list[Breach]:
    """Every invariant that is broken now; empty when all is well, which takes one statement to see."""
    codes = broken(QUESTIONS)
    return [_seen(question) for question in QUESTIONS if question.code in codes]


def broken(questions: Sequence[Question]) -> set[str]:
    """The codes of the questions that find rows: all of them asked in one statement, about one moment."""
    # Counted, not EXISTS: for the first row alone PostgreSQL may choose a plan that is slow when there is none.
    each = (f"SELECT '{one.code}' WHERE 0 < (SELECT count(*) FROM ({one.sql}) AS found)" for one in questions)
    return set(_ask(" UNION ALL ".join(each)).scalars())


def count() -> int:
    """How many invariants are looked at."""
    return len(QUESTIONS)


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


def query_due() -> Select[int]:
    """SQL: a row where no audit has run for a day."""
    newest = select(Audit.at).order_by(Audit.id.desc()).limit(1).scalar_subquery()
    return select(literal(1)).where(newest.is_(None) | (newest <= moments.ago(_NIGHT)))


@found_by(query_due)
def nightly() -> int:
    """How many invariants the audit found broken; it runs again when it is a day old."""
    return len(run().breaches) if is_due() else 0


def is_due() -> bool:
    """Whether the last audit is a day old."""
    return db.session.scalar(query_due()) is not None


def last() -> Audit | None:
    """The newest audit's answer."""
    return db.session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1)).first()


def _seen(question: Question) -> Breach:
    rows = _ask(question.sql).fetchmany(_MOST)  # none when they were mended meanwhile: it was broken all the same
    return Breach(question.code, question.sentence, [_words(row) for row in rows])


def _ask(sql: str) -> Result[Any]:
    statement = text(sql)
    if ":now" in sql:
        statement = statement.bindparams(bindparam("now", clock.now(), UtcDateTime))
    return db.session.execute(statement)


def _words(row: Iterable[object]) -> str:
    return " ".join(str(value) for value in row)
