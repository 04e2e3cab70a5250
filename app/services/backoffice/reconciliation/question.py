"""What an audit question is, and the SQL that several of them share; the questions are in the districts' `*_invariants`.

Their statements run on both engines. Bound: :now. The first column of an answer names the row; a second, where there is
one, says what is wrong with it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One invariant: `sentence` holds, unless `sql` finds rows."""

    code: str
    sentence: str
    sql: str


def plain(column: str) -> str:
    # SQLite keeps an id without dashes, PostgreSQL shows it with them.
    return f"replace(CAST({column} AS VARCHAR(40)), '-', '')"


def at(account: str) -> str:
    return f"""
        (SELECT {plain("owner")} AS owner, currency, sum(amount) AS held FROM ledger_entries
          WHERE account = '{account}' GROUP BY owner, currency)"""


def kept(whose: str, *accounts: str) -> str:
    """What these accounts have of the money of the transactions `t` that are `whose`."""
    named = ", ".join(f"'{account}'" for account in accounts)
    return f"""
        (SELECT CAST(coalesce(sum(e.amount), 0) AS BIGINT)
           FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
          WHERE {whose} AND e.account IN ({named}))"""
