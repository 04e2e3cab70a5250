"""What is written late: before whoever could see it, together, and not at all once it failed."""

from mutants.mutant import Mutant

_UNIT = "app/lib/tables/unit_of_work.py"
_LATE = "tests/services/core/test_unit_of_work.py"
_BOOKS = "tests/services/ledger/test_journal.py"

MUTANTS = (
    Mutant(
        "a read misses what this transaction has not written yet",
        _UNIT,
        "is_seen = bool(pending) and not pending.isdisjoint(_read_by(statement))",
        "is_seen = False",
        _LATE,
    ),
    Mutant(
        "the other side of a join is no table that is read",
        _UNIT,
        "(part.table for part in parts if isinstance(part, Column))",
        "()",
        f"{_LATE}::test_whatever_way_a_read_names_a_table_it_finds_what_is_pending_there",
    ),
    Mutant(
        "a change of many rows misses what is pending",
        _UNIT,
        "                is_seen = True\n",
        "                is_seen = False\n",
        f"{_LATE}::test_a_statement_that_changes_rows_finds_what_is_pending",
    ),
    Mutant(
        "what failed is recorded by the next transaction",
        _UNIT,
        "        self._appended = {}\n        super().rollback()\n",
        "        super().rollback()\n",
        f"{_LATE}::test_of_a_transaction_that_failed_nothing_is_recorded_not_even_by_the_next",
    ),
    Mutant(
        "a row that is read anew loses what was changed of it",
        _UNIT,
        "        self.flush()\n        super().refresh(",
        "        super().refresh(",
        f"{_LATE}::test_who_reads_a_row_anew_keeps_what_they_changed_of_it",
    ),
    Mutant(
        "movements that are posted together are checked each for itself",
        "app/services/ledger/journal.py",
        "    _check_wallets(net)\n    _check_prepaid(net)\n",
        "    for each in moved.values():\n        _check_wallets(each.net)\n    _check_prepaid(net)\n",
        f"{_BOOKS}::test_of_two_movements_at_once_a_wallet_must_cover_both",
    ),
)
