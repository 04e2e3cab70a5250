"""What is read from the vendors' own lists: whose it is, whether it is news, and how far back they are read."""

from mutants.mutant import Mutant

_PULL = "tests/services/backoffice/test_pull.py"
_LISTS = "tests/gateways/test_lists.py"
_NAMES = "tests/services/core/test_installation.py"
_COMPARISON = "app/services/backoffice/pull/comparison.py"
_LOST = "app/services/backoffice/pull/lost_rows.py"

MUTANTS = (
    Mutant(
        "nights without an answer are not made up for",
        "app/services/backoffice/pull/pulls.py",
        "    return max(min(read_to, now - _NIGHT) - DEFAULT, now - LONGEST)\n",
        "    return now - _NIGHT - DEFAULT\n",
        _PULL,
    ),
    Mutant(
        "a pass that leaves a gap counts as if it had read all",
        "app/services/backoffice/pull/pulls.py",
        "        if each.ended_at is not None and not each.error and each.since <= read_to:\n",
        "        if each.ended_at is not None and not each.error:\n",
        _PULL,
    ),
    Mutant(
        "a pass that failed with a thing counts as read to its end",
        "app/services/backoffice/pull/pulls.py",
        "    if found[Finding.FAILED]:\n",
        "    if False:\n",
        _PULL,
    ),
    Mutant(
        "what a list says is ours waits as if nobody knew whose it is",
        _COMPARISON,
        "    event = replace(listed.event, installation=listed.installation)\n",
        "    event = listed.event\n",
        _PULL,
    ),
    Mutant(
        "another Kikao's objects are ours",
        _COMPARISON,
        "    if listed.installation not in (None, own):\n",
        "    if False:\n",
        _PULL,
    ),
    Mutant(
        "what no row knows is ours, whoever's it is",
        _COMPARISON,
        "        return Finding.OTHERS if listed.installation is None else _unknown(gateway, listed)\n",
        "        return _unknown(gateway, listed)\n",
        _PULL,
    ),
    Mutant(
        "another amount of a charge that is known is no news",
        _COMPARISON,
        "    return booked == fact.money\n",
        "    return True\n",
        _PULL,
    ),
    Mutant(
        "a refund that failed since counts as done",
        _COMPARISON,
        "            return _has_refund(attempt, fact.refund_ref, RefundStatus.FAILED, None)\n",
        "            return True\n",
        _PULL,
    ),
    Mutant(
        "a dispute that is known has nothing new to tell",
        _COMPARISON,
        "        (row.stage, row.phase) == (fact.stage[:40], fact.phase) and fact.deducted in (None, row.taken)\n",
        "        True\n",
        _PULL,
    ),
    Mutant(
        "a payment that is put back stands in the way of another try",
        _LOST,
        "        status=AttemptStatus.ABANDONED,\n",
        "        status=AttemptStatus.CREATED,\n",
        _PULL,
    ),
    Mutant(
        "money of a lost booking goes back unseen",
        "app/services/payments/allocation.py",
        "    if attempt.checkout.rules.waits_for_staff:\n",
        "    if False:\n",
        _PULL,
    ),
    Mutant(
        "Stripe's list ends with its first page",
        "app/gateways/stripe/stripe_lists.py",
        "            if not (page and more):\n",
        "            if True:\n",
        _LISTS,
    ),
    Mutant(
        "Razorpay's list ends with its first page",
        "app/gateways/razorpay/razorpay_lists.py",
        "            if len(page) < PAGE:\n",
        "            if True:\n",
        _LISTS,
    ),
    Mutant(
        "Stripe's refunds that fail later are not read again",
        "app/gateways/stripe/stripe_lists.py",
        "self._since - _REFUNDS_CHANGE",
        "self._since",
        _PULL,
    ),
    Mutant(
        "Razorpay's disputes that go on are not read again",
        "app/gateways/razorpay/razorpay_lists.py",
        "self._since - _DISPUTES_CHANGE",
        "self._since",
        _PULL,
    ),
    Mutant(
        "what Razorpay gave back by itself was a charge",
        "app/gateways/razorpay/razorpay_lists.py",
        '    return payment["status"] == "captured" or (payment.get("captured") is not False and order.is_paid)\n',
        "    return True\n",
        f"{_PULL} {_LISTS}",
    ),
    Mutant(
        "a refund from before the installation had a name is repeated with one",
        "app/services/core/installation.py",
        '    return known.code if known is not None and known.made_at <= moment else ""\n',
        '    return known.code if known is not None else ""\n',
        _NAMES,
    ),
    Mutant(
        "whatever has twelve letters is a reference of ours",
        "app/services/core/installation.py",
        "len(typed) == _CHECKED and begun + _check(code, begun) == typed",
        "len(typed) == _CHECKED",
        _NAMES,
    ),
    Mutant(
        "a gateway that fell silent has been read to its end",
        "app/services/backoffice/pull/pulls.py",
        "    if error:\n        raise Interrupted(error)\n",
        "",
        _PULL,
    ),
)
