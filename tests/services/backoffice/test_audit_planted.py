"""Every question of the audit can say no: for each there is a fault to plant, and it is found under its name."""

from typing import Any

from sqlalchemy import text

from app.services.backoffice.reconciliation import audit_runs
from app.services.backoffice.reconciliation.audit_runs import QUESTIONS
from sandbox.stripe import disputes as stripe_disputes
from tests.support.credit import bought, gift, offered, pay_with
from tests.support.lives import Life
from tests.support.world import World

_UNANSWERED = "UPDATE consultations SET status = '{}', ended_at = asked_at, answered_at = NULL, closes_at = NULL"
_TRAILS = (
    "booking", "checkout", "attempt", "refund", "payout", "proof", "dispute", "consultation", "reschedule", "wait",
    "gift", "package",
)  # fmt: skip
_PLANTED = {
    "capacity": "UPDATE holds SET places = 99 WHERE released_at IS NULL",
    "overlap": "UPDATE slots SET closed_at = NULL, busy_from = (SELECT min(busy_from) FROM slots),"
    " busy_until = (SELECT max(busy_until) FROM slots)",
    "hold_missing": "UPDATE holds SET released_at = taken_at",
    "hold_left": "UPDATE holds SET released_at = NULL, expires_at = NULL",
    "unbalanced": "UPDATE ledger_entries SET amount = amount + 1 WHERE id = (SELECT min(id) FROM ledger_entries)",
    "empty_transaction": "UPDATE ledger_entries SET transaction_id = (SELECT min(id) FROM ledger_transactions)",
    "wallet_below_zero": "UPDATE ledger_entries SET amount = -abs(amount) WHERE account = 'wallet'",
    "capture_missing": "DELETE FROM ledger_transactions WHERE kind = 'capture'",
    "capture_unpaid": "UPDATE attempts SET status = 'abandoned' WHERE status = 'paid'",
    "settling_unasked": "UPDATE attempts SET status = 'processing', settles_by = '2999-01-01', next_look_up_at = NULL"
    " WHERE gateway = 'package'",
    "received_unplaced": "UPDATE ledger_entries SET account = 'received' WHERE account = 'platform'",
    "refund_balance": "UPDATE refunds SET status = 'asked'",
    "refund_beyond": "UPDATE refunds SET charge_ref = 'another'",
    "refund_twice": "UPDATE refunds SET provider_ref = 're_1'",
    "payout_balance": "UPDATE payouts SET status = 'asked'",
    "dispute_unwritten": "UPDATE disputes SET status = 'lost'",
    "set_off_beyond": "UPDATE refunds SET means = 'bank'",
    "unpaid_confirmed": "UPDATE checkouts SET status = 'cancelled'",
    "paid_twice_or_never": "UPDATE checkouts SET status = 'paid'",
    "kept_too_much": "UPDATE bookings SET price_amount = 1",
    "asked_too_much": "UPDATE checkouts SET status = 'open', amount = amount + 1 WHERE kind = 'booking'",
    "dropped_half": "UPDATE checkouts SET status = 'open', kind = 'fee' WHERE status = 'paid'",
    "kept_for_nothing": "UPDATE bookings SET status = 'expired' WHERE status = 'completed'",
    "given_back_kept": "INSERT INTO attendance_reviews (id, booking_id, claim, status, opened_at, decided_at)"
    " SELECT id, id, 'nobody_came', 'give-back', created_at, created_at FROM bookings WHERE status = 'completed'",
    "fee": "UPDATE bookings SET fee_amount = 0",
    "untold": "UPDATE notifications SET kind = 'other' WHERE kind = 'booking_confirmed'",
    "open_without_booking": "UPDATE checkouts SET status = 'open' WHERE status = 'paid'",
    "consultation_unpaid": "UPDATE checkouts SET amount = amount + 1 WHERE kind = 'consultation'",
    "consultation_missing": "DELETE FROM consultations",
    "consultation_kept_too_much": "UPDATE consultations SET price_amount = 2499, fee_amount = 0",
    "consultation_kept_for_nothing": "UPDATE checkouts SET status = 'open' WHERE kind = 'consultation'",
    "consultation_kept_unanswered": _UNANSWERED.format("declined"),
    "consultation_end_untold": _UNANSWERED.format("expired"),
    "consultation_silent": "DELETE FROM consultation_messages",
    "consultation_fee": "UPDATE consultations SET fee_amount = fee_amount - 1",
    "consultation_untold": "UPDATE notifications SET dedupe_key = 'x' || id WHERE kind = 'question_received'",
    **{f"trail_{subject}": f"DELETE FROM changes WHERE subject = '{subject}'" for subject in _TRAILS},
    "trail_gap": "UPDATE changes SET from_status = 'completed' WHERE subject = 'checkout'",
    "illegal_move": "UPDATE changes SET to_status = from_status WHERE subject = 'refund'",
    "credit_undivided": "DELETE FROM credit_moves",
    "credit_lot_below_zero": "UPDATE credit_moves SET amount = amount * 3 WHERE amount < 0",
    "gift_balance": "UPDATE gifts SET amount = amount + 1",
    "gift_stray": "DELETE FROM gifts",
    "gift_unpaid": "UPDATE checkouts SET kind = 'top_up' WHERE kind = 'gift'",
    "gift_missing": "DELETE FROM gifts",
    "package_balance": "UPDATE packages SET price_amount = price_amount + 1",
    "package_overused": "UPDATE package_uses SET nth = 100",
    "package_use": "UPDATE package_uses SET amount = amount + 1",
    "package_return": "UPDATE package_uses SET returned_at = used_at",
    "package_stray": "DELETE FROM packages",
    "package_unpaid": "UPDATE checkouts SET kind = 'top_up' WHERE kind = 'package'",
    "package_missing": "DELETE FROM packages",
    "receipt_sum": "UPDATE receipts SET amount = amount + 1",
    "receipt_gap": "UPDATE receipt_series SET last = last + 1",
    "receipt_tax": "UPDATE receipts SET tax_amount = amount WHERE kind = 'credit_note'",
}


