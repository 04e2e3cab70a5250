"""M-Pesa's organisation statement, as its portal (org.ke.m-pesa.com) lets one download it: read whole, or refused whole.

CSV, or a ZIP with one. Labels stand first (Short Code, Account, Time Period, Opening and Closing Balance), then a line of
column heads, then what moved, newest first as a rule. It is read line by line, so any length takes the same memory. Nobody
signs it: that it is whole is known by its balances, which must follow from one another from the opening to the closing one.
"""

import csv
import errno
import io
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import IO, BinaryIO

from app.gateways.events import Listed
from app.gateways.mpesa import mpesa_lines
from app.gateways.mpesa.mpesa_balances import unfollowed
from app.gateways.mpesa.mpesa_lines import Line
from app.gateways.statements import Statement, StatementFault, StatementRefused
from app.lib import clock

UNPACKED = 300 * 1024 * 1024  # bytes of what a ZIP may hold: a million lines
LINES = 2_000_000  # empty ones too: a small ZIP of nothing else kept a thread at work for minutes
SAID = 20  # faults are enough to see what is wrong

_BEGAN = datetime(2007, 3, 6, tzinfo=UTC)  # M-Pesa itself: a program that asks for everything names an earlier day
_HEAD = 40  # rows among which the column heads must stand
_WIDTH = 4_000  # characters of a line; real ones have some hundred
# Where customers' payments come in: of a pay bill, of a till. Other accounts of a shortcode hold what was moved on.
_ACCOUNTS = ("utility account", "merchant account")
# With a password a RuntimeError, and a ValueError where it sends its reader before the beginning; the library raises
# NotImplementedError for a ZIP of a version or encryption that it does not know.
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what every portal packs with
_LOOSE = ("statement_cut", "statement_balance")
_Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Head:
    """What a statement says of itself: whose it is, of when (UTC), its balances in cents, and where its columns stand."""

    shortcode: str
    account: str
    since: datetime
    until: datetime
    opening: int
    closing: int
    columns: dict[str, int]


def read(file: BinaryIO, shortcodes: Collection[str], most: int | None = None) -> Statement:
    """The statement of one of our shortcodes, of at most so many lines, every one of them checked.

    Raises StatementRefused with all that is wrong.
    """
    found = _Lines(file, most)
    head = found.head
    faults = _of_head(head, shortcodes)
    loose = list(unfollowed(iter(found), head.opening, head.closing))
    # A line that cannot be read breaks the chain too: that need not be said of its neighbour.
    faults += found.faults or [StatementFault(_LOOSE[line > 0], line) for line in loose]
    if faults:
        raise StatementRefused(faults[:SAID])
    begins = head.since if head.since >= _BEGAN else found.first
    return Statement(head.shortcode, head.since, head.until, begins, found.count, partial(_listed, file))


def _listed(file: BinaryIO) -> Iterator[Listed]:
    told = (mpesa_lines.news(line) for line in _Lines(file))
    return (each for each in told if each is not None)


def _of_head(head: Head, shortcodes: Collection[str]) -> list[StatementFault]:
    wrong = {
        "statement_account": head.shortcode not in shortcodes,
        "statement_other_account": head.account.lower() not in _ACCOUNTS,
        "statement_future": head.until > clock.now(),
    }
    return [StatementFault(code) for code, is_so in wrong.items() if is_so]


