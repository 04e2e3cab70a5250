"""The invariants as SQL: each statement finds what is broken, by a name people can search for. Runs on both engines.

Bound: :now. The first column of an answer names the row; a second, where there is one, says what is wrong with it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One invariant: `sentence` holds, unless `sql` finds rows."""

    code: str
    sentence: str
    sql: str


def plain(column: str) -> str:
    # SQLite keeps an id without dashes, PostgreSQL shows it with them.
    return f"replace(CAST({column} AS VARCHAR(40)), '-', '')"


def at(account: str) -> str:
    return f"""
        (SELECT {plain("owner")} AS owner, currency, sum(amount) AS held FROM ledger_entries
          WHERE account = '{account}' GROUP BY owner, currency)"""


_LIVE = "h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > :now)"
_KEPT = """
    (SELECT CAST(coalesce(sum(e.amount), 0) AS BIGINT)
       FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
      WHERE {whose} AND e.account IN ({accounts}))
"""
_OF_BOOKING = "t.booking_id = b.id"
_OF_CONSULTATION = "t.attempt_id IN (SELECT a.id FROM attempts a WHERE a.checkout_id = q.checkout_id)"
_ALL, _FEE = "'practitioner', 'platform'", "'platform'"
_KEPT_ALL = _KEPT.format(whose=_OF_BOOKING, accounts=_ALL)
_KEPT_FEE = _KEPT.format(whose=_OF_BOOKING, accounts=_FEE)
_ASKED_ALL = _KEPT.format(whose=_OF_CONSULTATION, accounts=_ALL)
_ASKED_FEE = _KEPT.format(whose=_OF_CONSULTATION, accounts=_FEE)

_SLOTS = (
    Question(
        "capacity",
        "no slot has more places held than it has",
        f"""SELECT s.id, sum(h.places) FROM slots s JOIN holds h ON h.slot_id = s.id WHERE {_LIVE}
             GROUP BY s.id, s.capacity HAVING sum(h.places) > s.capacity""",
    ),
    Question(
        "overlap",
        "no two open slots of a practitioner overlap",
        """SELECT s.id, o.id FROM slots s JOIN slots o ON o.practitioner_id = s.practitioner_id AND o.id > s.id
            WHERE s.closed_at IS NULL AND o.closed_at IS NULL
              AND s.busy_from < o.busy_until AND o.busy_from < s.busy_until""",
    ),
    Question(
        "hold_missing",
        "a confirmed booking has its places for good",
        """SELECT b.id, b.status FROM bookings b WHERE b.status IN ('confirmed', 'in_progress') AND NOT EXISTS (
             SELECT 1 FROM holds h WHERE h.booking_id = b.id AND h.released_at IS NULL AND h.expires_at IS NULL)""",
    ),
    Question(
        "hold_left",
        "an ended booking keeps no place",
        f"""SELECT b.id, b.status FROM bookings b JOIN holds h ON h.booking_id = b.id
             WHERE b.status IN ('declined', 'cancelled', 'expired') AND {_LIVE}""",
    ),
)

_LEDGER = (
    Question(
        "unbalanced",
        "every ledger transaction sums to zero per currency",
        """SELECT transaction_id, currency FROM ledger_entries
            GROUP BY transaction_id, currency HAVING sum(amount) <> 0""",
    ),
    Question(
        "empty_transaction",
        "every ledger transaction moves something",
        """SELECT t.id FROM ledger_transactions t
            WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.transaction_id = t.id)""",
    ),
    Question(
        "wallet_below_zero",
        "no wallet is below zero",
        """SELECT owner, currency FROM ledger_entries WHERE account = 'wallet'
            GROUP BY owner, currency HAVING sum(amount) < 0""",
    ),
    Question(
        "capture_missing",
        "every paid attempt stands in the books once",
        """SELECT a.id FROM attempts a WHERE a.status = 'paid' AND 1 <> (
             SELECT count(*) FROM ledger_transactions t
              WHERE t.attempt_id = a.id AND t.kind = 'capture' AND length(t.key) = 44)""",
    ),
    Question(
        "capture_unpaid",
        "nothing is in the books for an attempt that was not paid",
        """SELECT t.id, a.status FROM ledger_transactions t JOIN attempts a ON a.id = t.attempt_id
            WHERE a.status <> 'paid'""",
    ),
    Question(
        "received_unplaced",
        "what was taken in and not placed is being looked at",
        f"""SELECT x.owner, x.held FROM {at("received")} x
             LEFT JOIN (SELECT DISTINCT {plain("attempt_id")} AS owner FROM reviews WHERE resolved_at IS NULL) r
               ON r.owner = x.owner
             WHERE x.held < 0 OR (x.held > 0 AND r.owner IS NULL)""",
    ),
)

