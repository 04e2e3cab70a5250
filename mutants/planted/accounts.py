"""Our accounts at others: amounts they take, pages they serve, keys and webhooks that die."""

from mutants.mutant import Mutant

_STRIPE = "tests/gateways/test_stripe.py"
_LOOKS = "tests/services/backoffice/test_checkups.py"
_ACCOUNTS = "tests/gateways/test_accounts.py"

MUTANTS = (
    Mutant(
        "a payment is begun that Stripe must refuse",
        "app/gateways/stripe/stripe_limits.py",
        "to_money(10 ** DIGITS.get(each, EVERY_CARD) - 1, each)",
        "to_money(10 ** DIGITS.get(each, EVERY_CARD), each)",
        f"{_STRIPE} tests/test_docs.py",
    ),
    Mutant(
        "a currency with as many digits as the card is taken for one with nine",
        "app/gateways/stripe/stripe_limits.py",
        '"TZS": 12',
        '"TZS": 9',
        f"{_STRIPE} tests/test_docs.py",
    ),
    Mutant(
        "a payer is sent to any host that ends like Stripe's",
        "app/gateways/stripe/stripe_gateway.py",
        'f"{there.scheme}://{there.netloc}" in self.hosts',
        'there.netloc.endswith((".stripe.com", *self._settings.checkout_hosts))',
        _STRIPE,
    ),
    Mutant(
        "the key of a restricted account is not asked whether it may send money back",
        "app/gateways/stripe/stripe_account.py",
        "lambda: self._api.refunds.update(_NOBODY",
        "lambda: self._api.refunds.list() or (_NOBODY",
        _ACCOUNTS,
    ),
    Mutant(
        "an endpoint that is off is taken for one that tells",
        "app/gateways/stripe/stripe_account.py",
        'if each["status"] == "enabled"]',
        'if each["status"]]',
        _ACCOUNTS,
    ),
    Mutant(
        "a token from before says that the keys are good",
        "app/gateways/mpesa/mpesa_gateway.py",
        "self._daraja.renew()",
        "self._daraja.token()",
        f"{_ACCOUNTS}::test_a_token_from_before_does_not_hide_that_mpesas_keys_are_no_longer_taken",
    ),
    Mutant(
        "what could not be seen today is well",
        "app/services/backoffice/checkups.py",
        "return wrong | {each for each in known if ",
        "return wrong | {each for each in set() if ",
        f"{_LOOKS}::test_a_vendor_that_is_away_for_a_day_makes_nothing_new_and_ends_nothing",
    ),
    Mutant(
        "strangers make an alarm",
        "app/services/backoffice/checkups.py",
        "and code in missed and _is_refused(code)",
        "and _is_refused(code)",
        f"{_LOOKS}::test_strangers_who_forge_news_alarm_nobody",
    ),
    Mutant(
        "a refund without an answer waits for the day to end",
        "app/services/backoffice/checkups.py",
        "    return bool(db.session.scalar(select(exists().where(unanswered, asked))))",
        "    return bool(unanswered is asked)",
        f"{_LOOKS}::test_a_refund_without_an_answer_is_reason_to_look_before_the_day_is_over",
    ),
)
