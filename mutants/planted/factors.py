"""Second factors: what one answer opens it opens once, and no door forgets to ask."""

from mutants.mutant import Mutant

_SERVICE = "tests/services/accounts/test_second_factors.py"
_DOORS = "tests/blueprints/test_second_step.py"

MUTANTS = (
    Mutant(
        "a code of the app is good as long as it is shown",
        "app/services/accounts/code_apps.py",
        "if found is None or step is None or step <= found.last_step:",
        "if found is None or step is None:",
        f"{_SERVICE}::test_a_code_of_the_app_is_good_once_and_so_is_none_from_before_it",
    ),
    Mutant(
        "a recovery code is good for ever",
        "app/services/accounts/recovery_codes.py",
        "db.session.scalar(delete(RecoveryCode).where(*is_it).returning(RecoveryCode.id)) is not None",
        "db.session.scalar(select(RecoveryCode.id).where(*is_it)) is not None",
        f"{_SERVICE}::test_a_recovery_code_is_good_once_however_it_is_typed_and_the_person_is_told",
    ),
    Mutant(
        "a reset password logs in without the second factor",
        "app/blueprints/accounts/people.py",
        '    return admit(user, _("Your new password is set.',
        "    from app.blueprints.common.entering import welcome\n\n"
        '    return welcome(user, _("Your new password is set.',
        f"{_DOORS}::test_the_second_step_is_asked_for_whatever_the_first_one_was",
    ),
    Mutant(
        "a challenge serves for anything and anybody",
        "app/services/accounts/passkeys.py",
        "if asked is None or asked.purpose is not purpose or asked.user_id != (user.id if user else None):",
        "if asked is None:",
        f"{_SERVICE}::test_a_challenge_is_good_for_one_purpose_alone",
    ),
    Mutant(
        "an answer to a challenge is good again where the device does not count",
        "app/services/accounts/passkeys.py",
        "        if good.made_at <= row.used_at:\n",
        "        if good.made_at < row.created_at:\n",
        f"{_SERVICE}::test_an_answer_is_good_once_also_where_the_device_does_not_count",
    ),
    Mutant(
        "the second step is taken with the passkey of somebody else",
        "app/services/accounts/passkeys.py",
        "        if user is not None and row.user_id != user.id:\n",
        "        if user is not None and row.user_id < 0:\n",
        f"{_SERVICE}::test_a_challenge_is_bound_to_the_browser_that_asked_and_to_the_person_it_was_for",
    ),
    Mutant(
        "logins from before the second factor go on without it",
        "app/services/accounts/second_factors.py",
        "        return []\n    logins.end_within(user)\n",
        "        return []\n",
        f"{_SERVICE}::test_the_first_factor_ends_every_login_that_was_begun_without_it",
    ),
    Mutant(
        "nobody can let somebody in who lost everything",
        "app/services/backoffice/overview/people_page.py",
        '["second_step"] if second_factors.has_any(user) else []',
        "[]",
        "tests/blueprints/test_staff_people.py::test_a_lost_second_step_is_taken_off_by_somebody_else_of_staff",
    ),
    Mutant(
        "staff of production work without a second factor",
        "app/blueprints/common/access.py",
        "            return _set_up(view)(*args, **kwargs)\n",
        "            return view(*args, **kwargs)\n",
        f"{_DOORS}::test_staff_of_production_without_a_second_factor_get_to_no_page_but_where_it_is_set_up",
    ),
    Mutant(
        "a program proves its address without the second factor of the account",
        "app/blueprints/api/accounts/auth.py",
        "    if user := mailed_codes.account_of(row.address):\n        _second(user, body.second_code)\n",
        "",
        f"{_DOORS}::test_proving_an_address_that_has_an_account_needs_its_second_factor",
    ),
)
