"""The bugs, each one line of the money code made wrong, with the tests that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `file`, the one place that reads `before` reads `after`; `tests` (pytest arguments) must fail then."""

    name: str
    file: str
    before: str
    after: str
    tests: str


_CALLBACKS = "tests/blueprints/test_callbacks.py"
_ATTEMPTS = "tests/services/test_attempts.py"
_PAY_THEN_BOOK = "tests/stories/test_pay_then_book.py"
_AUTHORISE = "tests/stories/test_authorise_then_approve.py"
_LEDGER = "tests/services/test_ledger.py"
_TERMS = "tests/stories/test_terms.py"
_MOVES = "tests/stories/test_reschedule.py"

MUTANTS: tuple[Mutant, ...] = (
    # -------------------------------------------------------------------------------------------- locks and keys
    Mutant(
        "no lock",
        "app/services/core/transaction.py",
        ".with_for_update(key_share=True)\n",
        "\n",
        "tests/races",
    ),
    Mutant(
        "a lock that keeps what it read before",
        "app/services/core/transaction.py",
        "statement.execution_options(populate_existing=True)",
        "statement",
        f"tests/services/test_money_rules.py {_CALLBACKS} {_ATTEMPTS} tests/races",
    ),
    Mutant(
        "no unique key on the inbox",
        "migrations/versions/20261121_1130_0001_people_practice_bookings_and_payments.py",
        "    sa.UniqueConstraint('gateway', 'event_key', name=op.f('uq_inbox_gateway_event_key'))\n",
        "",
        f"{_CALLBACKS} tests/migrations",
    ),
    Mutant(
        "two live attempts for one checkout",
        "app/services/payments/attempts/attempt_start.py",
        "        live = next((a for a in attempts if a.is_live), None)\n",
        "        live = None\n",
        _ATTEMPTS,
    ),
    Mutant(
        "places that lapsed still count",
        "app/services/practice/slots.py",
        "return and_(Hold.released_at.is_(None), or_(Hold.expires_at.is_(None), Hold.expires_at > now))",
        "return Hold.released_at.is_(None)",
        "tests/stories/test_hold_then_pay.py tests/services/test_slots.py",
    ),
    Mutant(
        "capacity is not looked at",
        "app/services/practice/slots.py",
        "    if _left(wish, overlapping) < places:\n",
        "    if False:\n",
        "tests/races/test_one_place.py",
    ),
    # -------------------------------------------------------------------------------------------- what is believed
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
        "return hmac.compare_digest(",
        "return True or hmac.compare_digest(",
        "tests/gateways/test_stripe.py tests/gateways/test_razorpay.py",
    ),
    Mutant(
        "any address will do",
        "app/services/core/signed_urls.py",
        "    return str(reference) if owner == gateway else None\n",
        "    return str(reference)\n",
        f"{_CALLBACKS} tests/services/test_money_rules.py",
    ),
    Mutant(
        "one receipt pays twice",
        "app/services/payments/outcomes.py",
        "    return db.session.scalars(others).first() is not None\n",
        "    return False\n",
        "tests/services/test_money_rules.py",
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
        "app/gateways/mpesa_facts.py",
        "    return Failed(known, result_code) if known else Pending()\n",
        "    return Failed(known or FailureCode.DECLINED, result_code)\n",
        "tests/gateways/test_mpesa.py",
    ),
    # -------------------------------------------------------------------------------------------- silence and repetition
    Mutant(
        "a timeout means failed",
        "app/services/payments/attempts/vendor_calls.py",
        '        log.warning("start.unclear attempt=%s error=%s", attempt_id, type(error).__name__)\n',
        "        _refused(attempt_id, GatewayRefused(str(error)))\n",
        _ATTEMPTS,
    ),
    Mutant(
        "a new key on every try",
        "app/gateways/stripe.py",
        '        for each in (key, f"{key}-2", f"{key}-3"):',
        '        for each in (f"{key}-{id(create)}", f"{key}-2", f"{key}-3"):',
        "tests/gateways/test_stripe.py",
    ),
    Mutant(
        "a refund takes a new key on every try",
        "app/services/ledger/refunds/refund_calls.py",
        "        refund_key=refund.wire_key,",
        '        refund_key=f"{refund.wire_key}-{refund.tries}",',
        "tests/services/test_money_rules.py",
    ),
    Mutant(
        "M-Pesa is asked again after silence",
        "app/gateways/mpesa.py",
        "        needs_phone=True,\n",
        "        needs_phone=True,\n        repeatable_start=True,\n",
        f"{_ATTEMPTS} tests/gateways/test_mpesa.py",
    ),
    Mutant(
        "200 before anything is stored",
        "app/blueprints/common/error_pages.py",
        '    body, status, headers = _answer(503, "busy")\n',
        '    body, status, headers = _answer(200, "busy")\n',
        "tests/faults/test_s6_receive.py",
    ),
    Mutant(
        "early news is forgotten",
        "app/services/payments/inbox.py",
        "_RETRIED = (InboxState.RECEIVED, InboxState.UNMATCHED)",
        "_RETRIED = (InboxState.RECEIVED,)",
        f"{_CALLBACKS} tests/services/test_money_rules.py",
    ),
    Mutant(
        "a person is told again for the same cause",
        "app/services/notifications/notices.py",
        '"dedupe_key": f"{kind}:{user_id}:{subject}:{cause}",',
        '"dedupe_key": f"{kind}:{user_id}:{subject}:{cause}:{clock.now()}",',
        "tests/services/test_notices.py tests/stories/test_pay_after.py",
    ),
    # -------------------------------------------------------------------------------------------- late, twice, ended
    Mutant(
        "expiry does not ask the gateway",
        "app/services/workflows/expiry.py",
        "        attempts.close(checkout_id)\n    return bookings.expire(booking_id, CLOCK)",
        "        pass\n    return bookings.expire(booking_id, CLOCK)",
        "tests/services/test_money_rules.py",
    ),
    Mutant(
        "expiry ends what may be paid",
        "app/services/bookings/cancellation.py",
        "        if booking is None or not is_overdue(booking, now) or is_unresolved(booking):\n",
        "        if booking is None or not is_overdue(booking, now):\n",
        f"{_ATTEMPTS} tests/races",
    ),
    Mutant(
        "late money is kept",
        "app/services/payments/allocation.py",
        '    return _give_back(attempt, money, attempt.charge_ref or "", payable.gone, offer=offers)\n',
        "    return APPLIED\n",
        f"{_ATTEMPTS} {_PAY_THEN_BOOK}",
    ),
    Mutant(
        "the second payment is kept",
        "app/services/payments/allocation.py",
        "    if checkout.status is CheckoutStatus.PAID:\n",
        "    if False:\n",
        f"{_ATTEMPTS} tests/services/test_money_rules.py",
    ),
    Mutant(
        "the refund is not in the same commit",
        "app/services/payments/allocation.py",
        "    refund = refunds.ask(attempt, charge_ref, money, reason, GATEWAY, offer=offer)\n    _tell_both(attempt, refund)\n",
        "    return Verdict(InboxState.APPLIED, reason)\n"
        "    refund = refunds.ask(attempt, charge_ref, money, reason, GATEWAY, offer=offer)\n    _tell_both(attempt, refund)\n",
        f"{_ATTEMPTS} {_PAY_THEN_BOOK}",
    ),
    Mutant(
        "money revives what was cancelled",
        "app/domain/lifecycle.py",
        "    _B.CANCELLED: False,\n}",
        "    _B.CANCELLED: True,\n}",
        f"{_ATTEMPTS} tests/unit/test_lifecycle.py",
    ),
    Mutant(
        "paying takes the place of a yes",
        "app/domain/lifecycle.py",
        "    _B.PENDING_APPROVAL: False,\n    _B.CONFIRMED: False,",
        "    _B.PENDING_APPROVAL: True,\n    _B.CONFIRMED: False,",
        "tests/unit/test_lifecycle.py",
    ),
    Mutant(
        "declining keeps the reservation",
        "app/services/bookings/cancellation.py",
        '    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)\n    order_for(booking, "void")\n',
        "    checkouts.close_for(booking, CheckoutStatus.CANCELLED, who)\n",
        _AUTHORISE,
    ),
    Mutant(
        "the card is charged before the answer",
        "app/services/payments/authorisations.py",
        "    if booking.approved_at is not None:\n",
        "    if booking.approved_at is None:\n",
        _AUTHORISE,
    ),
    # -------------------------------------------------------------------------------------------- the books
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
        "    parts = SPLITS[checkout.kind](checkout, money, 1)\n",
        "    parts = {ledger.PLATFORM: money}\n",
        _LEDGER,
    ),
    Mutant(
        "credit for what may have been sent already",
        "app/services/ledger/refunds/refund_statuses.py",
        "    if target is None or (refund.status is RefundStatus.ASKED and refund.tries):\n        return False\n    refund.means",
        "    if target is None:\n        return False\n    refund.means",
        "tests/services/test_money_rules.py",
    ),
    Mutant(
        "a refund may be more than there is",
        "app/services/backoffice/repair.py",
        "        if money.currency != left.currency or money.amount > left.amount:\n",
        "        if money.currency != left.currency:\n",
        "tests/services/test_repair.py",
    ),
    Mutant(
        "a refund's success is believed after its failure",
        "app/services/ledger/refunds/refund_news.py",
        "    if isinstance(fact, Refunded) and (_is_only_begun(refund, fact) or _may_be_old(refund)):\n",
        "    if isinstance(fact, Refunded) and _is_only_begun(refund, fact):\n",
        "tests/faults/test_s10_refund.py -k success_told",
    ),
    Mutant(
        "a refund that has begun is called done",
        "app/services/ledger/refunds/refund_news.py",
        "    return waits and not (fact.refund_key or fact.refund_ref)\n",
        "    return False\n",
        "tests/faults/test_s10_refund.py -k only_begun",
    ),
    Mutant(
        "an amount that somebody told is forgotten when the query says paid",
        "app/services/payments/outcomes.py",
        "reviews.told_amount(attempt) if fact.money is None and attempt.charge_ref is None else None",
        "None",
        "tests/services/test_unsigned_news.py",
    ),
    Mutant(
        "every receipt that somebody names is given back",
        "app/services/payments/outcomes.py",
        "    return not fact.verified and bool(known and told) and known != told\n",
        "    return False\n",
        "tests/services/test_unsigned_news.py",
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
        "        _write_off(attempt, fact, fact.money - left)\n",
        "        return False\n",
        "tests/services/test_sent_back_elsewhere.py",
    ),
    Mutant(
        "a gift outlives the money it was bought with",
        "app/services/payments/outcomes.py",
        "    prepaid.lose(attempt)\n",
        "",
        "tests/services/test_sent_back_elsewhere.py",
    ),
    Mutant(
        "a forgiven debt is paid by late money",
        "app/services/payments/payables/debt.py",
        "    if checkout.status is CheckoutStatus.CANCELLED:\n        return False\n",
        "",
        "tests/services/test_late_debts.py",
    ),
    Mutant(
        "a reversal that was never asked for is waited for",
        "app/gateways/daraja.py",
        "raise NothingSent(str(error)) from None",
        "raise GatewayUnavailable(str(error)) from None",
        "tests/services/test_nothing_sent.py",
    ),
    Mutant(
        "a late answer is taken for a contradiction",
        "app/services/payments/attempts/look_ups.py",
        "payments.CROSS_CHECK if was_paid else payments.LOOK_UP",
        "payments.CROSS_CHECK",
        _ATTEMPTS,
    ),
    Mutant(
        "the same answer is never news again",
        "app/services/payments/attempts/look_ups.py",
        "    if attempt.is_live:\n        return chance.reference(24)\n",
        "",
        _AUTHORISE,
    ),
    # -------------------------------------------------------------------------------------------- terms and moves
    Mutant(
        "who cancels late gets everything back",
        "app/services/bookings/cancellation_policy.py",
        "    return terms.part(paid, terms.percent_at(steps(booking), now))\n",
        "    return paid\n",
        _TERMS,
    ),
    Mutant(
        "a longer session costs nothing more",
        "app/services/scheduling/price_changes.py",
        "    if min(more, missing) > 0:\n",
        "    if min(more, missing) > 10**12:\n",
        _MOVES,
    ),
    Mutant(
        "a session moves onto another's place",
        "app/services/practice/slots.py",
        "    slot = take(booking.service, start, booking.places, minutes)\n    row.slot_id",
        "    slot = _slot_at(_Wish(booking.service, start, minutes), [], now)\n    row.slot_id",
        _MOVES,
    ),
    Mutant(
        "what is forgiven is still taken",
        "app/services/bookings/cancellation.py",
        "        checkouts.set_status(checkout, CheckoutStatus.CANCELLED, who, why=reason)\n        dues",
        "        dues",
        _TERMS,
    ),
)
