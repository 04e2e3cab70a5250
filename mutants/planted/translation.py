"""Translation of pages: the reader's language, its direction, and none beside it."""

from mutants.mutant import Mutant

_LANGUAGES = "tests/stories/test_languages.py"

MUTANTS = (
    Mutant(
        "Persian is written from left to right",
        "app/domain/languages.py",
        'RIGHT_TO_LEFT = frozenset({"ar", "fa"})',
        'RIGHT_TO_LEFT = frozenset({"ar"})',
        _LANGUAGES,
    ),
    Mutant(
        "the browser's language comes before the person's",
        "app/blueprints/common/web.py",
        "    if user := reader():\n",
        "    if (user := reader()) and not request.accept_languages:\n",
        f"{_LANGUAGES}::test_a_persons_own_language_comes_before_the_browsers_and_that_before_english",
    ),
    Mutant(
        "the reason of a failure is never translated",
        "app/words/problems.py",
        '"cancelled_by_payer": _l("The payment was cancelled on the phone. Nothing was charged. You can try again."),',
        '"cancelled_by_payer": "The payment was cancelled on the phone. Nothing was charged. You can try again.",',
        f"{_LANGUAGES}::test_a_payment_that_fails_says_so_in_the_payers_language",
    ),
    Mutant(
        "a way to pay has an English name everywhere",
        "app/words/money.py",
        '"Bank or cash": _l("Bank or cash")',
        '"Bank or cash": "Bank or cash"',
        f"{_LANGUAGES}::test_a_practitioner_reads_the_ways_to_pay_in_their_own_language",
    ),
)
