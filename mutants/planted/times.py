"""Time: money counts from when it was taken, and what settles late is waited for."""

from mutants.mutant import Mutant

_EVENT = "tests/services/payments/test_event_time.py"
_SLOW = "tests/services/payments/test_slow_methods.py"

MUTANTS = (
    Mutant(
        "money counts from when it is heard of",
        "app/services/payments/allocation.py",
        "        return taken or now\n",
        "        return now\n",
        _EVENT,
    ),
    Mutant(
        "news of money may come however late",
        "app/services/payments/allocation.py",
        "    return taken if (first or now) - taken <= _NEWS_TAKES else now\n",
        "    return taken\n",
        _EVENT,
    ),
    Mutant(
        "a payment may be older than its beginning",
        "app/services/payments/outcomes.py",
        "attempt.heard_at.replace(microsecond=0) <= told <= clock.now()",
        "told <= clock.now()",
        _EVENT,
    ),
    Mutant(
        "unsigned news chooses its own time",
        "app/services/payments/outcomes.py",
        "    return start is not None and taken < start <= now\n",
        "    return False\n",
        _EVENT,
    ),
    Mutant(
        "a debit's charge counts as its money",
        "app/gateways/stripe/stripe_facts.py",
        """(charge.get("payment_method_details") or {}).get("type") != "card\"""",
        "charge is None",
        "tests/gateways/test_stripe.py",
    ),
    Mutant(
        "every way to pay of the dashboard is offered",
        "app/gateways/stripe/stripe_params.py",
        """        "allowed_payment_method_types": ["card", *request.slow_methods],\n""",
        "",
        f"{_SLOW} tests/gateways/test_stripe.py",
    ),
    Mutant(
        "a slow way to pay is offered up to the session",
        "app/services/payments/settlement.py",
        "if by is None or now + takes <= by)",
        "if by is None or now <= by)",
        _SLOW,
    ),
    Mutant(
        "a place is not kept while a bank is asked",
        "app/services/payments/settlement.py",
        "        _keep_place(attempt.checkout_id, fact.settles_by)\n",
        "        pass\n",
        _SLOW,
    ),
    Mutant(
        "what may still settle is asked about for a week only",
        "app/services/payments/attempts/attempt_rows.py",
        "    last = max(attempt.created_at, attempt.settles_by or attempt.created_at)\n",
        "    last = attempt.created_at\n",
        _SLOW,
    ),
    Mutant(
        "a place is kept on for money that will not come",
        "app/services/payments/settlement.py",
        "    _keep_place(attempt.checkout_id)\n",
        "",
        _SLOW,
    ),
)
