"""A gateway's own statement: believed only whole, never before the gateway was asked, and matched by identity."""

from mutants.mutant import Mutant

_READER = "tests/gateways/test_mpesa_statement.py"
_BOOKS = "tests/services/backoffice/test_gateway_statements.py"
_COMPARED = "app/services/backoffice/pull/gateway_statements.py"

MUTANTS = (
    Mutant(
        "a payer who is called like a fee has not paid",
        "app/gateways/mpesa/mpesa_lines.py",
        '        is_fee=_FEE.match(cells["Details"]) is not None,\n',
        '        is_fee=_FEE.search(cells["Details"]) is not None,\n',
        _READER,
    ),
    Mutant(
        "a code paid to another booking's reference is as it should be",
        _COMPARED,
        "    if ours.agrees(line) and fits and not is_anothers:\n",
        "    if ours.agrees(line) and fits:\n",
        _BOOKS,
    ),
    Mutant(
        "a statement cut at the end of a line is believed",
        "app/gateways/mpesa/mpesa_balances.py",
        "    if ends not in known:\n",
        "    if False:\n",
        _READER,
    ),
    Mutant(
        "lines that do not add up are believed",
        "app/gateways/mpesa/mpesa_balances.py",
        "        if known.isdisjoint(top) or not second.is_whole:\n",
        "        if not second.is_whole:\n",
        _READER,
    ),
    Mutant(
        "the statement of another shortcode is believed",
        "app/gateways/mpesa/mpesa_statement.py",
        '        "statement_account": head.shortcode not in shortcodes,\n',
        '        "statement_account": False,\n',
        _READER,
    ),
    Mutant(
        "a fee under a payment's receipt is a payment",
        "app/gateways/mpesa/mpesa_lines.py",
        "    if line.is_fee or not line.delta:\n",
        "    if not line.delta:\n",
        _READER,
    ),
    Mutant(
        "a line that failed at M-Pesa moved money",
        "app/gateways/mpesa/mpesa_lines.py",
        '    if cells["Transaction Status"].lower() != "completed":\n',
        '    if cells["Transaction Status"].lower() == "":\n',
        _READER,
    ),
    Mutant(
        "a file that anybody may have made up confirms by itself",
        "app/services/payments/outcomes.py",
        "of_statement=event.kind == STATEMENT)\n",
        "of_statement=False)\n",
        _BOOKS,
    ),
    Mutant(
        "who paid from the menu is sent a prompt as well",
        "app/services/payments/claims.py",
        "    attempt.unsent = False  # paid",
        "    attempt.unsent = attempt.unsent  # paid",
        _BOOKS,
    ),
    Mutant(
        "a receipt is ours whichever account number it was paid to",
        _COMPARED,
        "    if ours.charge_ref == line.event.fact.charge_ref and line.event.reference not in (None, ours.reference):\n",
        "    if False:\n",
        _BOOKS,
    ),
    Mutant(
        "a known receipt of another amount is known",
        _COMPARED,
        " and self.charge_ref == fact.charge_ref and self.money == fact.money\n",
        " and self.charge_ref == fact.charge_ref\n",
        _BOOKS,
    ),
    Mutant(
        "what was reversed at the portal is nobody's business",
        _COMPARED,
        "    return refund.provider_ref == fact.refund_ref or refund.means is RefundMeans.BEFORE\n",
        "    return True\n",
        _BOOKS,
    ),
    Mutant(
        "what the statement lacks is not said",
        _COMPARED,
        "        if attempt_id not in found.ours:\n",
        "        if False:\n",
        _BOOKS,
    ),
    Mutant(
        "what was paid outside of the statement's time is missing in it",
        _COMPARED,
        "    inside = paid.where(begun >= statement.since + _EDGE, ended <= statement.until - _EDGE)\n",
        "    inside = paid\n",
        _BOOKS,
    ),
)
