"""Tables for spreadsheets: comma-separated, and nothing in a cell that a spreadsheet would run. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

# A cell that begins like this is a formula to a spreadsheet, whoever wrote it (OWASP, CSV injection).
# The wide forms too: a spreadsheet set to Chinese or Japanese takes them for the narrow ones.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(cell: object) -> str:
    """The cell as text that stays text: one that looks like a formula begins with an apostrophe. Numbers are ours."""
    text = str(cell)
    if isinstance(cell, int | Decimal):
        return text
    return f"'{text}" if text.startswith(_DANGEROUS) or text.lstrip().startswith(_DANGEROUS) else text


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The table in UTF-8 with the mark by which spreadsheets know it; lines end as RFC 4180 says."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
