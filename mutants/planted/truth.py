"""What is said before money moves: whether it is too late to pay, what comes back and how, what was really paid."""

from mutants.mutant import Mutant

_TOO_LATE = "tests/services/workflows/test_certainly_too_late.py"
_BACK = "tests/services/bookings/test_money_back.py"
_WRONG = "tests/services/payments/test_wrong_amounts.py"

MUTANTS = (
    Mutant(
        "the page knows the try and not the place",
        "app/services/workflows/checkout_page.py",
        "    if lost := lost_drafts.why_lost(checkout):\n",
        "    if (lost := lost_drafts.why_lost(checkout)) and live is None:\n",
        _TOO_LATE,
    ),
    Mutant(
        "a look-up leaves open what can only be paid too late",
        "app/services/payments/attempts/look_ups.py",
        "    return checkouts.status_now(checkout) is CheckoutStatus.OPEN and not lost_drafts.why_lost(checkout)\n",
        "    return checkouts.status_now(checkout) is CheckoutStatus.OPEN\n",
        _TOO_LATE,
    ),
    Mutant(
        "the same press shows the way into a payment that is too late",
        "app/services/payments/attempts/attempt_start.py",
        "            if same.is_live and lost_drafts.why_lost(checkout):\n",
        "            if False:\n",
        _TOO_LATE,
    ),
    Mutant(
        "one free seat is enough for two",
        "app/services/payments/lost_drafts.py",
        '    if left >= int(draft["places"]):\n',
        "    if left > 0:\n",
        _TOO_LATE,
    ),
    Mutant(
        "a part of an M-Pesa payment is said to go back the way it came",
        "app/services/bookings/ending/money_back.py",
        '    return Part(attempt, money, refunds.means_of(attempt, money, attempt.charge_ref or ""))\n',
        '    return Part(attempt, money, refunds.means_of(attempt, attempt.money, attempt.charge_ref or ""))\n',
        _BACK,
    ),
    Mutant(
        "a session is said to go back into a package that is over",
        "app/services/ledger/prepaid_balances.py",
        "    return use if is_open(use.package) else None\n",
        "    return use\n",
        _BACK,
    ),
    Mutant(
        "a way back that changed is not said anew",
        "app/blueprints/bookings/cancellation.py",
        '    ways = [f"{means.value} {money}" for means, money in outcome.means.items()]\n',
        "    ways: list[str] = []\n",
        _BACK,
    ),
    Mutant(
        "what was sent back closes the page for good",
        "app/services/workflows/checkout_page.py",
        "    if back and not attempts.may_be_paid(checkout):\n",
        "    if back:\n",
        _WRONG,
    ),
    Mutant(
        "the bill's amount is shown as the money that came",
        "app/services/ledger/paid_amounts.py",
        "    return Money(placed, checkout.currency) if placed else checkout.money  # nothing: from before there were books\n",
        "    return checkout.money\n",
        _WRONG,
    ),
    Mutant(
        "a bill's money that became credit counts as sent back",
        "app/services/ledger/money_words.py",
        "    return finer(word, back)\n",
        "    return word\n",
        _WRONG,
    ),
)
