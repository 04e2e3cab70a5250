"""One line of M-Pesa's organisation statement: what moved, when, for which account, and the news in it.

Nothing here keeps who paid: names and numbers are in columns that are not read. Times are Nairobi's, amounts shillings with
cents and thousands' commas; what went out has a minus in most statements and none in some. Seen in published imports of
real statements: a payment's fee is a line of its own under the same receipt, what was reversed names its receipt as linked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.money import Money
from app.gateways.events import GatewayEvent, Listed
from app.gateways.facts import Confirmed, Refunded
from app.gateways.mpesa.mpesa_facts import NAIROBI
from app.gateways.mpesa.mpesa_receipts import read_account
from app.gateways.statements import STATEMENT, StatementFault, StatementRefused

RECEIPT = "Receipt No."
COLUMNS = (
    RECEIPT,
    "Completion Time",
    "Details",
    "Transaction Status",
    "Paid In",
    "Withdrawn",
    "Balance",
    "Linked Transaction ID",
    "A/C No.",
)

_RECEIPT = re.compile(r"[A-Z0-9]{8,20}")
_AMOUNT = re.compile(r"(-?)(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2}))?", re.ASCII)
# 04-01-2026 17:16:40 in the portal's own files, the other way round where a program has passed them on.
_TIME = re.compile(r"(?:(\d\d)-(\d\d)-(\d{4})|(\d{4})-(\d\d)-(\d\d)) (\d\d):(\d\d):(\d\d)", re.ASCII)
# In the details of what M-Pesa takes for a payment or a reversal, before they name a person or an account: those may be called so.
_FEE = re.compile(r"(?:(?! from | to | by | acc)\D)*charge", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that moved money. Amounts are cents; `delta` is what the balance gained by it, `balance` what it was after."""

    number: int
    receipt: str
    at: datetime
    delta: int
    balance: int
    is_fee: bool
    linked: str
    account: str


def read_line(number: int, row: Sequence[str], at: Mapping[str, int]) -> Line | None:
    """The line, by the places of its columns; None where nothing moved. Raises StatementRefused with what cannot be read."""
    if len(row) <= max(at.values()):
        raise StatementRefused([StatementFault("statement_line_cut", number)])
    cells = {name: row[place].strip() for name, place in at.items()}
    if cells["Transaction Status"].lower() != "completed":
        return None
    if cells.get("Currency", "KES") != "KES":
        raise _unreadable(number, "Currency")
    return Line(
        number=number,
        receipt=_receipt(number, cells),
        at=_time(number, cells),
        delta=_delta(number, cells),
        balance=_cents(number, cells, "Balance"),
        is_fee=_FEE.match(cells["Details"]) is not None,
        linked=cells["Linked Transaction ID"].upper(),
        account=read_account(cells["A/C No."]),
    )


def news(line: Line) -> Listed | None:
    """The charge or return that the line tells of; None for fees, settlements and everything else."""
    if line.is_fee or not line.delta:
        return None
    money = Money(abs(line.delta), "KES")
    key = f"{STATEMENT}:{line.receipt}:{money.amount}"
    if line.delta > 0 and not line.linked:
        fact = Confirmed(money, line.receipt, verified=False, taken_at=line.at)
        return Listed(GatewayEvent(key, STATEMENT, fact, line.account or None), line.at)
    if line.delta < 0 and line.linked:
        back = Refunded(money, refund_ref=line.receipt, charge_ref=line.linked)
        return Listed(GatewayEvent(f"{key}:back", STATEMENT, back), line.at)
    return None


def cents(text: str) -> int:
    """1,234.50 as 123450. Raises ValueError."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError("not an amount")
    sign, whole, part = found.groups()
    amount = int(whole.replace(",", "")) * 100 + int((part or "0").ljust(2, "0"))
    return -amount if sign else amount


def times(text: str) -> list[datetime]:
    """Every moment that the text names, in UTC. Raises ValueError for one that never was."""
    return [_moment(match) for match in _TIME.finditer(text)]


def _moment(match: re.Match[str]) -> datetime:
    day, month, year, *turned, hour, minute, second = match.groups()
    if day is None:
        year, month, day = turned
    date = (int(year), int(month), int(day))
    return datetime(*date, int(hour), int(minute), int(second), tzinfo=NAIROBI).astimezone(UTC)


def _receipt(number: int, cells: Mapping[str, str]) -> str:
    receipt = cells[RECEIPT].upper()
    if not _RECEIPT.fullmatch(receipt):
        raise _unreadable(number, RECEIPT)
    return receipt


def _time(number: int, cells: Mapping[str, str]) -> datetime:
    try:
        [at] = times(cells["Completion Time"])
    except ValueError:
        raise _unreadable(number, "Completion Time") from None
    return at


def _delta(number: int, cells: Mapping[str, str]) -> int:
    paid_in = _cents(number, cells, "Paid In")
    if paid_in < 0:
        raise _unreadable(number, "Paid In")
    return paid_in - abs(_cents(number, cells, "Withdrawn"))


def _cents(number: int, cells: Mapping[str, str], column: str) -> int:
    try:
        return cents(cells[column] or "0")
    except ValueError:
        raise _unreadable(number, column) from None


def _unreadable(number: int, column: str) -> StatementRefused:
    return StatementRefused([StatementFault("statement_line", number, column)])
