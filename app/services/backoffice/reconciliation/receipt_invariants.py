"""The invariants of receipts as SQL: see questions.py."""

from app.services.backoffice.reconciliation.question import Question

RECEIPTS = (
    Question(
        "receipt_sum",
        "the receipts of a payment, less its credit notes, say what is kept of it",
        """SELECT x.attempt_id, x.held FROM (
             SELECT t.attempt_id, e.currency, max(t.at) AS at, sum(e.amount) AS held
               FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
              WHERE t.kind IN ('land', 'refund_asked') AND e.account NOT IN ('received', 'refunds')
              GROUP BY t.attempt_id, e.currency) x
             LEFT JOIN (
             SELECT attempt_id, currency, sum(CASE kind WHEN 'receipt' THEN amount ELSE -amount END) AS said
               FROM receipts GROUP BY attempt_id, currency) r ON r.attempt_id = x.attempt_id AND r.currency = x.currency
            WHERE x.held <> coalesce(r.said, 0)
              AND (r.said IS NOT NULL OR x.at >= (SELECT min(issued_at) FROM receipts))""",  # what is older waits for a sweep
    ),
    Question(
        "receipt_gap",
        "every series of receipts counts from one without a gap",
        """SELECT s.code, s.last FROM receipt_series s LEFT JOIN (
             SELECT series, count(*) AS many, max(nth) AS top FROM receipts GROUP BY series) r ON r.series = s.code
            WHERE s.last <> coalesce(r.many, 0) OR s.last <> coalesce(r.top, 0)""",
    ),
    Question(
        "receipt_tax",
        "a whole payment given back gives back its whole tax",
        """SELECT r.number FROM receipts r JOIN (
             SELECT corrects_id, sum(amount) AS amount, sum(tax_amount) AS tax FROM receipts
              WHERE kind = 'credit_note' GROUP BY corrects_id) n ON n.corrects_id = r.id
            WHERE n.amount > r.amount OR n.tax > r.tax_amount OR (n.amount = r.amount AND n.tax <> r.tax_amount)""",
    ),
)
