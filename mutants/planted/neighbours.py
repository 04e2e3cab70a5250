"""Other products on the same account: their news must neither starve ours nor leave anything of anybody here."""

from mutants.mutant import Mutant

_SHARED = "tests/services/payments/test_shared_accounts.py"
_WAITING = "app/services/payments/waiting_news.py"
_INBOX = "app/services/payments/inbox.py"
_OWNER = "app/services/payments/waiting_news.py"

MUTANTS = (
    Mutant(
        "what waits is tried one by one, others' too",
        _WAITING,
        "_matches_now = (InboxEntry.state == InboxState.UNMATCHED) & _is_known\n",
        "_matches_now = InboxEntry.state == InboxState.UNMATCHED\n",
        _SHARED,
    ),
    Mutant(
        "early news of a charge is never found",
        _WAITING,
        "    exists().where(Attempt.gateway == InboxEntry.gateway, Attempt.charge_ref == _charge),\n",
        "",
        _SHARED,
    ),
    Mutant(
        "what comes to match is dropped for its age",
        _WAITING,
        "    return and_(~_is_known, ~is_last)\n",
        "    return ~is_last\n",
        _SHARED,
    ),
    Mutant(
        "the number of a dropped event is given anew",
        _WAITING,
        "    return and_(~_is_known, ~is_last)\n",
        "    return ~_is_known\n",
        _SHARED,
    ),
    Mutant(
        "a failing event is tried first each time",
        "app/services/payments/refund_look_ups.py",
        "        inbox.count_try(entry_id)\n",
        "",
        _SHARED,
    ),
    Mutant(
        "the body of others' news is stored",
        _INBOX,
        'source, body if keep_first else b""))\n',
        "source, body))\n",
        _SHARED,
    ),
    Mutant(
        "dismissed news is not heard any more",
        _WAITING,
        "_matches_now = (InboxEntry.state == InboxState.UNMATCHED) & _is_known\n",
        "_matches_now = (InboxEntry.state == InboxState.UNMATCHED) & _is_known & InboxEntry.dismissed_at.is_(None)\n",
        _SHARED,
    ),
    Mutant(
        "who writes another name into our payment makes us deaf to it",
        _INBOX,
        "    attempt = _matched(entry, event)\n    if attempt is None:\n        return _keep_unmatched(entry, waiting",
        "    waiting_news.owner_of(event)\n    attempt = _matched(entry, event)\n"
        "    if attempt is None:\n        return _keep_unmatched(entry, waiting",
        _SHARED,
    ),
    Mutant(
        "another installation's news may be ours",
        _OWNER,
        "            raise AnothersNews\n        return NewsOwner.OURS\n",
        "            return NewsOwner.LIKELY\n        return NewsOwner.OURS\n",
        _SHARED,
    ),
    Mutant(
        "the id in an unsigned header makes a replay new",
        "app/gateways/razorpay/razorpay_gateway.py",
        "            return read_event(http.read_object(callback.body), http.digest(callback.body))\n",
        '            return read_event(http.read_object(callback.body), callback.headers.get("x-razorpay-event-id", ""))\n',
        f"{_SHARED} tests/gateways/test_razorpay.py",
    ),
)
