"""The organisation statement of the shortcode, as M-Pesa's portal gives it: all that moved on its account, also others' money.

Newest first, below a head with the balances; each payment's fee is a line of its own under the same receipt.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sandbox.core.clock import nairobi, new_id, now
from sandbox.core.context import Sandbox
from sandbox.core.store import Doc

KIND = "mpesa_line"
HEADS = (
    "Receipt No.",
    "Completion Time",
    "Initiation Time",
    "Details",
    "Transaction Status",
    "Paid In",
    "Withdrawn",
    "Balance",
    "Balance Confirmed",
    "Reason Type",
    "Other Party Info",
    "Linked Transaction ID",
    "A/C No.",
    "Currency",
)
_TIME = "%d-%m-%Y %H:%M:%S"
_FEE = 55  # in ten thousand


@dataclass(frozen=True)
class Line:
    """What moved: cents, less than nothing where it went out."""

    receipt: str
    amount: int
    details: str
    reason: str
    party: str = ""
    linked: str = ""
    account: str = ""
    status: str = "Completed"


def enter(sandbox: Sandbox, line: Line) -> None:
    """The line is in every statement of this moment; inside a change of the store."""
    sandbox.store.put(KIND, new_id("", 20), {"at": int(now()), **asdict(line)})


def enter_payment(sandbox: Sandbox, receipt: str, shillings: int, phone: str, account: str, reason: str) -> None:
    """A payer's money and its fee are in the statement."""
    party = _party(phone)
    details = f"Pay Bill Online from {party} Acc. {account}"
    enter(sandbox, Line(receipt, shillings * 100, details, reason, party, account=account))
    enter(sandbox, Line(receipt, -_fee(shillings), "Pay Bill Charge", reason, "Charges Paid Account"))


def enter_reversal(sandbox: Sandbox, receipt: str, shillings: int, phone: str, linked: str) -> None:
    """Money that went back to a payer is in the statement, and the fee that came back with it."""
    party = _party(phone)
    enter(sandbox, Line(receipt, -shillings * 100, "Pay Bill Reversal", "Transaction Reversal", party, linked))
    enter(sandbox, Line(receipt, _fee(shillings), "Pay Bill Charge Reversal", "Transaction Reversal", linked=linked))


def begun(sandbox: Sandbox) -> int:
    """When the first thing moved on the account; a day ago where nothing has."""
    return min((line["at"] for line in sandbox.store.all(KIND)), default=int(now()) - 86_400)


def statement(sandbox: Sandbox, since: float, until: float) -> str:
    """The statement of a stretch of time (seconds since 1970), as a file's text."""
    known = sandbox.store.all(KIND)[::-1]
    opening = sum(_moved(line) for line in known if line["at"] < since)
    inside = [line for line in known if int(since) <= line["at"] <= until]
    return written(inside, opening, sandbox.credentials.mpesa_shortcode, since, until)


def written(lines: Iterable[Doc], opening: int, shortcode: str, since: float, until: float) -> str:
    """Lines, oldest first, as the portal writes them."""
    balance = opening
    rows = []
    for line in lines:
        balance += _moved(line)
        rows.append(_row(line, balance))
    head = [
        ["Account Holder:", "Kikao Sandbox"],
        ["Short Code:", shortcode],
        ["Account:", "Utility Account"],
        ["Time Period:", "From", nairobi(since, _TIME), "To", nairobi(until, _TIME)],
        ["Operator:", "sandbox", "Organization:", "Kikao Sandbox", "Date of Report:", nairobi(now(), _TIME)],
        ["Opening Balance:", _money(opening), "Closing Balance:", _money(balance), "Available Balance:", ""],
    ]
    text = io.StringIO()
    csv.writer(text).writerows([*([*each, *[""] * (len(HEADS) - len(each))] for each in head), HEADS, *rows[::-1]])
    return text.getvalue()


def _row(line: Doc, balance: int) -> list[str]:
    paid_in = _money(line["amount"]) if line["amount"] > 0 else ""
    withdrawn = _money(line["amount"]) if line["amount"] < 0 else ""
    at = nairobi(line["at"], _TIME)
    moved = [line["receipt"], at, at, line["details"], line["status"], paid_in, withdrawn, _money(balance), "true"]
    return [*moved, line["reason"], line["party"], line["linked"], line["account"], "KES"]


def _moved(line: Doc) -> int:
    return int(line["amount"]) if line["status"] == "Completed" else 0


def _party(phone: str) -> str:
    # People may be called like a kind of line.
    return f"{phone[:4]}****{phone[-3:]} - SANDBOX **** CHARGER"


def _fee(shillings: int) -> int:
    return shillings * 100 * _FEE // 10_000


def _money(amount: int) -> str:
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole:,}.{part:02}"
