"""The books: the ledger, refunds, gifts, and what was told of an amount."""

from mutants.mutant import Mutant

_ATTEMPTS = "tests/services/payments/test_attempts.py"
_AUTHORISE = "tests/stories/test_authorise_then_approve.py"
_LEDGER = "tests/services/ledger/test_journal.py"

MUTANTS = (
    Mutant(
        "the wallet may be overdrawn",
        "app/services/ledger/journal.py",
        "            if missing > 0:\n",
        "            if missing > 10**12:\n",
        _LEDGER,
    ),
    Mutant(
        "the books can be rewritten",
        "migrations/versions/20261121_1600_0003_a_ledger_that_cannot_be_rewritten.py",
        '_APPEND_ONLY = ("ledger_transactions", "ledger_entries", "changes")',
        '_APPEND_ONLY = ("ledger_transactions", "changes")',
        _LEDGER,
    ),
    Mutant(
        "the fee stays when the money goes",
        "app/services/ledger/splits.py",
        "    parts = SPLITS[checkout.rules.proceeds](checkout, money, 1)\n",
        "    parts = {PLATFORM: money}\n",
        _LEDGER,
    ),
    Mutant(
        "credit for what may have been sent already",
        "app/services/ledger/refunds/refund_statuses.py",
        "    if target is None or (refund.status is RefundStatus.ASKED and refund.tries):\n        return False\n    refund.means",
        "    if target is None:\n        return False\n    refund.means",
        "tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "a refund may be more than there is",
        "app/services/backoffice/repair/payment_acts.py",
        "        if money.currency != left.currency or money.amount > left.amount:\n",
        "        if money.currency != left.currency:\n",
        "tests/services/backoffice/test_repair.py",
    ),
    Mutant(
        "a refund's success is believed after its failure",
        "app/services/ledger/refunds/refund_news.py",
        "    if isinstance(fact, Refunded) and _may_be_old(refund):\n",
        "    if False:\n",
        "tests/faults/test_s10_refund.py::test_a_success_told_after_the_failure_that_followed_it_is_asked_about_and_changes_nothing",
    ),
    Mutant(
        "a refund that has begun is called done",
        "app/gateways/stripe/stripe_facts.py",
        '    if status == "succeeded":\n',
        '    if status in ("pending", "succeeded"):\n',
        "tests/faults/test_s10_refund.py::test_a_refund_that_has_only_begun_is_not_called_done_by_news_that_names_none"
        " tests/gateways/test_stripe.py",
    ),
    Mutant(
        "a colleague's refund is taken for ours because ours is the only one that is open",
        "app/services/ledger/refunds/refund_news.py",
        "    return by_key or [refund for refund in known if fact.refund_ref and refund.provider_ref == fact.refund_ref]\n",
        "    return by_key or known[:1]\n",
        "tests/services/payments/test_returns.py",
    ),
    Mutant(
        "what Razorpay sends back by itself is taken for our money",
        "app/services/payments/returns.py",
        "    if isinstance(fact, Refunded) and _was_never_ours(attempt, fact):\n",
        "    if False:\n",
        "tests/services/payments/test_returns.py",
    ),
    Mutant(
        "credit that was bought is paid out",
        "app/services/ledger/credit_lots.py",
        "                yield Part(part.lot, (part.amount - held_of(part)) * part.lot.payable)\n",
        "                yield Part(part.lot, part.amount - held_of(part))\n",
        "tests/services/prepaid/test_credit_lots.py",
    ),
    Mutant(
        "credit of a challenged payment is spent",
        "app/services/ledger/credit_lots.py",
        "    return min(part.amount, _blocked(part.lot.attempt_id)) if part.lot.attempt_id else 0\n",
        "    return 0\n",
        "tests/services/prepaid/test_credit_lots.py",
    ),
    Mutant(
        "another charge's refund is taken for one of the payment's own",
        "app/services/payments/returns.py",
        "    if isinstance(fact, Refunded) and _is_of_unknown_charge(attempt, fact):\n",
        "    if False:\n",
        "tests/services/payments/test_returns.py",
    ),
    Mutant(
        "an amount that somebody told is forgotten when the query says paid",
        "app/services/payments/outcomes.py",
        "reviews.told_amount(attempt) if fact.money is None and attempt.charge_ref is None else None",
        "None",
        "tests/services/payments/test_unsigned_news.py",
    ),
    Mutant(
        "every receipt that somebody names is given back",
        "app/services/payments/outcomes.py",
        "    return not fact.verified and bool(known and told) and known != told\n",
        "    return False\n",
        "tests/services/payments/test_unsigned_news.py",
    ),
    Mutant(
        "a key belongs to whatever way to pay comes first",
        "app/services/payments/attempts/attempt_rows.py",
        "(same.gateway, same.phone) != (gateway, phone)",
        "False",
        "tests/blueprints/test_idempotency.py",
    ),
    Mutant(
        "more sent back than was left is no news",
        "app/services/ledger/refunds/refund_news.py",
        "        _write_off(attempt, fact, money, Money(rest - left, money.currency))\n",
        "        pass\n",
        "tests/services/ledger/test_sent_back_elsewhere.py",
    ),
    Mutant(
        "a gift outlives the money it was bought with",
        "app/services/payments/returns.py",
        "    prepaid_balances.lose(attempt)\n",
        "",
        "tests/services/ledger/test_sent_back_elsewhere.py",
    ),
    Mutant(
        "a forgiven debt is paid by late money",
        "app/services/payments/payables/debt.py",
        "    if checkout.status is CheckoutStatus.CANCELLED:\n        return Fulfilment.GONE\n",
        "",
        "tests/services/ledger/test_late_debts.py",
    ),
    Mutant(
        "a reversal that was never asked for is waited for",
        "app/gateways/mpesa/daraja.py",
        "raise NothingSent(str(error)) from None",
        "raise GatewayUnavailable(str(error)) from None",
        "tests/services/payments/test_nothing_sent.py",
    ),
    Mutant(
        "a late answer is taken for a contradiction",
        "app/services/payments/attempts/look_ups.py",
        "outcomes.CROSS_CHECK if was_told_paid else outcomes.LOOK_UP",
        "outcomes.CROSS_CHECK",
        _ATTEMPTS,
    ),
    Mutant(
        "the same answer is never news again",
        "app/services/payments/attempts/look_ups.py",
        "    if attempt.is_live:\n        return chance.reference(24)\n",
        "",
        _AUTHORISE,
    ),
)
