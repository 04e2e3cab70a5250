"""The invariants of places and bookings as SQL: see questions.py."""

from app.services.backoffice.reconciliation.question import Question, kept

_LIVE = "h.released_at IS NULL AND (h.expires_at IS NULL OR h.expires_at > :now)"
_OF_BOOKING = "t.booking_id = b.id"
_KEPT_ALL = kept(_OF_BOOKING, "practitioner", "platform")
_KEPT_FEE = kept(_OF_BOOKING, "platform")

PLACES = (
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

BOOKINGS = (
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
        "asked_too_much",
        "nobody is asked for more than is missing from the price",
        f"""SELECT b.id, c.id FROM bookings b JOIN checkouts c ON c.booking_id = b.id
             WHERE c.status = 'open' AND c.amount > b.price_amount - {_KEPT_ALL}""",
    ),
    Question(
        "dropped_half",
        "of a session that did not take place only what its terms keep is asked for, and nothing went back beside it",
        """SELECT b.id, c.id FROM bookings b JOIN checkouts c ON c.booking_id = b.id
            WHERE c.status = 'open' AND c.kind IN ('fee', 'difference') AND EXISTS (
              SELECT 1 FROM refunds r JOIN attempts a ON a.id = r.attempt_id JOIN checkouts p ON p.id = a.checkout_id
               WHERE p.booking_id = b.id AND r.reason = CASE b.status WHEN 'cancelled' THEN 'cancelled' ELSE 'no_show' END)""",
    ),
    Question(
        "kept_for_nothing",
        "a booking that never stood keeps nobody's money",
        f"""SELECT b.id, b.status FROM bookings b
             WHERE (b.status IN ('declined', 'expired') OR (b.status = 'cancelled' AND b.confirmed_at IS NULL))
               AND {_KEPT_ALL} <> 0""",
    ),
    Question(
        "given_back_kept",
        "of what was given back because of who came nobody keeps anything",
        f"""SELECT b.id, r.status FROM bookings b JOIN attendance_reviews r ON r.booking_id = b.id
             WHERE r.status = 'give-back'
               AND (b.status <> 'cancelled' OR {_KEPT_ALL} <> 0)""",
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
