"""The invariants of the ledger and of money on its way out as SQL: see questions.py."""

from app.services.backoffice.reconciliation.question import Question, at, plain

LEDGER = (
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
        "settling_unasked",
        "what a payer's bank may still pay is asked about",
        """SELECT a.id, a.status FROM attempts a WHERE a.settles_by > :now AND a.next_look_up_at IS NULL
              AND a.status IN ('created', 'processing', 'abandoned')""",
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

# A payment's own charge has no name here; another that was captured under it stands at the end of its capture's key.
_BROUGHT = """
    (SELECT t.attempt_id, e.currency, CASE WHEN length(t.key) = 44 OR substr(t.key, 46) = 'in_full' THEN ''
            ELSE substr(t.key, 46) END AS charge, -sum(e.amount) AS amount
       FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id
      WHERE t.kind = 'capture' AND e.account IN ('gateway', 'wallet', 'package') GROUP BY 1, 2, 3)"""
_WENT_BACK = """
    (SELECT r.attempt_id, r.currency, CASE r.charge_ref WHEN coalesce(a.charge_ref, '') THEN '' ELSE r.charge_ref END
            AS charge, sum(r.amount) AS amount
       FROM refunds r JOIN attempts a ON a.id = r.attempt_id GROUP BY 1, 2, 3)"""

OUTGOING = (
    Question(
        "refund_balance",
        "what is on its way back is what the refunds' rows say",
        f"""SELECT r.id, r.status FROM refunds r
             LEFT JOIN {at("refunds")} x ON x.owner = {plain("r.id")} AND x.currency = r.currency
             WHERE coalesce(x.held, 0) <> CASE WHEN r.status = 'done' THEN 0 ELSE r.amount END""",
    ),
    Question(
        "refund_beyond",
        "never more goes back of a charge than was taken by it",
        f"""SELECT r.attempt_id, r.charge FROM {_WENT_BACK} r LEFT JOIN {_BROUGHT} b
                ON b.attempt_id = r.attempt_id AND b.currency = r.currency AND b.charge = r.charge
             WHERE r.amount > coalesce(b.amount, 0)""",
    ),
    Question(
        "refund_twice",
        "no refund at the gateway is one of two payments",
        """SELECT a.gateway, r.provider_ref FROM refunds r JOIN attempts a ON a.id = r.attempt_id
            WHERE r.provider_ref IS NOT NULL GROUP BY a.gateway, r.provider_ref HAVING count(DISTINCT r.attempt_id) > 1""",
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
    Question(
        "set_off_beyond",
        "refunds are set off against no more than the payer's bank took",
        """SELECT r.attempt_id, r.charge_ref FROM refunds r WHERE r.means = 'bank'
            GROUP BY r.attempt_id, r.charge_ref HAVING sum(r.amount) > coalesce((SELECT sum(d.deducted) FROM disputes d
                WHERE d.attempt_id = r.attempt_id AND d.status = 'lost' AND r.charge_ref IN ('', d.charge_ref)), 0)""",
    ),
)
