"""The invariants of the trail as SQL: see questions.py."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain import lifecycle
from app.services.backoffice.reconciliation.question import Question, plain

_SUBJECTS = (
    "booking",
    "checkout",
    "attempt",
    "refund",
    "payout",
    "proof",
    "dispute",
    "consultation",
    "reschedule",
    "wait",
    "gift",
    "package",
)


def _pairs(table: Mapping[str, Mapping[Any, Any]]) -> set[tuple[str, str]]:
    return {(str(a), str(b)) for moves in table.values() for a, b in moves.items()}


_MOVES: dict[str, set[tuple[str, str]]] = {
    "booking": {(str(s), str(move.target)) for move in lifecycle.BOOKING_MOVES.values() for s in move.sources},
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


def _words(found: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in sorted(found))


TRAIL = (
    *(
        Question(
            f"trail_{subject}",
            f"the last change of every {subject} is its status",
            f"""SELECT x.id, x.status FROM {subject}s x LEFT JOIN (
                 SELECT {plain("subject_id")} AS subject_id, to_status,
                        row_number() OVER (PARTITION BY subject_id ORDER BY id DESC) AS nth
                   FROM changes WHERE subject = '{subject}'
                ) c ON c.subject_id = {plain("x.id")} AND c.nth = 1
                WHERE x.status <> coalesce(c.to_status, '')""",
        )
        for subject in _SUBJECTS
    ),
    Question(
        "trail_gap",
        "every change begins where the one before it ended",
        """SELECT x.id, x.subject FROM (
             SELECT id, subject, from_status, coalesce(lag(to_status) OVER (
               PARTITION BY subject, subject_id ORDER BY id), '') AS before
               FROM changes WHERE subject NOT IN ('inbox', 'act', 'evidence', 'house', 'second_factor', 'person')
            ) x WHERE x.from_status <> x.before
              AND NOT (x.from_status = '' AND x.before = 'removed')""",  # SQLite gives the number of a removed row anew
    ),
    Question(
        "illegal_move",
        "every status change is in the tables",
        f"""SELECT DISTINCT subject, from_status, to_status FROM changes
            WHERE from_status <> '' AND subject IN ({_words(_MOVES)})
              AND subject || ' ' || from_status || ' ' || to_status NOT IN
                ({_words(f"{subject} {old} {new}" for subject, moves in _MOVES.items() for old, new in moves)})""",
    ),
)
