"""Rights: they end at once everywhere, and somebody who can give them is left."""

from mutants.mutant import Mutant

_RIGHTS = "tests/services/accounts/test_rights.py"
_INVITED = "tests/services/accounts/test_invitations.py"
_FILE = "app/services/accounts/rights.py"

_PAGES = "tests/blueprints/test_account_pages.py"

MUTANTS = (
    Mutant(
        "a login that was begun with the old password outlives the new one",
        "app/services/accounts/credentials.py",
        "    set_actor(user)  # as they were before the hash,",
        "    # as they were before the hash,",
        "tests/races/test_logged_in_meanwhile.py",
    ),
    Mutant(
        "a token that an ended login asked for is good",
        "app/services/core/transaction.py",
        ", User.session_version == version)",
        ")",
        "tests/races/test_logged_in_meanwhile.py",
    ),
    Mutant(
        "a review sends money at an open page that somebody else found",
        "app/blueprints/backoffice/acts.py",
        "@freshly_proved  # most decisions send money\n",
        "",
        f"{_PAGES}::test_whatever_sends_money_or_takes_everything_away_asks_for_a_fresh_proof",
    ),
    Mutant(
        "the trail is taken away without a fresh proof",
        "app/blueprints/backoffice/audit_log.py",
        "@freshly_proved\n",
        "",
        f"{_PAGES}::test_whatever_sends_money_or_takes_everything_away_asks_for_a_fresh_proof",
    ),
    Mutant(
        "a suspended person's token still works",
        "app/services/accounts/logins.py",
        "User.active.is_(True), Login.expires_at",
        "Login.expires_at",
        f"{_RIGHTS}::test_a_role_or_right_that_was_changed_in_the_table_ends_too",
    ),
    Mutant(
        "the last of staff can be suspended or demoted",
        _FILE,
        "    if user.role is Role.STAFF and db.session.scalars(others.limit(1)).first() is None:\n",
        "    if user.role is Role.STAFF and db.session.scalars(others.limit(1)).first() is user:\n",
        f"{_RIGHTS}::test_the_last_of_staff_stays_whoever_asks",
    ),
    Mutant(
        "staff act on themselves",
        _FILE,
        "    if who.user_id == user_id:\n",
        "    if who.user_id is None:\n",
        f"{_RIGHTS}::test_nobody_acts_on_themselves",
    ),
    Mutant(
        "who is no staff any more takes others' rights",
        _FILE,
        "if staff is None or not staff.active or staff.role is not Role.STAFF:",
        "if staff is None or not staff.active:",
        f"{_RIGHTS}::test_who_is_no_staff_any_more_takes_nobodys_rights",
    ),
    Mutant(
        "a demoted practitioner still reads their practice",
        "app/models/practice/practitioners.py",
        "        own = true() if user.role is Role.PRACTITIONER else false()\n",
        "        own = true() if user.role is not Role.STAFF else false()\n",
        f"{_RIGHTS}::test_a_demoted_practitioner_reads_and_does_nothing_of_their_practice",
    ),
    Mutant(
        "a demoted practitioner still acts in their bookings",
        "app/models/practice/practitioners.py",
        "return user.id == self.user_id and user.role is Role.PRACTITIONER",
        "return user.id == self.user_id",
        f"{_RIGHTS}::test_a_role_or_right_that_was_changed_in_the_table_ends_too",
    ),
    Mutant(
        "the practice of somebody suspended can be booked",
        "app/models/people.py",
        "return self.active and self.role is Role.PRACTITIONER",
        "return self.role is Role.PRACTITIONER",
        f"{_RIGHTS}::test_the_practice_of_who_gives_no_sessions_is_not_offered",
    ),
    Mutant(
        "a new role keeps the logins of the old one",
        _FILE,
        "    logins.end_within(user)\n    invitations",
        "    invitations",
        _INVITED,
    ),
    Mutant(
        "what is being paid ends with the right and its place is lost",
        "app/services/bookings/ending/cancellation.py",
        "status_now(booking) not in WAITING or is_unresolved(booking):",
        "status_now(booking) not in WAITING:",
        f"{_RIGHTS}::test_what_is_being_paid_is_left_alone_until_that_is_decided",
    ),
    Mutant(
        "what was booked in the moment of a suspension stands",
        _FILE,
        '    outbox.after_commit("app.jobs.accounts.end_open", user.id)\n',
        "",
        f"{_RIGHTS}::test_a_suspension_leaves_its_job",
    ),
    Mutant(
        "an invitation by somebody suspended still opens",
        _FILE,
        "    invitations.withdraw_all_of(user, who)\n",
        "",
        f"{_INVITED}::test_nobody_comes_in_by_an_invitation_of_staff_who_are_suspended",
    ),
)
