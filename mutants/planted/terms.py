"""Terms of cancelling, and sessions that move."""

from mutants.mutant import Mutant

_TERMS = "tests/stories/test_terms.py"
_MOVES = "tests/stories/test_reschedule.py"

MUTANTS = (
    Mutant(
        "who cancels late gets everything back",
        "app/services/bookings/cancellation_policy.py",
        "    return terms.part(paid, terms.percent_at(steps(booking), now))\n",
        "    return paid\n",
        _TERMS,
    ),
    Mutant(
        "a longer session costs nothing more",
        "app/services/scheduling/price_changes.py",
        "    if min(more, missing) > 0:\n",
        "    if min(more, missing) > 10**12:\n",
        _MOVES,
    ),
    Mutant(
        "a session moves onto another's place",
        "app/services/practice/holds.py",
        "    slot = take(booking.service, start, booking.places, minutes)\n    row.slot_id",
        "    slot = _slot_at(Span(booking.service, start, minutes), [], now)\n    row.slot_id",
        _MOVES,
    ),
    Mutant(
        "what is forgiven is still taken",
        "app/services/bookings/cancellation.py",
        "        checkouts.set_status(checkout, CheckoutStatus.CANCELLED, who, why=reason)\n        balance_due",
        "        balance_due",
        _TERMS,
    ),
)