_REFUNDS = (
    Question(
        "refund_balance",
        "what is on its way back is what the refunds' rows say",
        f"""SELECT r.id, r.status FROM refunds r
             LEFT JOIN {at("refunds")} x ON x.owner = {plain("r.id")} AND x.currency = r.currency
             WHERE coalesce(x.held, 0) <> CASE WHEN r.status = 'done' THEN 0 ELSE r.amount END""",
    ),
    Question(
        "refund_beyond",
        "never more goes back than was taken",
        """SELECT r.attempt_id, r.currency FROM refunds r GROUP BY r.attempt_id, r.currency HAVING sum(r.amount) > (
             SELECT coalesce(-sum(e.amount), 0) FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
              WHERE t.attempt_id = r.attempt_id AND t.kind = 'capture' AND e.currency = r.currency
                AND e.account IN ('gateway', 'wallet', 'package'))""",
    ),
    Question(
        "payout_balance",
        "what is being paid out is what the payouts' rows say",
        f"""SELECT p.id, p.status FROM payouts p
             LEFT JOIN {at("payouts")} x ON x.owner = {plain("p.id")} AND x.currency = p.currency
             WHERE coalesce(x.held, 0) <> CASE WHEN p.status = 'asked' THEN p.amount ELSE 0 END""",
    ),
    Question(
        "dispute_unwritten",
        "a lost dispute is written off once",
        """SELECT d.id FROM disputes d WHERE (SELECT count(*) FROM ledger_transactions t
             WHERE t.key = 'dispute_lost:' || d.id) <> CASE WHEN d.status = 'lost' THEN 1 ELSE 0 END""",
    ),
)

_BOOKINGS = (
    Question(
        "unpaid_confirmed",
        "no booking stands without its money, unless it is paid for afterwards",
        """SELECT b.id, b.status FROM bookings b
            WHERE b.status IN ('confirmed', 'in_progress', 'completed', 'no_show') AND b.mode_code <> 'pay_after'
              AND NOT EXISTS (SELECT 1 FROM checkouts c WHERE c.booking_id = b.id AND c.status = 'paid')""",
    ),
    Question(
        "paid_twice_or_never",
        "a paid checkout was paid by exactly one payment, and no other was",
        """SELECT c.id, c.status FROM checkouts c WHERE (
             SELECT count(*) FROM ledger_transactions t JOIN attempts a ON a.id = t.attempt_id
              WHERE t.kind = 'land' AND a.checkout_id = c.id) <> CASE WHEN c.status = 'paid' THEN 1 ELSE 0 END""",
    ),
    Question(
        "kept_too_much",
        "nobody keeps more than the price",
        f"SELECT b.id FROM bookings b WHERE {_KEPT_ALL} NOT BETWEEN 0 AND b.price_amount",
    ),
    Question(
        "kept_for_nothing",
        "a booking that never stood keeps nobody's money",
        f"""SELECT b.id, b.status FROM bookings b
             WHERE (b.status IN ('declined', 'expired') OR (b.status = 'cancelled' AND b.confirmed_at IS NULL))
               AND {_KEPT_ALL} <> 0""",
    ),
    Question(
        "fee",
        "the platform's fee is in proportion to what is kept",
        f"""SELECT b.id FROM bookings b
             WHERE {_KEPT_FEE} <> (b.fee_amount * {_KEPT_ALL} * 2 + b.price_amount) / (2 * b.price_amount)""",
    ),
    Question(
        "untold",
        "whoever has a confirmed booking was told",
        """SELECT b.id FROM bookings b LEFT JOIN (
             SELECT DISTINCT booking_id FROM notifications WHERE kind = 'booking_confirmed') n ON n.booking_id = b.id
            WHERE b.confirmed_at IS NOT NULL AND n.booking_id IS NULL""",
    ),
    Question(
        "open_without_booking",
        "nothing can be paid for a booking that ended",
        """SELECT c.id, b.status FROM checkouts c JOIN bookings b ON b.id = c.booking_id
            WHERE c.status = 'open' AND c.kind <> 'fee' AND b.status IN ('declined', 'cancelled', 'expired')""",
    ),
)

