"""What is believed of news about money, and of whom."""

from mutants.mutant import Mutant

_CALLBACKS = "tests/blueprints/test_callbacks.py"
_ATTEMPTS = "tests/services/payments/test_attempts.py"

MUTANTS = (
    Mutant(
        "the amount is not compared",
        "app/services/payments/outcomes.py",
        "    return fact.money is not None and fact.money != attempt.money\n",
        "    return False\n",
        f"{_CALLBACKS} {_ATTEMPTS}",
    ),
    Mutant(
        "signatures are not checked",
        "app/gateways/http.py",
        "    return hmac.compare_digest(",
        "    return True or hmac.compare_digest(",
        "tests/gateways/test_stripe.py tests/gateways/test_razorpay.py",
    ),
    Mutant(
        "whatever is sent to a gateway's door is news",
        "app/gateways/http.py",
        "    return hmac.compare_digest(",
        "    return True or hmac.compare_digest(",
        "tests/fuzz",
    ),
    Mutant(
        "any address will do",
        "app/services/core/signed_urls.py",
        "    return str(reference) if owner == gateway else None\n",
        "    return str(reference)\n",
        f"{_CALLBACKS} tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "one receipt pays twice",
        "app/services/payments/outcomes.py",
        "    return db.session.scalars(others).first() is not None\n",
        "    return False\n",
        "tests/services/payments/test_money_rules.py",
    ),
    Mutant(
        "somebody else's phone confirms",
        "app/services/payments/outcomes.py",
        '    return phone is not None and attempt.details.get("phone", phone) != phone\n',
        "    return False\n",
        f"{_CALLBACKS} {_ATTEMPTS}",
    ),
    Mutant(
        "a query overwrites a success",
        "app/domain/lifecycle.py",
        '    "failed": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.AUTHORISED, _S.ABANDONED), _S.FAILED),',
        '    "failed": dict.fromkeys((_S.CREATED, _S.PROCESSING, _S.AUTHORISED, _S.ABANDONED, _S.PAID), _S.FAILED),',
        "tests/unit/test_lifecycle.py",
    ),
    Mutant(
        "an unknown M-Pesa code means failed",
        "app/gateways/mpesa/mpesa_facts.py",
        "    return Failed(known, result_code) if known else Pending()\n",
        "    return Failed(known or FailureCode.DECLINED, result_code)\n",
        "tests/gateways/test_mpesa.py",
    ),
    Mutant(
        "an SDK's own old list of authorities is believed",
        "app/gateways/http.py",
        'AUTHORITIES = {"verify": True}\n',
        "AUTHORITIES: dict[str, bool] = {}\n",
        "tests/gateways/test_certificates.py",
    ),
    Mutant(
        "a second order is made unseen where receipts are not unique",
        "app/gateways/razorpay/razorpay_gateway.py",
        "self._search if is_unknown else self._find_order\n",
        "self._find_order\n",
        "tests/gateways/test_razorpay.py",
    ),
    Mutant(
        "the payment window outlives the place",
        "app/templates/payments/checkout/_resume.html",
        "  seconds_left=(checkout.expires_at - now()).total_seconds()|int if not owed else none",
        "  seconds_left=none",
        "tests/browser/test_upi.py",
    ),
    Mutant(
        "an unsigned callback confirms",
        "app/services/payments/outcomes.py",
        'current_app.config["MPESA_CONFIRM_BY_QUERY"] or ',
        'not current_app.config["MPESA_CONFIRM_BY_QUERY"] or ',
        "tests/services/payments/test_claims.py",
    ),
    Mutant(
        "a query's denial fails what may be paid",
        "app/services/payments/outcomes.py",
        "    if contradicts and not attempt.cross_checked:\n",
        "    if contradicts and not attempt.cross_checked and attempt.is_paid:\n",
        "tests/services/payments/test_claims.py",
    ),
    Mutant(
        "a made-up callback keeps a place for ever",
        "app/services/payments/claims.py",
        "    if attempt.cross_checked:  # only",
        "    if True:  # only",
        "tests/services/payments/test_claims.py",
    ),
    Mutant(
        "what nobody could check is forgotten",
        "app/services/payments/attempts/look_up_answers.py",
        "        claims.give_up(attempt)\n",
        "",
        "tests/services/payments/test_claims.py",
    ),
    Mutant(
        "callbacks may come from anywhere",
        "app/gateways/base.py",
        "        return not self.callback_sources or addresses.holds(self.callback_sources, address)\n",
        "        return True\n",
        "tests/services/payments/test_claims.py",
    ),
)
