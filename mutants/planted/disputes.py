"""What a payer's bank challenges, and refunds that must not go out beside it."""

from mutants.mutant import Mutant

_DISPUTES = "tests/services/payments/test_disputes.py"
_WAIVERS = "tests/services/backoffice/test_waivers.py"

MUTANTS = (
    Mutant(
        "a refund goes out while the bank challenges the charge",
        "app/models/ledger/disputes.py",
        "        return (Dispute.status == DisputeStatus.OPEN) & (Dispute.phase != DisputePhase.ENQUIRY)\n",
        "        return (Dispute.status == DisputeStatus.WON) & (Dispute.phase != DisputePhase.ENQUIRY)\n",
        _DISPUTES,
    ),
    Mutant(
        "a lost dispute is not set off against refunds",
        "app/services/ledger/refunds/refund_set_offs.py",
        "            try_set_off(taken, GATEWAY)\n",
        "",
        _DISPUTES,
    ),
    Mutant(
        "what was set off counts as lost a second time",
        "app/services/ledger/lost_money.py",
        "        select(Refund.attempt_id, Refund.currency, -func.sum(Refund.amount))\n",
        "        select(Refund.attempt_id, Refund.currency, 0 * func.sum(Refund.amount))\n",
        f"{_DISPUTES} tests/services/prepaid/test_credit_lots.py",
    ),
    Mutant(
        "a charge has one dispute",
        "app/services/ledger/disputes.py",
        "    named = [each for each in of_charge if each.vendor_ref == fact.dispute_ref]\n",
        "    named = of_charge\n",
        _DISPUTES,
    ),
    Mutant(
        "old news of an enquiry ends a chargeback",
        "app/services/ledger/disputes.py",
        "    if fact.phase.rank < dispute.phase.rank:\n",
        "    if fact.phase.rank < 0:\n",
        _DISPUTES,
    ),
    Mutant(
        "what was challenged is booked as taken",
        "app/models/ledger/disputes.py",
        "        return Money(self.deducted or self.amount, self.currency)\n",
        "        return Money(self.amount, self.currency)\n",
        _DISPUTES,
    ),
    Mutant(
        "staff send by hand what the bank may take",
        "app/services/backoffice/repair/refund_acts.py",
        "        if disputes.withholds(each):\n",
        "        if not each:\n",
        _DISPUTES,
    ),
    Mutant(
        "one person alone ends a refund",
        "app/services/backoffice/repair/waiver_acts.py",
        "    if waiver.staff_id != staff.id:\n        return\n",
        "    if waiver:\n        return\n",
        _WAIVERS,
    ),
    Mutant(
        "who is alone need not wait",
        "app/services/backoffice/repair/waiver_acts.py",
        "    if waiver.proposed_at + ALONE > clock.now():\n",
        "    if waiver.proposed_at > clock.now():\n",
        _WAIVERS,
    ),
    Mutant(
        "what went back before is written off as ours",
        "app/services/ledger/refunds/refund_statuses.py",
        "    gone = means is RefundMeans.BEFORE\n",
        "    gone = means is RefundMeans.BANK\n",
        _WAIVERS,
    ),
)
