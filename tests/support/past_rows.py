"""A long past, by plain SQL: one session that was really booked, paid and held, with every row it left, so and so many times.

Each copy is an hour earlier than the one before. What it left is found by its keys, so nothing here has to know the columns
of a table, but for those that are unique.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, DateTime, Table, Uuid, text

from app.models import Base

_STRIDE = 1_000  # between the numbered rows of one copy and those of the next
_AT_ONCE = 20_000


@dataclass(frozen=True)
class _Rows:
    """The rows of one table that the session left: those whose `key` is found by `where`, and what no two have alike."""

    table: str
    where: str
    unique: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("id",)  # of numbered rows: what counts on with each copy


_MINE = "booking_id = :booking"
_OF_ATTEMPT = f"attempt_id IN (SELECT a.id FROM attempts a JOIN checkouts c ON c.id = a.checkout_id WHERE c.{_MINE})"
_LEFT = (
    _Rows("slots", "id = (SELECT slot_id FROM bookings WHERE id = :booking)"),
    _Rows("bookings", "id = :booking", ("request_key",), ("slot_id",)),
    _Rows("holds", _MINE, (), ("id", "slot_id")),
    _Rows("checkouts", _MINE, ("request_key",), ()),
    _Rows(
        "attempts",
        f"checkout_id IN (SELECT id FROM checkouts WHERE {_MINE})",
        ("reference", "provider_ref", "charge_ref", "request_key"),
        (),
    ),
    _Rows("inbox", _OF_ATTEMPT, ("event_key", "provider_ref")),
    _Rows("ledger_transactions", _MINE, ("key",)),
    _Rows(
        "ledger_entries",
        f"transaction_id IN (SELECT id FROM ledger_transactions WHERE {_MINE})",
        (),
        ("id", "transaction_id"),
    ),
    _Rows("receipts", _OF_ATTEMPT, ("number",), ("nth",)),
    _Rows("notifications", _MINE, ("dedupe_key",)),
    _Rows(
        "deliveries",
        f"notification_id IN (SELECT id FROM notifications WHERE {_MINE})",
        (),
        ("id", "notification_id"),
    ),
    _Rows("changes", _MINE),
)


def copy(connection: Connection, booking_id: str, count: int, begin: int = 1) -> None:
    """There are more sessions like this one, each with all its rows: the copies from `begin` to `count`."""
    is_postgres = connection.dialect.name == "postgresql"
    booking = booking_id if is_postgres else booking_id.replace("-", "")
    for rows in _LEFT:
        statement = text(_copying(Base.metadata.tables[rows.table], rows, is_postgres=is_postgres))
        for first in range(begin, count + 1, _AT_ONCE):
            last = min(count, first + _AT_ONCE - 1)
            connection.execute(statement, {"booking": booking, "first": first, "last": last})
    _count_on(connection, is_postgres=is_postgres)


def _copying(table: Table, rows: _Rows, *, is_postgres: bool) -> str:
    names = [f'"{column.name}"' for column in table.columns]
    values = [_value(column.name, column.type, rows, is_postgres=is_postgres) for column in table.columns]
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
    picked = f"SELECT * FROM {table.name} WHERE {rows.where}"
    into = f"INSERT INTO {table.name} ({', '.join(names)})"
    select = f"SELECT {', '.join(values)} FROM ({picked}) AS t, numbers"
    return f"{into} {numbers} {select}"


def _value(name: str, kind: object, rows: _Rows, *, is_postgres: bool) -> str:
    column = f't."{name}"'
    if name in rows.unique:
        end = "right(CAST(t.id AS text), 8)" if is_postgres else "substr(CAST(t.id AS text), -8)"
        return f"CASE WHEN {column} IS NOT NULL THEN 'P' || n || '-' || {end} END"
    if isinstance(kind, Uuid):
        return _scattered(column, is_postgres=is_postgres)
    if name in rows.keys:
        return f"{column} + {_STRIDE} + n" if name == "nth" else f"{column} + n * {_STRIDE}"
    if isinstance(getattr(kind, "impl", kind), DateTime):
        earlier = f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-' || n || ' hours')"
        return f"{column} - n * interval '1 hour'" if is_postgres else earlier
    return column


def _scattered(column: str, *, is_postgres: bool) -> str:
    """An id that begins anyhow, as real ones do: found by nothing that lies beside it."""
    begin = "n * 2654435761 % 4294967296"
    if is_postgres:
        return f"(lpad(to_hex({begin}), 8, '0') || substr(replace({column}::text, '-', ''), 9))::uuid"
    return f"printf('%08x', {begin}) || substr({column}, 9)"


def _count_on(connection: Connection, *, is_postgres: bool) -> None:
    """What comes next is numbered after the copies, and the planner knows how many there are."""
    numbered: Sequence[str] = [rows.table for rows in _LEFT if "id" in rows.keys]
    for table in numbered if is_postgres else ():
        highest = f"(SELECT max(id) FROM {table})"
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})"))
    series = "UPDATE receipt_series SET last = (SELECT max(nth) FROM receipts WHERE series = receipt_series.code)"
    connection.execute(text(f"{series} WHERE EXISTS (SELECT 1 FROM receipts WHERE series = receipt_series.code)"))