class _Lines:
    """The lines of a file as they are read: how many there were so far, the earliest, and what was wrong with them."""

    def __init__(self, file: BinaryIO, most: int | None = None) -> None:
        self.count = 0
        self._most = most
        self.first: datetime | None = None
        self.faults: list[StatementFault] = []
        self._rows = _rows(file, most)
        self.head = _head(self._rows)

    def __iter__(self) -> Iterator[Line]:
        try:
            for number, row in self._rows:
                self.count += 1
                if self._most is not None and self.count > self._most:
                    raise StatementRefused([StatementFault("statement_long", number)])
                line = self._line(number, row)
                if line is not None:
                    yield line
        except StatementRefused as refused:  # what follows cannot be told from it
            self.faults += refused.faults

    def _line(self, number: int, row: list[str]) -> Line | None:
        try:
            line = mpesa_lines.read_line(number, row, self.head.columns)
        except StatementRefused as refused:
            self._add(refused.faults[0])
            return None
        if line is not None:
            self.first = min(self.first or line.at, line.at)
            if not self.head.since <= line.at <= self.head.until:
                self._add(StatementFault("statement_outside", number))
        return line

    def _add(self, fault: StatementFault) -> None:
        if len(self.faults) < SAID:
            self.faults.append(fault)


def _head(rows: Iterator[_Row]) -> Head:
    said: dict[str, str] = {}
    period = ""
    for _, row in islice(rows, _HEAD):
        cells = [cell.strip() for cell in row]
        if cells[0] == mpesa_lines.RECEIPT:
            return _checked_head(said, period, cells)
        labels = [cell.rstrip(": ").lower() for cell in cells]
        said |= zip(labels, cells[1:], strict=False)
        period = " ".join(cells) if labels[0] == "time period" else period
    raise StatementRefused([StatementFault("statement_format")])


def _checked_head(said: dict[str, str], period: str, cells: list[str]) -> Head:
    read = {*mpesa_lines.COLUMNS, "Currency"}
    columns = {name: place for place, name in enumerate(cells) if name in read}
    try:
        since, until = mpesa_lines.times(period)
        opening = mpesa_lines.cents(said["opening balance"])
        closing = mpesa_lines.cents(said["closing balance"])
        head = Head(said["short code"], said["account"], since, until, opening, closing, columns)
    except (KeyError, ValueError):
        raise StatementRefused([StatementFault("statement_format")]) from None
    if since > until or not columns.keys() >= set(mpesa_lines.COLUMNS):
        raise StatementRefused([StatementFault("statement_format")])
    return head


# ------------------------------------------------------------------------------------------------ the file


def _rows(file: BinaryIO, most: int | None) -> Iterator[_Row]:
    """Each row that is not empty, with the number of its line."""
    fault = "statement_format" if most is None else "statement_long"
    last = LINES if most is None else most * 2  # with empty ones
    with _plain(file) as plain:
        # Only what is ASCII is read of it: names in another encoding do no harm.
        text = io.TextIOWrapper(plain, encoding="utf-8-sig", errors="replace", newline="")
        reader = csv.reader(iter(partial(text.readline, _WIDTH), ""), strict=True)
        try:
            for row in reader:
                if reader.line_num > last:
                    raise StatementRefused([StatementFault(fault, reader.line_num)])
                if any(row):
                    yield reader.line_num, row
        except csv.Error:  # a quotation that is never closed: the file ends in the middle of it
            raise StatementRefused([StatementFault("statement_line_cut", reader.line_num)]) from None
        finally:
            if not plain.closed:  # which it is where whoever read stopped half way and has gone
                text.detach()


@contextmanager
def _plain(file: BinaryIO) -> Iterator[IO[bytes]]:
    """The CSV itself, from its beginning; the file stays open."""
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as packed, packed.open(_only_csv(packed)) as plain:
                yield plain
        else:
            file.seek(0)
            yield file
    except _BAD_ZIP:
        raise StatementRefused([StatementFault("statement_format")]) from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise  # of the disk, and not of the file
        raise StatementRefused([StatementFault("statement_format")]) from None


def _only_csv(packed: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in packed.infolist() if not member.is_dir()]
    if len(members) == 1 and _is_statement(members[0]):
        return members[0]
    raise StatementRefused([StatementFault("statement_format")])


def _is_statement(member: zipfile.ZipInfo) -> bool:
    is_small = member.file_size <= UNPACKED
    return is_small and member.compress_type in _PACKED and member.filename.lower().endswith(".csv")
