"""Silence, repetition and news that comes early: what a gateway may do at any time."""

from mutants.mutant import Mutant

_CALLBACKS = "tests/blueprints/test_callbacks.py"
_ATTEMPTS = "tests/services/payments/test_attempts.py"

MUTANTS = (
    Mutant(
        "a timeout means failed",
        "app/services/payments/attempts/vendor_calls.py",
        '        log.warning("start.unclear attempt=%s error=%s", attempt_id, type(error).__name__)\n',
        "        _refused(attempt_id, GatewayRefused(str(error)))\n",
        _ATTEMPTS,
    ),
    Mutant(
        "a new key on every try",
        "app/gateways/stripe/stripe_gateway.py",
        '        for each in (key, f"{key}-2", f"{key}-3"):',
        '        for each in (f"{key}-{id(create)}", f"{key}-2", f"{key}-3"):',
        "tests/gateways/test_stripe.py",
    ),
    Mutant(
        "a refund takes a new key on every try",
        "app/services/ledger/refunds/refund_calls.py",
        "        refund_key=refund.wire_key,",
        '        refund_key=f"{refund.wire_key}-{refund.tries}",',
        "tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "M-Pesa is asked again after silence",
        "app/gateways/mpesa/mpesa_gateway.py",
        "        needs_phone=True,\n",
        "        needs_phone=True,\n        repeatable_start=True,\n",
        f"{_ATTEMPTS} tests/gateways/test_mpesa.py",
    ),
    Mutant(
        "200 before anything is stored",
        "app/blueprints/common/answers/error_pages.py",
        '    body, status, headers = _answer(503, "busy")\n',
        '    body, status, headers = _answer(200, "busy")\n',
        "tests/faults/test_s6_receive.py",
    ),
    Mutant(
        "early news is forgotten",
        "app/services/payments/waiting_news.py",
        "RETRIED = (InboxState.RECEIVED, InboxState.UNMATCHED)",
        "RETRIED = (InboxState.RECEIVED,)",
        f"{_CALLBACKS} tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "a person is told again for the same cause",
        "app/services/notifications/notices.py",
        '        return f"{self.kind}:{self.user_id}:{subject}:{self.cause}"\n',
        '        return f"{self.kind}:{self.user_id}:{subject}:{self.cause}:{clock.now()}"\n',
        "tests/services/notifications/test_notices.py tests/stories/test_pay_after.py",
    ),
    Mutant(
        "a busy M-Pesa has certainly sent nothing",
        "app/gateways/mpesa/mpesa_gateway.py",
        "    return GatewayBusy(str(answer)) if answer.says_busy else GatewayUnavailable(str(answer))\n",
        "    return NothingSent(str(answer)) if answer.says_busy else GatewayUnavailable(str(answer))\n",
        "tests/services/payments/test_nothing_sent.py",
    ),
    Mutant(
        "turned away by HTTP 500 is unknown",
        "app/gateways/mpesa/daraja.py",
        "        if answer.was_turned_away:\n",
        "        if answer.was_turned_away and answer.status != 500:\n",
        "tests/services/payments/test_nothing_sent.py",
    ),
    Mutant(
        "a second prompt beside one that may be alive",
        "app/services/payments/attempts/attempt_start.py",
        "    return same and not prompt_is_over(earlier, gateway)\n",
        "    return False\n",
        "tests/services/payments/test_nothing_sent.py",
    ),
)
