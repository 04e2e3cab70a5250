"""Access: what belongs to somebody else does not exist."""

from mutants.mutant import Mutant

_STRANGERS = "tests/access/test_strangers.py"
_ROOM = "tests/stories/test_room.py"
_SENDERS = "tests/app/test_form_senders.py"

MUTANTS = (
    Mutant(
        "any practitioner reads any bill",
        "app/services/ledger/checkouts.py",
        "if checkout is None or (checkout.client_id != user.id and user.role is not Role.STAFF):",
        "if checkout is None or (checkout.client_id != user.id and user.role is Role.CLIENT):",
        _STRANGERS,
    ),
    Mutant(
        "any practitioner reads any statement",
        "app/services/ledger/statements.py",
        "    if user.role is not Role.STAFF:\n",
        "    if user.role is Role.CLIENT:\n",
        "tests/stories/test_statements.py::test_only_the_practitioner_and_staff_see_a_statement",
    ),
    Mutant(
        "any practitioner reads any receipt",
        "app/services/ledger/receipts/receipt_queries.py",
        "    if user.role is Role.STAFF:\n",
        "    if user.role is not Role.CLIENT:\n",
        "tests/stories/test_receipts.py::test_receipts_are_for_those_they_concern",
    ),
    Mutant(
        "any practitioner reads any package",
        "app/services/prepaid/packages/package_queries.py",
        "package.practitioner.is_of(user) or user.role is Role.STAFF):",
        "package.practitioner.is_of(user) or user.role is not Role.CLIENT):",
        "tests/services/prepaid/test_packages.py::test_somebody_elses_service_offer_and_package_do_not_exist",
    ),
    Mutant(
        "the practitioner reads the client's private note",
        "app/services/sessions/notes.py",
        "    if bookings.role_in(booking, user) is not Actor.STAFF:\n        notes",
        "    if bookings.role_in(booking, user) is Actor.CLIENT:\n        notes",
        "tests/services/sessions/test_notes.py",
    ),
    Mutant(
        "staff may join any session",
        "app/services/bookings/meetings.py",
        'takes_part = role_in(booking, user) is not Actor.STAFF and booking.status in TABS["upcoming"]',
        'takes_part = booking.status in TABS["upcoming"]',
        f"{_ROOM}::test_the_link_is_seen_from_five_minutes_before_by_those_who_take_part",
    ),
    Mutant(
        "members of a group read each other's names",
        "app/services/sessions/room.py",
        "    if part is not Actor.CLIENT:\n",
        "    if part is not Actor.STAFF:\n",
        f"{_ROOM}::test_the_practitioner_of_a_group_sees_everybody_and_they_not_each_other",
    ),
    Mutant(
        "a new password leaves the old sessions open",
        "app/services/accounts/credentials.py",
        "        found.password_hash = hashed\n        logins.end_within(found)\n",
        "        found.password_hash = hashed\n",
        "tests/services/accounts/test_credentials.py::test_a_reset_link_sets_a_password_once_and_ends_every_login",
    ),
    Mutant(
        "a form that another site sends is taken",
        "app/lib/network/csrf.py",
        '        if g.get("csrf_valid") and not _is_ours():',
        '        if not g.get("csrf_valid") and not _is_ours():',
        _SENDERS,
    ),
    Mutant(
        "a neighbour below the same name is us",
        "app/lib/network/csrf.py",
        '_NO_OTHER_SITE = ("same-origin", "none")',
        '_NO_OTHER_SITE = ("same-origin", "same-site", "none")',
        _SENDERS,
    ),
    Mutant(
        "our name without TLS is us",
        "app/lib/network/csrf.py",
        'f"{public.scheme}://{request.host}", f"https://{request.host}")',
        'f"http://{public.netloc}", f"https://{request.host}")',
        _SENDERS,
    ),
    Mutant(
        "a neighbour may set our cookies",
        "config.py",
        '    prefix = "__Host-" if',
        '    prefix = "__Secure-" if',
        "tests/app/test_cookies.py",
    ),
    Mutant(
        "a bank's page is cut off from the window that has opened it",
        "app/gateways/razorpay/razorpay_facts.py",
        "        opens_popups=True,\n",
        "        opens_popups=False,\n",
        "tests/browser/test_upi.py::test_a_banks_page_in_a_pop_up_tells_the_window_that_it_is_done",
    ),
    Mutant(
        "a practitioner whom the client asks reads others' ratings of them",
        "app/services/sessions/ratings/rating_queries.py",
        "        .where(asked.id.in_(ids), _counts_of_client())\n",
        "        .where(asked.id.in_(ids), Rating.of_client)\n",
        "tests/services/sessions/test_client_ratings.py::test_what_is_hidden_or_did_not_take_place_is_not_in_the_average",
    ),
    Mutant(
        "ratings of a client are the practitioner's own",
        "app/services/sessions/ratings/rating_queries.py",
        "and_(Rating.practitioner_id == practitioner.id, Rating.of_client.is_(False))",
        "and_(Rating.practitioner_id == practitioner.id)",
        "tests/services/sessions/test_client_ratings.py::test_what_practitioners_say_is_nowhere_in_public_nor_among_their_own_ratings",
    ),
)
