"""News that never came, and books that went back: what only a list, a statement or a put-back row can make good."""

from mutants.mutant import Mutant

_TOLD = "tests/histories/test_unheard.py"
_COMPARED = "app/services/backoffice/pull/gateway_statements.py"

MUTANTS = (
    Mutant(
        "a pull forgets what was sent back at the vendor's own site",
        "app/services/backoffice/pull/comparison.py",
        "            return _has_refund(attempt, fact.refund_ref, RefundStatus.DONE, fact.money)\n",
        "            return True\n",
        f"{_TOLD}::test_what_went_back_while_webhooks_were_off_is_found_by_night",
    ),
    Mutant(
        "Stripe's disputes are in no pull",
        "app/gateways/stripe/stripe_lists.py",
        "            yield from self._disputes()\n",
        "",
        f"{_TOLD}::test_a_dispute_that_was_lost_while_webhooks_were_off_is_found_by_night",
    ),
    Mutant(
        "a restored payment is not put back to its checkout",
        "app/services/backoffice/pull/lost_rows.py",
        "            checkout = lock(Checkout, checkout_id) or _stand_in(checkout_id, listed, fact.money)\n",
        "            checkout = _stand_in(checkout_id, listed, fact.money)\n",
        f"{_TOLD}::test_a_payment_begun_after_the_backup_comes_back_to_the_bill_that_is_in_it",
    ),
    Mutant(
        "what M-Pesa's statement has of restored books is nobody's",
        _COMPARED,
        "    _put_back(found.gateway, batch)\n",
        "",
        f"{_TOLD}::test_a_payment_made_after_the_backup_is_found_after_the_way_back",
    ),
    Mutant(
        "a statement's third receipt stands behind the review of the second",
        "app/services/payments/outcomes.py",
        '    if of_statement or not reviews.was_opened(attempt, "second_charge"):\n',
        '    if not reviews.was_opened(attempt, "second_charge"):\n',
        "tests/services/backoffice/test_gateway_statements.py",
    ),
)
