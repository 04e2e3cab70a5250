"""Quotas and blocks: what somebody may take of what is scarce, or make ring, and who is not let in."""

from mutants.mutant import Mutant

_OPEN = "tests/services/bookings/test_open_requests.py"
_FIRST = "tests/services/bookings/test_first_time.py"
_PROMPTS = "tests/services/payments/test_prompts.py"
_BLOCKS = "tests/services/practice/test_blocks.py"
_SMS = "tests/services/notifications/test_sms_quota.py"
_READS = "tests/app/test_reads.py"
_STOPS = "tests/services/core/test_quotas.py"

MUTANTS = (
    Mutant(
        "three places with each practitioner at once",
        "app/services/bookings/waiting.py",
        "in sorted({wait.client_id for wait in waits} | people):",
        "in sorted({wait.client_id for wait in waits}):",
        "tests/races/test_quotas_at_once.py",
        engines="both",  # SQLite lets one write at a time
    ),
    Mutant(
        "one open more than the quota",
        "app/services/core/quotas.py",
        "    if open_now + more <= most or not",
        "    if open_now < most + more or not",
        _OPEN,
    ),
    Mutant(
        "drafts are no bookings",
        "app/services/bookings/asking/open_requests.py",
        "bookings + _drafts(client), trusted",
        "bookings, trusted",
        _OPEN,
    ),
    Mutant(
        "a hold that ran out counts until it is swept",
        "app/services/bookings/asking/open_requests.py",
        "    return Booking.status.in_(WAITING) & or_(Booking.deadline_at.is_(None), Booking.deadline_at > clock.now())\n",
        "    return Booking.status.in_(WAITING)\n",
        _OPEN,
    ),
    Mutant(
        "sessions paid afterwards are as good as paid",
        "app/services/bookings/asking/open_requests.py",
        "    return and_(stands, Booking.mode_code.in_(_PAID_AFTER), ~paid.exists())\n",
        "    return and_(stands, Booking.mode_code.in_(_PAID_AFTER), paid.exists())\n",
        _OPEN,
    ),
    Mutant(
        "a time may be had and let go without end",
        "app/services/bookings/asking/open_requests.py",
        "    if len(gone) < quota.most or (rest",
        "    if len(gone) < 100 or (rest",
        _OPEN,
    ),
    Mutant(
        "a stranger's phone rings as often as there are accounts",
        "app/services/payments/attempts/attempt_start.py",
        "            Rule.PROMPTS_IN_A_ROW: phone,\n",
        "            Rule.PROMPTS_IN_A_ROW: client.id,\n",
        _PROMPTS,
    ),
    Mutant(
        "one account rings at any number of phones",
        "app/services/payments/attempts/attempt_start.py",
        "            Rule.PROMPTS_BY_ACCOUNT: client.id,\n",
        "            Rule.PROMPTS_BY_ACCOUNT: phone,\n",
        _PROMPTS,
    ),
    Mutant(
        "who is blocked may ask",
        "app/services/bookings/booking_requests.py",
        "    if practice.is_blocked(wish.service.practitioner_id, wish.client.id):\n",
        "    if practice.is_blocked(wish.client.id, wish.service.practitioner_id):\n",
        _BLOCKS,
    ),
    Mutant(
        "who is blocked may wait",
        "app/services/scheduling/waitlist.py",
        "    if practice.is_blocked(service.practitioner_id, client.id):\n",
        "    if False:\n",
        _BLOCKS,
    ),
    Mutant(
        "who is blocked pays for a draft",
        "app/services/ledger/checkouts.py",
        "            return service is None or not practice.is_blocked(service.practitioner_id, checkout.client_id)\n",
        "            return True\n",
        _BLOCKS,
    ),
    Mutant(
        "anybody can be blocked",
        "app/services/practice/blocks.py",
        "model.practitioner_id == practitioner_id, model.client_id == client_id)\n",
        "model.practitioner_id == practitioner_id)\n",
        _BLOCKS,
    ),
    Mutant(
        "who comes first pays afterwards all the same",
        "app/services/bookings/asking/newcomers.py",
        "    return MODES[strict]\n",
        "    return service.mode\n",
        _FIRST,
    ),
    Mutant(
        "who has not paid is trusted",
        "app/services/bookings/asking/newcomers.py",
        "Booking.client_id == client.id, Booking.status == BookingStatus.COMPLETED]",
        "Booking.client_id == client.id]",
        f"{_FIRST} {_OPEN}",
    ),
    Mutant(
        "SMS to a number are not counted",
        "app/services/notifications/sms.py",
        "Rule.SMS_TO_NUMBER: user.phone}",
        "Rule.SMS_TO_NUMBER: user.id}",
        _SMS,
    ),
    Mutant(
        "each address of a network reads for itself",
        "app/lib/network/addresses.py",
        "_HOME = 64 ",
        "_HOME = 128 ",
        _READS,
    ),
    Mutant(
        "who was stopped is not noted",
        "app/services/core/transaction.py",
        "        if isinstance(error, Problem) and error.stop:\n",
        "        if isinstance(error, Problem) and error.stop and error.stop.user_id:\n",
        _STOPS,
    ),
    Mutant(
        "a request that is taken back costs nothing, however often",
        "app/services/bookings/asking/open_requests.py",
        "and_(or_(unpaid, asked), cancelled)",
        "and_(unpaid, cancelled)",
        f"{_OPEN}::test_who_asks_and_takes_it_back_again_and_again_is_stopped",
    ),
    Mutant(
        "who goes from one time to the next may ask and take back for ever",
        "app/services/bookings/asking/open_requests.py",
        "_rests(Rule.SAME_TIME, this_time) or _rests(Rule.WITHDRAWN, theirs)",
        "_rests(Rule.SAME_TIME, this_time)",
        f"{_OPEN}::test_who_asks_and_takes_it_back_again_and_again_is_stopped",
    ),
    Mutant(
        "a client is stopped by what the practitioner declined",
        "app/services/bookings/asking/open_requests.py",
        "Change.to_status == BookingStatus.CANCELLED, Change.actor == Actor.CLIENT)",
        "Change.to_status.in_((BookingStatus.CANCELLED, BookingStatus.DECLINED)))",
        f"{_OPEN}::test_what_the_practitioner_did_not_answer_or_declined_was_not_let_go",
    ),
    Mutant(
        "a known browser mails codes to strangers without a limit",
        "app/blueprints/accounts/security.py",
        "guessing.before_code(email, origin(email))",
        "guessing.before_code(email, origin(person().email))",
        "tests/blueprints/test_account_pages.py",
    ),
    Mutant(
        "strangers who keep the server busy have the right person sent away",
        "app/services/accounts/guessing.py",
        "    except Unavailable:\n        _give_back(keys)\n        raise\n",
        "    except Unavailable:\n        raise\n",
        "tests/services/accounts/test_guessing.py",
    ),
    Mutant(
        "a stranger keeps a diary closed all day",
        "app/services/accounts/guessing.py",
        "origin.network, Rule.GUEST_PLACES_IN_A_DIARY: practitioner_id}",
        "origin.network}",
        "tests/blueprints/test_guests_meanwhile.py",
    ),
)
