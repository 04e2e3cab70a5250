"""Terms of cancelling, and sessions that move."""

from mutants.mutant import Mutant

_TERMS = "tests/stories/test_terms.py"
_MOVES = "tests/stories/test_reschedule.py"

MUTANTS = (
    Mutant(
        "who cancels late gets everything back",
        "app/services/bookings/cancellation_policy.py",
        "    return terms.part(money, terms.percent_at(steps(booking), now))\n",
        "    return money\n",
        _TERMS,
    ),
    Mutant(
        "the terms count from what was paid, not from what was agreed",
        "app/services/bookings/ending/money_back.py",
        "    agreed = here + _asked_for(booking, bill)\n",
        "    agreed = here\n",
        f"{_TERMS}::test_a_no_show_keeps_the_terms_part_of_what_was_agreed",
    ),
    Mutant(
        "a difference stays to be paid beside what went back",
        "app/services/bookings/ending/cancellation.py",
        "    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)\n    if settled",
        "    if settled",
        f"{_TERMS}::test_a_no_show_keeps_the_terms_part_of_what_was_agreed",
    ),
    Mutant(
        "a gateway that has the difference is not asked before a no-show",
        "app/services/workflows/decisions.py",
        "or not (waits or checkouts.is_owed(checkout)):",
        "or not waits:",
        f"{_TERMS}::test_a_difference_paid_at_the_very_end_counts_as_paid",
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
        "    slot = take(booking.service, start, booking.places, minutes, alone=is_alone(booking))\n    row.slot_id",
        "    slot = _slot_at(Span(booking.service, start, minutes), [], now)\n    row.slot_id",
        _MOVES,
    ),
    Mutant(
        "what is forgiven is still taken",
        "app/services/bookings/ending/cancellation.py",
        "        checkouts.set_status(checkout, CheckoutStatus.CANCELLED, who, why=reason)\n        balance_due",
        "        balance_due",
        _TERMS,
    ),
    Mutant(
        "a package ends for what was asked for in time",
        "app/services/prepaid/packages/package_uses.py",
        "prepaid_balances.is_open(package, asked_at(checkout))",
        "prepaid_balances.is_open(package)",
        "tests/services/prepaid/test_packages.py::test_a_session_asked_for_in_time_is_paid_with_the_package_once_it_is_approved",
    ),
    Mutant(
        "a package that a request waits for is credit before",
        "app/services/prepaid/packages/package_sales.py",
        "if reviews.of_checkout(package.checkout) or is_awaited(package):",
        "if reviews.of_checkout(package.checkout):",
        "tests/services/prepaid/test_packages.py::test_a_session_paid_for_afterwards_counts_as_booked_when_it_was",
    ),
    Mutant(
        "news of another amount keeps what a paid session gives back",
        "app/services/ledger/reviews.py",
        """is_open(attempt, "amount") and not journal.is_allocated(attempt.id)""",
        """is_open(attempt, "amount")""",
        "tests/services/payments/test_doubted_afterwards.py tests/services/payments/test_unsigned_news.py",
    ),
    Mutant(
        "what was put aside for staff goes back without them",
        "app/services/ledger/reviews.py",
        """is_open(attempt, "amount") and not journal.is_allocated(attempt.id)""",
        "False",
        "tests/services/payments/test_doubted_afterwards.py",
    ),
)