_CONSULTATIONS = (
    Question(
        "consultation_unpaid",
        "every question in writing was paid for, by its client and at its price",
        """SELECT q.id, q.status FROM consultations q LEFT JOIN checkouts c
               ON c.id = q.checkout_id AND c.kind = 'consultation' AND c.status = 'paid' AND c.client_id = q.client_id
              AND c.amount = q.price_amount AND c.currency = q.currency
            WHERE c.id IS NULL""",
    ),
    Question(
        "consultation_missing",
        "every question that was paid for is asked",
        """SELECT c.id FROM checkouts c LEFT JOIN consultations q ON q.checkout_id = c.id
            WHERE c.kind = 'consultation' AND c.status = 'paid' AND q.id IS NULL""",
    ),
    Question(
        "consultation_kept_too_much",
        "nobody keeps more than the price of a question",
        f"SELECT q.id FROM consultations q WHERE {_ASKED_ALL} NOT BETWEEN 0 AND q.price_amount",
    ),
    Question(
        "consultation_kept_for_nothing",
        "a question that was never asked keeps nobody's money",
        f"""SELECT q.id, q.status FROM (SELECT id, status, id AS checkout_id FROM checkouts
             WHERE kind = 'consultation' AND status <> 'paid') q WHERE {_ASKED_ALL} <> 0""",
    ),
    Question(
        "consultation_kept_unanswered",
        "a question that was not answered keeps nobody's money, unless staff look at it or the bank took it",
        f"""SELECT q.id, q.status FROM consultations q JOIN attempts a ON a.checkout_id = q.checkout_id
              LEFT JOIN reviews r ON r.attempt_id = a.id AND r.resolved_at IS NULL
              LEFT JOIN disputes d ON d.attempt_id = a.id AND d.status = 'lost'
             WHERE q.status IN ('declined', 'expired') AND {_ASKED_ALL} <> 0
             GROUP BY q.id, q.status HAVING count(r.attempt_id) = 0 AND count(d.attempt_id) = 0""",
    ),
    Question(
        "consultation_end_untold",
        "whoever's question ended without an answer was told",
        f"""SELECT q.id, q.status FROM consultations q
             LEFT JOIN (SELECT replace(dedupe_key, '-', '') AS told FROM notifications
                         WHERE kind IN ('question_declined', 'question_unanswered')) n
               ON n.told = CASE q.status WHEN 'declined' THEN 'question_declined:' ELSE 'question_unanswered:' END
                        || q.client_id || '::' || {plain("q.id")}
             WHERE q.status IN ('declined', 'expired') AND n.told IS NULL""",
    ),
    Question(
        "consultation_silent",
        "every question has its words, and every answer too",
        """SELECT q.id, q.status FROM consultations q WHERE NOT EXISTS (
             SELECT 1 FROM consultation_messages m
              WHERE m.checkout_id = q.checkout_id AND m.number = 1 AND m.author_id = q.client_id)
            OR (q.answered_at IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM consultation_messages m
              WHERE m.checkout_id = q.checkout_id AND m.author_id <> q.client_id))""",
    ),
    Question(
        "consultation_fee",
        "the platform's fee of a question is in proportion to what is kept",
        f"""SELECT q.id FROM consultations q
             WHERE {_ASKED_FEE} <> (q.fee_amount * {_ASKED_ALL} * 2 + q.price_amount) / (2 * q.price_amount)""",
    ),
    Question(
        "consultation_untold",
        "whoever was asked in writing was told",
        f"""SELECT q.id FROM consultations q JOIN practitioners p ON p.id = q.practitioner_id
             LEFT JOIN (SELECT replace(dedupe_key, '-', '') AS told FROM notifications WHERE kind = 'question_received') n
               ON n.told = 'question_received:' || p.user_id || '::' || {plain("q.checkout_id")}
             WHERE n.told IS NULL""",
    ),
)

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

_TRAIL = (
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
               PARTITION BY subject, subject_id ORDER BY id), '') AS before FROM changes WHERE subject NOT IN ('inbox', 'act')
            ) x WHERE x.from_status <> x.before""",
    ),
)

QUESTIONS: tuple[Question, ...] = (*_SLOTS, *_LEDGER, *_REFUNDS, *_BOOKINGS, *_CONSULTATIONS, *_TRAIL)
