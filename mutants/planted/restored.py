"""Going back to a backup: what was given out since is given out again, or what must wait does not."""

from mutants.mutant import Mutant

_ISSUANCE = "app/services/ledger/receipts/issuance.py"
_RESTORATIONS = "app/services/core/restorations.py"
_BOOKS = "app/services/backoffice/backups/restored_books.py"
_MONEY = "app/commands/money_commands.py"
_STORY = "tests/stories/test_going_back.py"
_NUMBERS = "tests/services/core/test_restorations.py"
_WAY = "tests/services/backoffice/test_backups.py"

MUTANTS = (
    Mutant(
        "receipts go on in the series of the time that is gone",
        _ISSUANCE,
        "code=restorations.series(issuer)",
        "code=issuer",
        f"{_NUMBERS}::test_a_number_that_somebody_has_on_a_receipt_is_never_on_anothers",
    ),
    Mutant(
        "two times the same backup give the same series",
        _RESTORATIONS,
        "mark = chance.reference(_MARK)",
        'mark = "2345"',
        f"{_NUMBERS}::test_a_number_that_somebody_has_on_a_receipt_is_never_on_anothers",
    ),
    Mutant(
        "a refund begun anew takes a key of the time that is gone",
        _RESTORATIONS,
        "return max(last + 1, high_number(at)) if at else last + 1",
        "return last + 1",
        f"{_NUMBERS}::test_a_refund_that_is_begun_anew_never_takes_a_key_the_vendor_knows",
    ),
    Mutant(
        "a refund of the time that is gone is not known by its key",
        "app/models/ledger/refunds.py",
        "int(number) > self.renewed",
        "int(number) < self.renewed",
        f"{_NUMBERS}::test_a_refund_that_was_begun_anew_in_the_time_that_is_gone_is_known_by_its_key",
    ),
    Mutant(
        "calendars are told old versions",
        _BOOKS,
        "        _raise_versions()\n",
        "",
        f"{_NUMBERS}::test_a_calendar_is_told_a_higher_version_than_it_knows",
    ),
    Mutant(
        "who was logged out since is logged in again",
        _BOOKS,
        "        db.session.execute(delete(Login))\n",
        "",
        f"{_WAY}::test_nobody_is_logged_in_and_no_code_that_may_have_been_used_is_good_again",
    ),
    Mutant(
        "codes that were used since are good again",
        _BOOKS,
        "        _end_codes()\n",
        "",
        f"{_WAY}::test_nobody_is_logged_in_and_no_code_that_may_have_been_used_is_good_again",
    ),
    Mutant(
        "processes start before the gateways were asked",
        _RESTORATIONS,
        "    if wrong:\n        raise",
        "    if not wrong and wrong:\n        raise",
        f"{_WAY}::test_nothing_works_before_the_gateways_were_asked",
    ),
    Mutant(
        "asking for the last hour is enough",
        _RESTORATIONS,
        "asked_since > since",
        "asked_since < since",
        f"{_WAY}::test_having_asked_for_a_part_of_the_time_is_not_enough",
    ),
    Mutant(
        "a damaged backup is believed",
        "app/lib/backups/archive.py",
        "if told != _listed(sums):",
        "if not told:",
        f"{_WAY}::test_a_backup_that_is_not_whole_is_refused_and_nothing_moves",
    ),
    Mutant(
        "the books are replaced while somebody writes in them",
        "app/services/backoffice/backups/restoration.py",
        "if not workers and not others:",
        "if not workers or not others:",
        f"{_WAY}::test_nothing_is_restored_while_somebody_has_the_database_open"
        f" {_WAY}::test_nothing_is_restored_while_a_worker_is_there",
    ),
    Mutant(
        "jobs of other books are done",
        "app/services/backoffice/backups/restoration.py",
        "return aside, queue.clear()",
        "return aside, True",
        f"{_WAY}::test_jobs_of_the_books_that_are_gone_are_not_done",
    ),
    Mutant(
        "the last minutes before the way back are not asked for",
        _MONEY,
        "until = clock.now() if restorations.behind() else None",
        "until = None",
        f"{_STORY}::test_what_was_paid_after_the_backup_is_paid_after_the_way_back",
    ),
    Mutant(
        "what was told late is not asked for",
        _RESTORATIONS,
        "_TOLD_LATE = timedelta(days=3)",
        "_TOLD_LATE = timedelta(0)",
        f"{_STORY}::test_what_was_paid_before_the_backup_and_told_only_after_it_is_found",
    ),
    Mutant(
        "work begins although a vendor could not be asked",
        _MONEY,
        "if not failed and code is None and",
        "if code is None and",
        f"{_STORY}::test_work_does_not_begin_while_one_of_the_vendors_cannot_be_asked",
    ),
    Mutant(
        "work begins when one of the vendors was asked",
        _MONEY,
        "if not failed and code is None and",
        "if not failed and",
        f"{_STORY}::test_work_does_not_begin_while_one_of_the_vendors_cannot_be_asked",
    ),
    Mutant(
        "a backup of before there were names is another Kikao",
        _BOOKS,
        "            installation.adopt(own_code)\n",
        "            installation.own_code()\n",
        f"{_WAY}::test_a_backup_of_older_tables_is_brought_up_to_date_and_is_still_the_same_kikao",
    ),
)
