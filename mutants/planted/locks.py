"""Locks, unique keys and places: what must not happen twice at once."""

from mutants.mutant import Mutant

_CALLBACKS = "tests/blueprints/test_callbacks.py"
_ATTEMPTS = "tests/services/payments/test_attempts.py"

MUTANTS = (
    Mutant(
        "no lock",
        "app/services/core/transaction.py",
        "statement.with_for_update(key_share=True).execution_options",
        "statement.execution_options",
        "tests/races",
        engines="both",  # SQLite has no such lock: it lets one write at a time
    ),
    Mutant(
        "a lock that keeps what it read before",
        "app/services/core/transaction.py",
        "(key_share=True).execution_options(populate_existing=True)",
        "(key_share=True)",
        f"tests/services/payments/test_money_rules.py {_CALLBACKS} {_ATTEMPTS} tests/races",
    ),
    Mutant(
        "no unique key on the inbox",
        "migrations/versions/20261121_1130_0001_people_practice_bookings_and_payments.py",
        "    sa.UniqueConstraint('gateway', 'event_key', name=op.f('uq_inbox_gateway_event_key'))\n",
        "",
        f"{_CALLBACKS} tests/migrations",
    ),
    Mutant(
        "two live attempts for one checkout",
        "app/services/payments/attempts/attempt_start.py",
        "        live = next((a for a in attempts if a.is_live), None)\n",
        "        live = None\n",
        _ATTEMPTS,
    ),
    Mutant(
        "places that lapsed still count",
        "app/services/practice/occupancy.py",
        "return and_(Hold.released_at.is_(None), or_(Hold.expires_at.is_(None), Hold.expires_at > now))",
        "return Hold.released_at.is_(None)",
        "tests/stories/test_hold_then_pay.py tests/services/practice/test_slots.py",
    ),
    Mutant(
        "capacity is not looked at",
        "app/services/practice/holds.py",
        "    if free_places(span, overlapping) < places:\n",
        "    if False:\n",
        "tests/races/test_one_place.py",
    ),
)
