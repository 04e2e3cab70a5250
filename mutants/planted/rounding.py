"""Rounding: no unit is lost, none is made."""

from mutants.mutant import Mutant

_SHARES = "tests/services/ledger/test_splits.py"
_TAX = (
    "tests/services/ledger/test_receipts.py::test_the_tax_is_frozen_and_parts_give_back_exactly_what_was_in_the_whole"
)

_MOVES = "tests/stories/test_reschedule.py"

MUTANTS = (
    Mutant(
        "the price of a move starts from the rounded one",
        "app/services/scheduling/reschedules/move_plans.py",
        "for_length(booking.agreed_price, booking.agreed_minutes, minutes)",
        "for_length(booking.price, now_long, minutes)",
        f"{_MOVES}::test_a_session_made_shorter_and_as_long_as_before_costs_what_it_did",
    ),
    Mutant(
        "a session of a package is moved at the service's price",
        "app/services/ledger/splits.py",
        "    booking.agreed_amount = price.amount\n",
        "",
        f"{_MOVES}::test_a_package_is_what_was_agreed_from_then_on",
    ),
    Mutant(
        "each payment's part is rounded up by itself",
        "app/services/bookings/ending/money_back.py",
        "-(-back * counted // whole) - given if whole",
        "-(-back * money.amount // whole) if whole",
        "tests/services/bookings/test_money_back.py::test_two_payments_give_back_the_terms_part_to_the_unit",
    ),
    Mutant(
        "half a unit of the fee is dropped",
        "app/services/ledger/splits.py",
        "(price.amount * percent + 50) // 100",
        "price.amount * percent // 100",
        _SHARES,
    ),
    Mutant(
        "the fee of a part is rounded down",
        "app/services/ledger/splits.py",
        "(agreed.fee_amount * kept * 2 + agreed.price_amount) // (2 * agreed.price_amount)",
        "agreed.fee_amount * kept // agreed.price_amount",
        _SHARES,
    ),
    Mutant(
        "the fee of each part is rounded by itself",
        "app/services/ledger/splits.py",
        "abs(_fee(agreed, kept.amount + sign * money.amount) - _fee(agreed, kept.amount))",
        "_fee(agreed, money.amount)",
        _SHARES,
    ),
    Mutant(
        "the tax of each credit note is rounded by itself",
        "app/services/ledger/receipts/issuance.py",
        "included(credited + cause.amount, receipt.tax_rate) - included(credited, receipt.tax_rate)",
        "included(cause.amount, receipt.tax_rate)",
        _TAX,
    ),
    Mutant(
        "tax is rounded down",
        "app/services/ledger/receipts/taxes.py",
        "(2 * amount * rate + whole) // (2 * whole)",
        "amount * rate // whole",
        _TAX,
    ),
    Mutant(
        "a broken unit is rounded against who gets it back",
        "app/domain/terms.py",
        "-(-money.amount * percent // 100)",
        "money.amount * percent // 100",
        "tests/unit/test_amounts.py",
    ),
    Mutant(
        "what does not divide among a package's sessions is lost",
        "app/models/prepaid/packages.py",
        "each + (nth <= rest)",
        "each",
        "tests/services/prepaid/test_packages.py::test_each_session_is_worth_its_part_and_the_parts_are_the_price",
    ),
    Mutant(
        "a fee is asked for that nobody can pay",
        "app/services/bookings/ending/money_back.py",
        "    owed = payment_methods.collectable(kept - here)\n",
        "    owed = kept - here\n",
        "tests/services/ledger/test_payable_debts.py",
    ),
    Mutant(
        "more than half a coin is given up for another way to pay",
        "app/services/core/payment_methods.py",
        "    most = max((_most_of",
        "    most = min((_most_of",
        "tests/services/ledger/test_payable_debts.py",
    ),
    Mutant(
        "a debt nobody can pay blocks",
        "app/services/ledger/balance_due.py",
        "    return any(payment_methods.accepting(owed.money) and not _is_undecided(owed) for owed in of(client))\n",
        "    return bool(of(client))\n",
        "tests/services/ledger/test_payable_debts.py",
    ),
)
