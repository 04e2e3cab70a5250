"""The invariants of questions in writing as SQL: see questions.py."""

from app.services.backoffice.reconciliation.question import Question, kept, plain

_OF_CONSULTATION = "t.attempt_id IN (SELECT a.id FROM attempts a WHERE a.checkout_id = q.checkout_id)"
_ASKED_ALL = kept(_OF_CONSULTATION, "practitioner", "platform")
_ASKED_FEE = kept(_OF_CONSULTATION, "platform")

CONSULTATIONS = (
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
