"""Codes of payments that somebody shows: whose money it is, and that M-Pesa alone says that there is any."""

from mutants.mutant import Mutant

_SHOWN = "tests/services/payments/test_receipts_shown.py"
_WIRE = "tests/gateways/test_mpesa_receipts.py"
_VERDICTS = "app/services/payments/receipt_checks/check_verdicts.py"
_ANSWERS = "app/services/payments/receipt_checks/check_answers.py"

MUTANTS = (
    Mutant(
        "anybody's receipt pays",
        _VERDICTS,
        '    ("payer", lambda case: attempt_of(case) is None),\n',
        "",
        f"{_SHOWN}::test_a_payment_from_another_phone_is_for_a_person_to_judge",
    ),
    Mutant(
        "a typed number proves whose a payment is, whenever it was",
        _VERDICTS,
        "    if not attempt.heard_at - _CLOCKS <= taken <= over + _REST:\n",
        "    if False:\n",
        f"{_SHOWN}::test_a_phone_somebody_typed_proves_nothing_once_its_prompt_is_over",
    ),
    Mutant(
        "a payment to somebody else is ours",
        _VERDICTS,
        '    ("receipt_elsewhere", lambda case: case.answer.to_us is False),\n',
        "",
        f"{_SHOWN}::test_a_receipt_of_a_payment_to_another_shortcode_is_refused",
    ),
    Mutant(
        "a receipt of last year pays",
        _VERDICTS,
        '    ("receipt_too_old", _is_too_old),\n',
        "",
        f"{_SHOWN}::test_a_receipt_of_last_year_is_refused",
    ),
    Mutant(
        "a receipt pays for two",
        _VERDICTS,
        '    ("receipt_used", _pays_something_else),\n',
        "",
        f"{_SHOWN}::test_a_receipt_that_has_paid_for_something_pays_nothing_else",
    ),
    Mutant(
        "an open claim is nobody's",
        _VERDICTS,
        '    ("claimed", _is_claimed_elsewhere),\n',
        "",
        f"{_SHOWN}::test_what_unsigned_news_says_is_another_payments_is_for_a_person",
    ),
    Mutant(
        "whoever knows the address answers for M-Pesa",
        _ANSWERS,
        "    if answer.conversation in check.conversations:\n",
        "    if answer.conversation:\n",
        f"{_SHOWN}::test_an_answer_that_names_no_question_of_ours_is_not_believed",
    ),
    Mutant(
        "the receipt an unsigned callback named first is forgotten",
        _ANSWERS,
        "    if told_before and told_before != check.receipt:\n",
        "    if False:\n",
        f"{_SHOWN}::test_what_is_paid_by_prompt_and_from_the_menu_goes_back_once",
    ),
    Mutant(
        "news of the menu asks M-Pesa without end",
        "app/services/payments/receipt_checks/check_rows.py",
        "        return None if _is_flood(attempt, source) else _add(",
        "        return _add(",
        f"{_SHOWN}::test_made_up_news_of_the_menu_lands_nothing",
    ),
    Mutant(
        "money that we sent out counts as paid to us",
        "app/gateways/mpesa/mpesa_receipts.py",
        "        to_us=False if payer in own else payee in own if payee else None,\n",
        "        to_us=payer in own or payee in own if payee else None,\n",
        _WIRE,
    ),
    Mutant(
        "what was taken back counts as paid",
        "app/gateways/mpesa/mpesa_receipts.py",
        '    "reversed": ReceiptState.NOT_PAID,\n',
        '    "reversed": ReceiptState.PAID,\n',
        _WIRE,
    ),
    Mutant(
        "the letters of a signature spell a word M-Pesa refuses",
        "app/services/core/signed_urls.py",
        "        if not any(word in token.lower() for word in vendor.refused_words):\n",
        "        if True:\n",
        "tests/stories/test_unheard_payments.py"
        "::test_no_address_of_a_payment_has_a_word_m_pesa_refuses_and_each_says_what_it_is_of",
    ),
)
