"""Money that comes late or twice, and what ends meanwhile."""

from mutants.mutant import Mutant

_ATTEMPTS = "tests/services/payments/test_attempts.py"
_PAY_THEN_BOOK = "tests/stories/test_pay_then_book.py"
_AUTHORISE = "tests/stories/test_authorise_then_approve.py"

MUTANTS = (
    Mutant(
        "expiry does not ask the gateway",
        "app/services/workflows/expiry.py",
        "        attempts.close(checkout_id)\n    return bookings.try_expire(booking_id, CLOCK)",
        "        pass\n    return bookings.try_expire(booking_id, CLOCK)",
        "tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "expiry ends what may be paid",
        "app/services/bookings/ending/cancellation.py",
        "        if booking is None or not is_overdue(booking, now) or is_unresolved(booking):\n",
        "        if booking is None or not is_overdue(booking, now):\n",
        f"{_ATTEMPTS} tests/races",
    ),
    Mutant(
        "late money is kept",
        "app/services/payments/allocation.py",
        '    return _give_back(attempt, money, attempt.charge_ref or "", why, offer=outcome is Fulfilment.MISSED)\n',
        "    return APPLIED\n",
        f"{_ATTEMPTS} {_PAY_THEN_BOOK}",
    ),
    Mutant(
        "the second payment is kept",
        "app/services/payments/allocation.py",
        "    if checkout.status is CheckoutStatus.PAID:\n",
        "    if False:\n",
        f"{_ATTEMPTS} tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "the refund is not in the same commit",
        "app/services/payments/allocation.py",
        "    refund = refunds.ask(attempt, charge_ref, money, reason, GATEWAY, offer=offer)\n    _tell_both(attempt, refund)\n",
        "    return Verdict(InboxState.APPLIED, reason)\n"
        "    refund = refunds.ask(attempt, charge_ref, money, reason, GATEWAY, offer=offer)\n    _tell_both(attempt, refund)\n",
        f"{_ATTEMPTS} {_PAY_THEN_BOOK}",
    ),
    Mutant(
        "money revives what was cancelled",
        "app/domain/lifecycle.py",
        "    _B.CANCELLED: False,\n}",
        "    _B.CANCELLED: True,\n}",
        f"{_ATTEMPTS} tests/unit/test_lifecycle.py",
    ),
    Mutant(
        "paying takes the place of a yes",
        "app/domain/lifecycle.py",
        "    _B.PENDING_APPROVAL: False,\n    _B.CONFIRMED: False,",
        "    _B.PENDING_APPROVAL: True,\n    _B.CONFIRMED: False,",
        "tests/unit/test_lifecycle.py",
    ),
    Mutant(
        "declining keeps the reservation",
        "app/services/bookings/ending/cancellation.py",
        "    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)\n    order_all(booking, PendingOperation.VOID)\n",
        "    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)\n",
        _AUTHORISE,
    ),
    Mutant(
        "the card is charged before the answer",
        "app/services/payments/authorisations.py",
        "    if booking.approved_at is not None:\n",
        "    if booking.approved_at is None:\n",
        _AUTHORISE,
    ),
)