def _everything(world: World) -> None:
    """There is a row of every kind the audit asks about."""
    life = Life(world).live()
    service = world.service(life.owner)
    bought(world, life.client, offered(life.owner, service))
    used = world.book(life.client, service, world.slots(service, 4)[-1]["start"])
    assert pay_with(life.client, used["checkout"]["id"]).status_code == 201
    gift(world, life.client)
    for nth in (-2, -3):  # two payments of one gateway whose money goes back
        ended = world.booked(world.person(), service, start=world.slots(service, 4)[nth]["start"])
        assert life.owner.post(f"/bookings/{ended['id']}/cancel", {"reason": "ill"}).status_code == 200
    stripe_disputes.dispute(world.sandbox.sandbox, world.sandbox.sandbox.store.all("charge")[-1]["id"])
    world.settle()


def _without_guards(session: Any) -> None:
    """Until the rollback the database refuses nothing: damage comes from a hand that goes around it."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("ALTER TABLE slots DROP CONSTRAINT ex_slots_no_overlap"))
        return
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        session.execute(text(f"DROP TRIGGER {name}"))


def test_every_question_finds_the_fault_that_is_planted_for_it(world: World) -> None:
    """Invariants 1 to 6: one statement asks them all, and none has become deaf in it."""
    assert [question.code for question in QUESTIONS if question.code not in _PLANTED] == []
    _everything(world)
    unheard = []
    with world.rows() as session:
        assert audit_runs.breaches() == []
        for code, damage in _PLANTED.items():
            session.rollback()
            _without_guards(session)
            session.execute(text(damage))
            seen = {breach.code for breach in audit_runs.breaches()}
            unheard += [] if code in seen else [code]
        session.rollback()
    assert unheard == []
